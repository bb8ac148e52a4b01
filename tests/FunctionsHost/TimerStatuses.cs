using System.Collections.Concurrent;
using System.Text.Json;

namespace ZenkoFunctions.HostDouble;

/// <summary>What the host remembers of a timer.</summary>
/// <param name="Last">When it was last called; default before the first time.</param>
/// <param name="Next">When it is due.</param>
/// <param name="LastUpdated">When this was written.</param>
public sealed record TimerStatus(DateTimeOffset Last, DateTimeOffset Next, DateTimeOffset LastUpdated);

/// <summary>Statuses by function, in the layout the host uses in its storage account: timers/HOSTID/Host.Functions.NAME/status.</summary>
internal sealed class TimerStatuses(string? folder, string hostId)
{
    private readonly ConcurrentDictionary<string, TimerStatus> known = new();

    public TimerStatus? this[string function]
    {
        get
        {
            if (known.TryGetValue(function, out var status)) return status;
            return folder is not null && File.Exists(At(function))
                ? JsonSerializer.Deserialize<TimerStatus>(File.ReadAllText(At(function)))
                : null;
        }
    }

    public void Set(string function, TimerStatus status)
    {
        known[function] = status;
        if (folder is null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(At(function))!);
        File.WriteAllText(At(function), JsonSerializer.Serialize(status));
    }

    private string At(string function) => Path.Combine(folder!, "timers", hostId, "Host.Functions." + function, "status");
}
