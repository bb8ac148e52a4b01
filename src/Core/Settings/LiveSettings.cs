using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Settings;

/// <summary>
/// The values of the <see cref="LiveSetting"/>s: what was set while the server ran, or what it was started with, or the default. A
/// setting that was set is a row of the partition <c>settings</c>: its name, and the value in UTF-8.
/// </summary>
/// <param name="table">Where they are kept.</param>
/// <param name="started">What the server was started with, by name.</param>
/// <param name="consistency">How long an instance may believe what it read.</param>
/// <param name="clock">The time.</param>
public sealed class LiveSettings(ITable table, IReadOnlyDictionary<string, string> started, Consistency consistency, TimeProvider clock)
{
    private const string Partition = "settings";

    private readonly RowCache<string, FrozenDictionary<string, string>> cache = new(consistency.CacheAge, clock);

    /// <summary>The value of a setting.</summary>
    public ValueTask<string> Read(LiveSetting setting, CancellationToken ct) =>
        cache.Find(Partition) is { } now ? new(Of(setting, now)) : ReadLater(setting, ct);

    /// <summary>Where the value of a setting comes from: reads it, so not to be asked often.</summary>
    public async ValueTask<SettingSource> SourceOf(LiveSetting setting, CancellationToken ct) =>
        await table.Get(new(Partition, setting.Name), ct) is { } row && setting.Takes(Encoding.UTF8.GetString(row.Value.Span)) ? SettingSource.Set
        : started.ContainsKey(setting.Name) ? SettingSource.Started : SettingSource.Default;

    /// <summary>What the server was started with, checked.</summary>
    /// <param name="pairs">Each a name, an equals sign and a value.</param>
    /// <exception cref="FormatException">One names no setting, or its value has not the form.</exception>
    public static IReadOnlyDictionary<string, string> Started(IEnumerable<string> pairs)
    {
        var started = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var (name, value) = pair.Split('=', 2) is [var before, var behind] ? (before.Trim(), behind.Trim()) : (pair, "");
            var setting = LiveSetting.Find(name) ?? throw new FormatException($"There is no setting '{name}'. There are: {string.Join(", ", LiveSetting.All.Select(each => each.Name))}.");
            if (!setting.Takes(value)) throw new FormatException($"{name} is {setting.Form}.");
            started[name] = value;
        }
        return started;
    }

    /// <summary>Whether a switch is on.</summary>
    public async ValueTask<bool> IsOn(LiveSetting setting, CancellationToken ct) => await Read(setting, ct) == "true";

    /// <summary>The value of a number.</summary>
    public async ValueTask<long> Number(LiveSetting setting, CancellationToken ct) => long.Parse(await Read(setting, ct), CultureInfo.InvariantCulture);

    /// <summary>Sets one; null lets what the server was started with, or the default, hold again.</summary>
    /// <exception cref="FormatException">The value has not the setting's form.</exception>
    public async ValueTask Set(LiveSetting setting, string? value, CancellationToken ct)
    {
        if (value is not null && !setting.Takes(value)) throw new FormatException($"{setting.Name} is {setting.Form}.");
        var change = value is null ? Change.Delete(setting.Name, Condition.Any) : Change.Put(setting.Name, Condition.Any, Encoding.UTF8.GetBytes(value));
        var outcome = await table.Apply(Partition, [change], ct);
        cache.Forget(Partition);
        if (outcome is Outcome.Unknown) throw new IOException($"Whether {setting.Name} was set is not known. Set it again.");
    }

    private static string Of(LiveSetting setting, FrozenDictionary<string, string> now) => now.GetValueOrDefault(setting.Name, setting.Default);

    private async ValueTask<string> ReadLater(LiveSetting setting, CancellationToken ct)
    {
        var look = cache.Begin();
        var values = started.ToDictionary(StringComparer.Ordinal);
        await foreach (var row in table.Scan(KeyRange.Partition(Partition), null, null, ct))
        {
            // Perhaps written by another version of the server, that knew other settings or forms.
            var value = Encoding.UTF8.GetString(row.Value.Span);
            if (LiveSetting.Find(row.Key.Row)?.Takes(value) == true) values[row.Key.Row] = value;
        }
        var read = values.ToFrozenDictionary(StringComparer.Ordinal);
        cache.Remember(Partition, read, look);
        return Of(setting, read);
    }
}

/// <summary>Where a value comes from.</summary>
public enum SettingSource
{
    /// <summary>Nobody has said anything.</summary>
    Default,

    /// <summary>The server was started with it.</summary>
    Started,

    /// <summary>It was set while the server ran.</summary>
    Set,
}
