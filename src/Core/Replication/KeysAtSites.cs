namespace ZenkoFunctions.Core.Replication;

/// <summary>The keys that this process is copying to some site: each one at a time.</summary>
internal sealed class KeysAtSites
{
    private readonly HashSet<(string Site, string Space, string Key)> taken = [];

    /// <summary>Takes the turn; null where it is taken. To be disposed.</summary>
    public IDisposable? Take(string site, string space, string key)
    {
        lock (taken) return taken.Add((site, space, key)) ? new Turn(this, (site, space, key)) : null;
    }

    private sealed class Turn(KeysAtSites owner, (string, string, string) of) : IDisposable
    {
        public void Dispose()
        {
            lock (owner.taken) owner.taken.Remove(of);
        }
    }
}
