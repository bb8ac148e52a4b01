using System.Text;

namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>A row's key as the file holds it: partition, zero byte, row name, in UTF-8.</summary>
internal static class RowKey
{
    /// <summary>The key's bytes.</summary>
    public static byte[] Encode(string partition, string row)
    {
        var head = Encoding.UTF8.GetByteCount(partition);
        var key = new byte[head + 1 + Encoding.UTF8.GetByteCount(row)];
        Encoding.UTF8.GetBytes(partition, key);
        Encoding.UTF8.GetBytes(row, key.AsSpan(head + 1));
        return key;
    }

    /// <inheritdoc cref="Encode(string, string)"/>
    public static byte[] Encode(TableKey key) => Encode(key.Partition, key.Row);

    /// <summary>Reads it back, the zero byte having been found.</summary>
    public static TableKey Decode(ReadOnlySpan<byte> key, int zero) =>
        new(Encoding.UTF8.GetString(key[..zero]), Encoding.UTF8.GetString(key[(zero + 1)..]));

    /// <summary>The first key after this one: nothing stands between a key and the key with a zero byte behind it.</summary>
    public static byte[] After(ReadOnlySpan<byte> key) => [.. key, 0];

    /// <summary>The row whose <see cref="After"/> it is.</summary>
    public static TableKey Before(ReadOnlySpan<byte> after) => Decode(after[..^1], after.IndexOf((byte)0));

    /// <summary>The first key of any partition after this one; names hold no control characters.</summary>
    public static byte[] NextPartition(ReadOnlySpan<byte> partition) => [.. partition, 1];

    /// <summary>The first key in this partition whose row name starts with the prefix.</summary>
    public static byte[] InPartition(ReadOnlySpan<byte> partition, ReadOnlySpan<byte> prefix) => [.. partition, 0, .. prefix];
}
