using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Core.Objects;

/// <summary>What became of an upload's version, as its row tells: <c>forbidden</c>, or <c>committed</c> and its sequence.</summary>
/// <param name="IsForbidden">Whether it may never be committed.</param>
/// <param name="Sequence">The sequence with which it was committed; null for the null version.</param>
internal readonly record struct Settlement(bool IsForbidden, long? Sequence)
{
    /// <summary>The row of a version that may never be committed.</summary>
    public static ReadOnlyMemory<byte> Forbidden { get; } = "forbidden"u8.ToArray();

    private static ReadOnlySpan<byte> Committed => "committed"u8;

    public static ReadOnlyMemory<byte> Write(ObjectVersion version) => version.IsNull
        ? Committed.ToArray()
        : Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"committed {version.Sequence}"));

    public static Settlement Read(ReadOnlySpan<byte> row) =>
        row.SequenceEqual(Forbidden.Span) ? new(true, null)
        : row.Length > Committed.Length && Utf8Parser.TryParse(row[(Committed.Length + 1)..], out long sequence, out _) ? new(false, sequence)
        : new(false, null);

    public ObjectVersion As(ObjectVersion version) => version with { Sequence = Sequence ?? version.Sequence, IsNull = Sequence is null };
}
