using System.Runtime.CompilerServices;
using System.Text;

namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>Listings: the entries of one directory after the other, each directory's in the order of its keys.</summary>
public sealed partial class DiskSite
{
    /// <inheritdoc/>
    /// <remarks>The names of a directory, and of those above it, are in memory while it is listed.</remarks>
    public async IAsyncEnumerable<Replica> List(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var (begin, behind) = (Encoding.UTF8.GetBytes(prefix), after is null ? null : Encoding.UTF8.GetBytes(after));
        var open = new Stack<Queue<Entry>>();
        open.Push(await Told("The replicas could not be listed", () => Entries(files, [], begin, behind), ct));
        while (open.TryPeek(out var entries))
        {
            if (!entries.TryDequeue(out var entry))
            {
                open.Pop();
                continue;
            }
            if (entry.IsDirectory)
            {
                open.Push(await Told("The replicas could not be listed", () => Entries(entry.Path, entry.Key, begin, behind), ct));
                continue;
            }
            // It may be gone, or have become another, since the directory was read.
            var key = Encoding.UTF8.GetString(entry.Key);
            if (DiskNames.Of(key) is { } names && await Told($"{key} could not be looked at", () => Look(key, names), ct) is { } found) yield return found.AsReplica();
        }
    }

    private static Queue<Entry> Entries(string directory, byte[] above, byte[] prefix, byte[]? after)
    {
        List<Entry> entries = [];
        try
        {
            foreach (var found in new DirectoryInfo(directory).EnumerateFileSystemInfos())
            {
                // A link of somebody's may lead in a circle.
                if (found.Attributes.HasFlag(FileAttributes.ReparsePoint)) continue;
                var isDirectory = found is DirectoryInfo;
                if (DiskNames.Parse(found.Name, isDirectory) is not { } part) continue;
                byte[] key = [.. above, .. part];
                if (!key.AsSpan().StartsWith(prefix) && !(isDirectory && prefix.AsSpan().StartsWith(key))) continue;
                // All keys in a directory begin with its own.
                if (after is not null && key.AsSpan().SequenceCompareTo(after) <= 0 && !(isDirectory && after.AsSpan().StartsWith(key))) continue;
                entries.Add(new(key, found.FullName, isDirectory));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // It lost its last file meanwhile.
        }
        entries.Sort((a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        return new(entries);
    }

    private readonly record struct Entry(byte[] Key, string Path, bool IsDirectory);
}
