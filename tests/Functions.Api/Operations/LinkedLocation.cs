using System.IO.Pipelines;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>A location with links, though nobody serves them, and with copies of its own.</summary>
internal sealed class LinkedLocation(ILocation inner) : ILocation, ILinks, ICopies
{
    /// <summary>Whether there are links to be had.</summary>
    public bool HasLinks { get; set; } = true;

    /// <summary>What was linked to last.</summary>
    public (Stored At, LinkHeaders Headers, TimeSpan Life) Last { get; private set; }

    /// <summary>How many copies it made.</summary>
    public int Copies { get; private set; }

    public LocationTraits Traits => inner.Traits;

    public ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct) => inner.Put(plan, body, ct);

    public ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct) => inner.Open(at, range, ct);

    public ValueTask Delete(Stored at, CancellationToken ct) => inner.Delete(at, ct);

    public async ValueTask<Stored?> Copy(Stored source, string name, CancellationToken ct)
    {
        Copies++;
        if (inner is ICopies copies) return await copies.Copy(source, name, ct);
        await using var body = await inner.Open(source, ByteRange.All(source.Length), ct);
        if (body is null) return null;
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await body.CopyTo(pipe.Writer, ct);
        await pipe.Writer.CompleteAsync();
        return await inner.Put(new(name, source.Length), pipe.Reader, ct);
    }

    public ValueTask<Uri?> Link(Stored at, LinkHeaders headers, TimeSpan life, CancellationToken ct)
    {
        if (!HasLinks) return new((Uri?)null);
        Last = (at, headers, life);
        return new(new Uri($"https://bytes.example/{at.Name}?sig=a%2Fb"));
    }
}
