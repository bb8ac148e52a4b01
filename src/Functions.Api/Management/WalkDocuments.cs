using System.Text.Json;
using System.Text.Json.Serialization;
using ZenkoFunctions.Core.Replication.Walks;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Api.Management;

/// <summary>The body that asks for a walk.</summary>
public sealed record WalkBody
{
    /// <summary>Of a timer: what is started; verify where nothing is said.</summary>
    public WalkPurpose? Purpose { get; init; }

    /// <inheritdoc cref="WalkRequest.Bucket"/>
    public string? Bucket { get; init; }

    /// <inheritdoc cref="WalkRequest.Site"/>
    public string? Site { get; init; }

    /// <inheritdoc cref="WalkRequest.Deep"/>
    public bool Deep { get; init; }

    /// <inheritdoc cref="WalkRequest.ReportOnly"/>
    public bool ReportOnly { get; init; }

    /// <summary>Of an ingestion: whether headers, metadata and tags of all versions are asked for again, instead of a comparison of listings.</summary>
    public bool Tags { get; init; }

    /// <summary>Of a timer: every so many hours.</summary>
    public int? Hours { get; init; }

    /// <summary>What it asks for.</summary>
    public WalkRequest As(WalkPurpose purpose) => purpose == WalkPurpose.Ingest && Tags
        ? new() { Purpose = WalkPurpose.Details, Bucket = Bucket, Site = Site, Deep = true }
        : new() { Purpose = purpose, Bucket = Bucket, Site = Site, Deep = Deep, ReportOnly = ReportOnly };
}

/// <summary>A walk, as the management API tells of it.</summary>
public sealed record WalkDocument
{
    /// <inheritdoc cref="Walk.Id"/>
    public required string Id { get; init; }

    /// <inheritdoc cref="Walk.Run"/>
    public required string Run { get; init; }

    /// <inheritdoc cref="Walk.Request"/>
    public required WalkRequest Request { get; init; }

    /// <inheritdoc cref="Walk.State"/>
    public required WalkState State { get; init; }

    /// <inheritdoc cref="Walk.Since"/>
    public required DateTimeOffset Since { get; init; }

    /// <inheritdoc cref="Walk.At"/>
    public required DateTimeOffset At { get; init; }

    /// <inheritdoc cref="Walk.Steps"/>
    public required int Steps { get; init; }

    /// <inheritdoc cref="Walk.Total"/>
    public required long Total { get; init; }

    /// <inheritdoc cref="Walk.Counts"/>
    public required WalkCounts Counts { get; init; }

    /// <inheritdoc cref="Walk.Reasons"/>
    public required IReadOnlyDictionary<string, long> Reasons { get; init; }

    /// <inheritdoc cref="Walk.Differences"/>
    public required IReadOnlyList<Difference> Differences { get; init; }

    /// <inheritdoc cref="Walk.Waiting"/>
    public string? Waiting { get; init; }

    /// <inheritdoc cref="Walk.Trouble"/>
    public string? Trouble { get; init; }

    /// <inheritdoc cref="Walk.Report"/>
    public string? Report { get; init; }

    /// <summary>What is told of a walk.</summary>
    public static WalkDocument Of(Walk walk) => new()
    {
        Id = walk.Id, Run = walk.Run, Request = walk.Request, State = walk.State, Since = walk.Since, At = walk.At, Steps = walk.Steps, Total = walk.Total,
        Counts = walk.Counts, Reasons = walk.Reasons, Differences = walk.Differences, Waiting = walk.Waiting, Trouble = walk.Trouble, Report = walk.Report,
    };
}

/// <summary>Several walks.</summary>
/// <param name="Walks">By name; at most a thousand.</param>
/// <param name="Next">Where there may be more: the <c>marker</c> of the request that tells them.</param>
public sealed record WalkList(IReadOnlyList<WalkDocument> Walks, string? Next);

/// <summary>A timer, as the management API tells of it.</summary>
/// <param name="Id">The name of its walk.</param>
/// <param name="Request">What is started.</param>
/// <param name="Hours">Every so many hours.</param>
/// <param name="Next">When it is started next.</param>
/// <param name="Seconds">Every so many seconds, where that is not what <paramref name="Hours"/> says: of what the server starts by itself.</param>
public sealed record TimerDocument(string Id, WalkRequest Request, int Hours, DateTimeOffset Next, double? Seconds)
{
    /// <summary>What is told of a timer.</summary>
    public static TimerDocument Of(WalkTimer timer) => new(timer.Id, timer.Request, timer.Hours, timer.Next, timer.Every?.TotalSeconds);
}

/// <summary>Several timers.</summary>
/// <param name="Timers">By name; at most a thousand.</param>
/// <param name="Next">Where there may be more: the <c>marker</c> of the request that tells them.</param>
public sealed record TimerList(IReadOnlyList<TimerDocument> Timers, string? Next);

/// <summary>Reports, without what is in them.</summary>
/// <param name="Reports">By bucket and site, the newest first; at most a thousand.</param>
/// <param name="Next">Where there may be more: the <c>marker</c> of the request that tells them.</param>
public sealed record ReportList(IReadOnlyList<ReportLine> Reports, string? Next);

/// <summary>What a list tells of a report.</summary>
/// <param name="Id">The report's id.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Site">The site.</param>
/// <param name="Began">When its walk began.</param>
/// <param name="Ended">When that ended.</param>
/// <param name="IsComplete">Whether nothing differs and nothing is pending.</param>
/// <param name="Versions">Versions of the source.</param>
/// <param name="Different">Differences.</param>
/// <param name="Pending">Copies that were on their way.</param>
public sealed record ReportLine(
    string Id, string Bucket, string Site, DateTimeOffset Began, DateTimeOffset Ended, bool IsComplete, long Versions, long Different, long Pending)
{
    /// <summary>What is told of a report.</summary>
    public static ReportLine Of(VerifyReport report) => new(
        report.Id, report.Bucket, report.Site, report.Began, report.Ended, report.IsComplete, report.Counts.Versions, report.Counts.Different, report.Counts.Pending);
}

/// <summary>Public keys, as a JSON Web Key set (RFC 7517).</summary>
/// <param name="Keys">The keys.</param>
public sealed record ReportKeyList(IReadOnlyList<ReportKey> Keys);

/// <summary>The documents of walks.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true,
    Converters = [typeof(UtcTimes)], UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(WalkBody))]
[JsonSerializable(typeof(WalkDocument))]
[JsonSerializable(typeof(WalkList))]
[JsonSerializable(typeof(TimerDocument))]
[JsonSerializable(typeof(TimerList))]
[JsonSerializable(typeof(ReportList))]
[JsonSerializable(typeof(ReportKeyList))]
public sealed partial class WalkDocumentJson : JsonSerializerContext;
