using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// What a request of Lease Blob or Lease Container asks for, read from its headers. <see cref="Next"/> follows the table "Outcomes of
/// lease operations by lease state" of Azure's reference.
/// </summary>
public sealed class LeaseChange
{
    private const int LeastSeconds = 15, MostSeconds = 60;

    private readonly string action;
    private readonly string? id, proposed;
    private readonly int? seconds, breakPeriod;

    private LeaseChange(BlobCall call, string action)
    {
        this.action = action;
        id = call.Header("x-ms-lease-id") is { Length: > 0 } given ? BlobHeaders.LeaseId("x-ms-lease-id", given) : null;
        proposed = call.Header("x-ms-proposed-lease-id") is { Length: > 0 } wanted ? BlobHeaders.LeaseId("x-ms-proposed-lease-id", wanted) : null;
        if (action is "renew" or "change" or "release" && id is null) throw Missing("x-ms-lease-id");
        if (action == "change" && proposed is null) throw Missing("x-ms-proposed-lease-id");
        if (action == "acquire")
        {
            var duration = Number(call, "x-ms-lease-duration") ?? throw Missing("x-ms-lease-duration");
            if (duration != -1 && duration is < LeastSeconds or > MostSeconds) throw new S3Exception(BlobErrors.InvalidHeaderValue, "A lease holds for 15 to 60 seconds, or with -1 for ever.");
            seconds = duration == -1 ? null : duration;
            proposed ??= Guid.NewGuid().ToString("D");
        }
        if (action == "break" && (breakPeriod = Number(call, "x-ms-lease-break-period")) is < 0 or > MostSeconds)
            throw new S3Exception(BlobErrors.InvalidHeaderValue, "A lease is broken within 0 to 60 seconds.");
    }

    /// <summary>Reads the headers x-ms-lease-…; throws MissingRequiredHeader and InvalidHeaderValue.</summary>
    public static LeaseChange Read(BlobCall call) => call.Header("x-ms-lease-action")?.ToLowerInvariant() switch
    {
        "acquire" or "renew" or "change" or "release" or "break" => new(call, call.Header("x-ms-lease-action")!.ToLowerInvariant()),
        null => throw Missing("x-ms-lease-action"),
        _ => throw new S3Exception(BlobErrors.InvalidHeaderValue, "x-ms-lease-action must be acquire, renew, change, release or break."),
    };

    /// <summary>The lease as it is to be, null for none; throws where its state does not allow what is asked.</summary>
    public Lease? Next(Lease? lease, DateTimeOffset now)
    {
        var state = lease?.State(now) ?? "available";
        switch (action)
        {
            case "acquire":
                if (state == "breaking") throw Conflict(lease!.Id == proposed ? BlobErrors.LeaseIsBreakingAndCannotBeAcquired : BlobErrors.LeaseAlreadyPresent);
                if (state == "leased" && lease!.Id != proposed) throw Conflict(BlobErrors.LeaseAlreadyPresent);
                return new(proposed, seconds, now);
            case "break":
                if (lease is null || state == "available") throw Conflict(BlobErrors.LeaseNotPresentWithLeaseOperation);
                return state switch
                {
                    "broken" => lease,
                    "expired" => lease with { Breaks = now },
                    _ => lease with { Breaks = Earlier(lease.Breaks ?? EndOf(lease), breakPeriod is { } period ? now.AddSeconds(period) : null) ?? now },
                };
        }
        // Whose lease was released, or lost to a write, names one that is not the blob's.
        if (lease is null || state == "available")
            throw Conflict(action == "change" ? BlobErrors.LeaseNotPresentWithLeaseOperation : BlobErrors.LeaseIdMismatchWithLeaseOperation);
        var isOwn = lease.Id == id;
        switch (action)
        {
            case "change":
                if (state == "breaking" && isOwn) throw Conflict(BlobErrors.LeaseIsBreakingAndCannotBeChanged);
                if (state is "broken" or "expired") throw Conflict(BlobErrors.LeaseNotPresentWithLeaseOperation);
                return isOwn || lease.Id == proposed ? lease with { Id = proposed } : throw Conflict(BlobErrors.LeaseIdMismatchWithLeaseOperation);
            case "renew":
                if (!isOwn) throw Conflict(BlobErrors.LeaseIdMismatchWithLeaseOperation);
                return state is "leased" or "expired" ? lease with { Renewed = now } : throw Conflict(BlobErrors.LeaseIsBrokenAndCannotBeRenewed);
            default:
                return isOwn ? null : throw Conflict(BlobErrors.LeaseIdMismatchWithLeaseOperation);
        }
    }

    /// <summary>The answer: the lease's id, or in how many seconds it is broken.</summary>
    public Reply Answer(Lease? lease, DateTimeOffset now) => action switch
    {
        "acquire" => Reply.Empty(201).With("x-ms-lease-id", lease!.Id),
        "break" => Reply.Empty(202).With("x-ms-lease-time", Math.Max(0, (int)Math.Ceiling((lease!.Breaks!.Value - now).TotalSeconds)).ToString(CultureInfo.InvariantCulture)),
        "release" => Reply.Empty(),
        _ => Reply.Empty().With("x-ms-lease-id", lease!.Id),
    };

    private static DateTimeOffset? EndOf(Lease lease) => lease.Seconds is { } seconds ? lease.Renewed.AddSeconds(seconds) : null;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other ?? one : one;

    private static int? Number(BlobCall call, string header) => call.Header(header) is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw new S3Exception(BlobErrors.InvalidHeaderValue, $"{header} must be a number of seconds.");

    private static S3Exception Missing(string header) => new(BlobErrors.MissingRequiredHeader, $"The header {header} is needed.");

    private static S3Exception Conflict(S3Error error) => new(error);
}
