namespace ZenkoFunctions.Core.Locations.Configured;

/// <summary>How they are tried out: as they are, or as they would be.</summary>
public sealed partial class ConfiguredLocations
{
    /// <summary>Tries an added location out as it is configured now; null where there is none of that name.</summary>
    public async ValueTask<LocationCheckReport?> Check(string name, CancellationToken ct)
    {
        if (!(await Read(ct)).Entries.TryGetValue(name, out var entry)) return null;
        try
        {
            return await LocationCheck.Run(entry.Config, entry.Opened.Get(), clock, ct);
        }
        catch (LocationUnavailableException e)
        {
            return NotOpened(name, e.Message);
        }
    }

    /// <summary>
    /// Tries a configuration out that is not kept, or not yet; nothing is stored. Of a location that there is the secret is used where
    /// none is given. Refuses with <see cref="Refusal.InvalidRequest"/> what could not be kept either.
    /// </summary>
    /// <param name="config">All of it, as it would be.</param>
    /// <param name="secret">The secret key; null for that of the location of this name, if there is one.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<LocationCheckReport>> Try(LocationConfig config, string? secret, CancellationToken ct)
    {
        config = LocationRules.Tidied(config) with { IsBuiltin = false };
        if (builtIn.Any(each => each.Name == config.Name)) return Refusal.InvalidRequest.Because($"The location '{config.Name}' is part of the installation and has no settings to be tried.");
        var whole = secret ?? (await Stored(config.Name, ct) is ({ Secret: { } kept }, _) ? Opened(config, kept) : null);
        if (LocationRules.Wrong(config, whole, consistency.IsShared) is { } wrong) return Refusal.InvalidRequest.Because(wrong);
        // A directory, say, cannot be opened twice.
        if (secret is null && (await Read(ct)).Entries.TryGetValue(config.Name, out var entry) && entry.Config.LocationType == config.LocationType
            && entry.Config.Details == Told(config, whole is not null).Details && await Check(config.Name, ct) is { } same) return same;
        try
        {
            var place = open(config, whole);
            using (place as IDisposable) return await LocationCheck.Run(config, place, clock, ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            return NotOpened(config.Name, e.Message);
        }
    }

    private static LocationCheckReport NotOpened(string name, string why) => new(name, false, [new("open", false, why, 0)]);
}
