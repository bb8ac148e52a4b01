using System.Runtime.CompilerServices;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The keys of a bucket that have a version, be it a delete marker, in the order of their UTF-8 bytes.</summary>
internal sealed class SourceKeys(ITable table, Bucket bucket)
{
    /// <summary>Those behind a key; null for all.</summary>
    public async IAsyncEnumerable<string> After(string? key, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var objects = Kind(Rows.Current, key, ct);
        await using var markers = Kind(Rows.Marker, key, ct);
        var (hasObject, hasMarker) = (await objects.MoveNextAsync(), await markers.MoveNextAsync());
        while (hasObject || hasMarker)
        {
            var order = !hasMarker ? -1 : !hasObject ? 1 : Utf8Order.Compare(objects.Current.Name, markers.Current.Name);
            yield return order <= 0 ? objects.Current.Name : markers.Current.Name;
            if (order <= 0) hasObject = await objects.MoveNextAsync();
            if (order >= 0) hasMarker = await markers.MoveNextAsync();
        }
    }

    private IAsyncEnumerator<KeyWalk.Step> Kind(char kind, string? after, CancellationToken ct)
    {
        var space = Rows.ObjectSpace(bucket);
        return KeyWalk.Walk(table, space, kind, "", null, KeyWalk.Behind(space, kind, "", null, after), null, null, ct).GetAsyncEnumerator(ct);
    }
}
