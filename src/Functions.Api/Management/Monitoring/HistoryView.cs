using System.Globalization;
using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.History;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Api.Management.Monitoring;

/// <summary>What the installation's numbers were.</summary>
internal static class HistoryView
{
    private const int MostPoints = 1500, FewPoints = 120;

    private static readonly long[] Steps = [60, 300, 900, 3600, 6 * 3600, 24 * 3600];

    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct)
    {
        var to = Time(call, "to") ?? call.Installation.Clock.GetUtcNow();
        var from = Time(call, "from") ?? to.AddHours(-1);
        if (from >= to || from < DateTimeOffset.UnixEpoch) throw Wrong("from", "It must be before to.");
        var seconds = (to - from).TotalSeconds;
        var step = call.Query["step"] is not { } text ? Steps.FirstOrDefault(each => seconds / each <= FewPoints, Steps[^1])
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked is >= 60 and <= 86400 && asked % 60 == 0 ? asked
            : throw Wrong("step", "It is a number of seconds from 60 to 86400, whole minutes.");
        if (seconds / step > MostPoints) throw Wrong("step", $"No more than {MostPoints} steps are told at once.");
        var points = await call.Installation.History.Reader.Read(from, to, TimeSpan.FromSeconds(step), ct);
        return Reply.Json(HistoryDocumentJson.Default.HistoryDocument, new(from, to, step, points));
    }

    private static DateTimeOffset? Time(ManagementCall call, string name) => call.Query[name] is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at
        : throw Wrong(name, "It is a time like 2026-11-22T13:00:00Z.");

    private static S3Exception Wrong(string name, string what) => new(ManagementErrors.InvalidQueryParameter, $"{name}: {what}");
}

/// <summary>Numbers over a time.</summary>
/// <param name="From">The beginning.</param>
/// <param name="To">The end.</param>
/// <param name="StepSeconds">How long each step is.</param>
/// <param name="Points">The steps of which anything is known.</param>
public sealed record HistoryDocument(DateTimeOffset From, DateTimeOffset To, long StepSeconds, IReadOnlyList<HistoryPoint> Points);

/// <summary>How these are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(UtcTimes)])]
[JsonSerializable(typeof(HistoryDocument))]
public sealed partial class HistoryDocumentJson : JsonSerializerContext;
