namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>
/// Takes a second name for each of a location's bodies, in a directory beside it: a link where the file system has such, else a copy.
/// Bodies never change once they are named, so that both say the same for ever, and each is removed by itself.
/// </summary>
/// <param name="root">The location's directory; a server may be using it.</param>
/// <param name="target">The other directory.</param>
public sealed class DiskBackup(string root, string target)
{
    private const string Bytes = "bytes";

    private readonly DiskCalls calls = new();

    /// <summary>Bodies that were taken so far.</summary>
    public long Bodies { get; private set; }

    /// <summary>Of these, how many had to be copied.</summary>
    public long Copied { get; private set; }

    /// <summary>Takes those that were not taken yet. When it returns, they are durable.</summary>
    /// <param name="progress">Is told after each directory.</param>
    /// <param name="ct">Ends it between two bodies.</param>
    public void Take(Action progress, CancellationToken ct)
    {
        var from = new DirectoryInfo(Path.Combine(root, Bytes));
        if (!from.Exists) return;
        foreach (var directory in from.EnumerateDirectories("*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(target, Bytes, Path.GetRelativePath(from.FullName, directory.FullName));
            Directory.CreateDirectory(to);
            var before = Bodies;
            foreach (var file in directory.EnumerateFiles())
            {
                ct.ThrowIfCancellationRequested();
                if (Take(file.FullName, Path.Combine(to, file.Name))) Bodies++;
            }
            if (Bodies > before) calls.FlushDirectory(to);
            progress();
        }
    }

    private bool Take(string body, string copy)
    {
        if (File.Exists(copy)) return false;
        try
        {
            if (calls.Link(body, copy)) return true;
            var unfinished = copy + ".part";
            File.Copy(body, unfinished, overwrite: true);
            using (var handle = File.OpenHandle(unfinished, FileMode.Open, FileAccess.ReadWrite)) calls.Flush(handle);
            File.Move(unfinished, copy);
            Copied++;
            return true;
        }
        catch (FileNotFoundException)
        {
            // Removed since the directory was read: what was replaced long ago.
            return false;
        }
    }
}
