using System.Runtime.CompilerServices;

namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>What is there, directory by directory: only the names of one are in memory.</summary>
public sealed partial class DiskLocation : IInventory
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<InventoryEntry> Inventory(string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        var bytes = Path.Combine(root, "bytes");
        foreach (var upper in Names(new DirectoryInfo(bytes)))
        {
            foreach (var lower in Names(new DirectoryInfo(Path.Combine(bytes, upper))))
            {
                var directory = $"{upper}/{lower}/";
                if (after is not null && string.CompareOrdinal(directory, after) < 0 && !after.StartsWith(directory, StringComparison.Ordinal)) continue;
                ct.ThrowIfCancellationRequested();
                foreach (var file in await Task.Run(() => Files(Path.Combine(bytes, upper, lower)), ct))
                {
                    var position = directory + file.Name;
                    if (after is not null && string.CompareOrdinal(position, after) <= 0) continue;
                    yield return new(new(name, file.Name.Replace('~', '/'), file.Length), file.Modified, position);
                }
            }
        }
    }

    private static IEnumerable<string> Names(DirectoryInfo directory) =>
        directory.Exists ? directory.EnumerateDirectories().Select(found => found.Name).Order(StringComparer.Ordinal) : [];

    private static List<(string Name, long Length, DateTimeOffset Modified)> Files(string path)
    {
        var directory = new DirectoryInfo(path);
        return directory.Exists
            ? [.. directory.EnumerateFiles().Select(file => (file.Name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc))).OrderBy(file => file.Name, StringComparer.Ordinal)]
            : [];
    }
}
