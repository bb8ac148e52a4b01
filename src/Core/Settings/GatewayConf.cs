namespace ZenkoFunctions.Core.Settings;

/// <summary>
/// The names by which ostor's gateway is told to collect statistics, in its file <c>gw.conf</c> (lines NAME=VALUE) or in the environment,
/// and the live settings that they start.
/// </summary>
public static class GatewayConf
{
    private static readonly (string Name, LiveSetting Setting)[] Table =
    [
        // Older manuals have this name of the switch, newer ones the next.
        ("S3_GW_USAGE_BUCKET", LiveSetting.UsageCollect),
        ("S3_GW_COLLECT_STAT", LiveSetting.UsageCollect),
        ("S3_GW_USAGE_PERIOD", LiveSetting.UsagePeriod),
        ("S3_GW_USAGE_CACHE_TIMEOUT", LiveSetting.UsageFlush),
    ];

    /// <summary>The names, in the order in which one goes before another.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(line => line.Name)];

    /// <summary>What a file says, as <see cref="LiveSettings.Started"/> takes it. Lines of other names, comments (#) and empty ones are passed over.</summary>
    /// <exception cref="FormatException">A line is none of these, or a value has not the form.</exception>
    public static IReadOnlyList<string> OfFile(IEnumerable<string> lines)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Select(line => line.Trim()))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            if (line.Split('=', 2) is not [var name, var value]) throw new FormatException($"'{line}' is no line NAME=VALUE.");
            values[name.Trim()] = value.Trim().Trim('"', '\'');
        }
        return Of(values.GetValueOrDefault);
    }

    /// <summary>What variables of these names say, as <see cref="LiveSettings.Started"/> takes it.</summary>
    /// <exception cref="FormatException">A value has not the form.</exception>
    public static IReadOnlyList<string> Of(Func<string, string?> read)
    {
        List<string> pairs = [];
        foreach (var (name, setting) in Table)
        {
            if (read(name) is not { Length: > 0 } told) continue;
            var value = setting == LiveSetting.UsageCollect ? Switch(told) : told;
            if (!setting.Takes(value)) throw new FormatException($"{name}={told}: it is {setting.Form}.");
            pairs.Add($"{setting.Name}={value}");
        }
        return pairs;
    }

    private static string Switch(string value) => value.ToLowerInvariant() switch
    {
        "1" or "yes" or "on" => "true",
        "0" or "no" or "off" => "false",
        var other => other,
    };
}
