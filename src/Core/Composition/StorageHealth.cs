using System.Diagnostics.CodeAnalysis;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Composition;

/// <summary>Whether locations answer. Asked often, each is asked every <see cref="Age"/>: nothing is written, one name is looked for that nothing has.</summary>
/// <param name="locations">The locations.</param>
/// <param name="clock">The time.</param>
public sealed class StorageHealth(LocationCatalog locations, TimeProvider clock) : IDisposable
{
    /// <summary>How old an answer may be.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(10);

    private const string Nothing = "health/nothing";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim turn = new(1);
    private readonly Dictionary<string, (LocationHealth Health, long At)> known = new(StringComparer.Ordinal);

    /// <summary>Whether the default location answers.</summary>
    public async ValueTask<bool> HasDefault(CancellationToken ct) => (await Check([locations.DefaultName], ct))[0].Answers;

    /// <summary>Every location, in the order of their names.</summary>
    public async ValueTask<IReadOnlyList<LocationHealth>> CheckAll(CancellationToken ct) =>
        await Check([.. (await locations.Names(ct)).Order(StringComparer.Ordinal)], ct);

    private async ValueTask<IReadOnlyList<LocationHealth>> Check(IReadOnlyList<string> names, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            var now = clock.GetTimestamp();
            var asked = names.Where(name => !known.TryGetValue(name, out var last) || clock.GetElapsedTime(last.At, now) >= Age).ToList();
            var found = await Task.WhenAll(asked.Select(name => Ask(name, ct)));
            // Who asks no more has not found a location away.
            ct.ThrowIfCancellationRequested();
            foreach (var health in found) known[health.Name] = (health, now);
            return [.. names.Select(name => known[name].Health)];
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    [SuppressMessage("Design", "CA1031", Justification = "However a location fails to answer, it is that which is asked for.")]
    private async Task<LocationHealth> Ask(string name, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        var start = clock.GetTimestamp();
        try
        {
            var location = await locations.Find(name, either.Token);
            if (location is not null) await using (await location.Open(new(name, Nothing, 1), ByteRange.All(1), either.Token)) { }
            return new(name, location is not null, clock.GetElapsedTime(start));
        }
        catch (Exception)
        {
            return new(name, Answers: false, clock.GetElapsedTime(start));
        }
    }
}

/// <summary>How a location was found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Answers">Whether it answered within five seconds.</param>
/// <param name="Took">How long that took.</param>
public sealed record LocationHealth(string Name, bool Answers, TimeSpan Took);
