using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>What the operations of limits share: whose they are, how they are kept, and how they are told.</summary>
internal static class OstorLimits
{
    private const decimal Most = 1_000_000_000_000;

    /// <summary>What limits are of.</summary>
    public static readonly IReadOnlyList<string> Target = ["emailAddress", "id", "bucket"];

    /// <summary>Those of the user or bucket; null where none were set.</summary>
    public static async ValueTask<RequestLimits?> Limits(this OstorCall call, CancellationToken ct) =>
        call["bucket"] is null ? (await call.Account(ct)).Limits : (await call.Bucket(ct)).Get(BucketSettings.Limits);

    /// <summary>Changes those of the user or bucket, from what they are at that moment.</summary>
    public static async ValueTask<Reply> ChangeLimits(this OstorCall call, Func<RequestLimits?, RequestLimits?> next, CancellationToken ct)
    {
        if (call["bucket"] is null) return call.Answer(await call.Accounts.ChangeLimits((await call.Account(ct)).Id, next, ct));
        var bucket = await call.Bucket(ct);
        return call.Answer(await call.Installation.Buckets.Change<RequestLimits>(bucket, BucketSettings.Limits, now => next(now.Get(BucketSettings.Limits)), ct));
    }

    /// <summary>The value of a parameter, where it was given: 0 or more with two decimals at most; throws InvalidArgument.</summary>
    public static decimal? Limit(this OstorCall call, string name) => call[name] is not { } text ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var limit) && limit <= Most && decimal.Round(limit, 2) == limit
            ? limit
            : throw S3.Parsing.Invalid.Argument(name, text, "A limit is a number of two decimals at most; 0 is none.");

    /// <summary>As they are told: of requests with two decimals, of bytes with those that there are.</summary>
    public static LimitsDocument Document(RequestLimits limits)
    {
        return new(PerMinute(limits.Default), PerMinute(limits.Get), PerMinute(limits.Put), PerMinute(limits.List), PerMinute(limits.Delete), limits.Out.ToString("0.##", CultureInfo.InvariantCulture));

        static string PerMinute(decimal limit) => limit.ToString("0.00", CultureInfo.InvariantCulture);
    }
}
