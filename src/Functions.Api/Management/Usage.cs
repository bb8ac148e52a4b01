using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Usage;

namespace ZenkoFunctions.Api.Management;

/// <summary>What is kept, by bucket, account and location. Sums are of the buckets' counters, so that they always agree with them.</summary>
internal static class Usage
{
    /// <summary>Buckets that one answer lists.</summary>
    private const int Most = 1000;

    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct)
    {
        var (bucket, account, location) = (call.Query["bucket"], call.Query["account"], call.Query["location"]);
        if (new[] { bucket, account, location }.Count(each => each is not null) > 1)
            throw new S3Exception(ManagementErrors.InvalidQueryParameter, "Ask for one of bucket, account and location.");
        if (bucket is not null) return await OfBucket(call, bucket, ct);

        var accounts = new Dictionary<string, UsageOfAccount>(StringComparer.Ordinal);
        var found = account is null ? null : await call.Installation.Accounts.Find(account, ct) ?? await call.Installation.Accounts.FindByName(account, ct);
        if (account is not null && found is null) return Reply.Refused(ManagementErrors.NoSuchAccount, $"There is no account '{account}'.");
        if (location is not null && !(await call.Installation.Buckets.Locations.Names(ct)).Contains(location))
            return Reply.Refused(ManagementErrors.NoSuchLocation, $"There is no location '{location}'; GET /_/management/locations lists those that were added.");

        var marker = call.Query["marker"] ?? "";
        var page = new SortedList<string, UsageOfBucket>(StringComparer.Ordinal);
        var isCut = false;
        var total = default(Tally);
        await foreach (var (counted, held) in call.Installation.Usage.All(ct))
        {
            // Counters that are older than the note of their bucket's account.
            var owner = counted.Account ?? (await call.Installation.Buckets.Find(counted.Name, ct))?.OwnerId ?? "";
            if (found is not null && owner != found.Id) continue;
            var wanted = location is null ? held : new Tally(location, held.At(location));
            if (location is not null && wanted == default) continue;
            total += wanted;
            var line = accounts.GetValueOrDefault(owner) ?? new(owner, null, 0, UsageAmount.Of(default));
            accounts[owner] = line with { Buckets = line.Buckets + 1, Held = line.Held + UsageAmount.Of(wanted.Total) };
            if (string.CompareOrdinal(counted.Name, marker) <= 0) continue;
            page[counted.Name] = UsageOfBucket.Of(counted.Name, owner, wanted);
            if (page.Count <= Most) continue;
            page.RemoveAt(Most);
            isCut = true;
        }
        List<UsageOfAccount> named = [];
        foreach (var each in accounts.Values.OrderBy(each => each.Account, StringComparer.Ordinal))
            named.Add(each with { Name = each.Account.Length == 0 ? null : (await call.Installation.Accounts.Find(each.Account, ct))?.Name });
        return Reply.Json(UsageDocumentJson.Default.UsageDocument, new(
            UsageAmount.Of(total.Total), UsageOfLocation.Of(total), named, [.. page.Values], isCut ? page.Keys[^1] : null));
    }

    private static async ValueTask<Reply> OfBucket(ManagementCall call, string name, CancellationToken ct)
    {
        if (await call.Installation.Buckets.Find(name, ct) is not { } bucket) return Reply.Refused(S3Errors.NoSuchBucket);
        var held = await call.Installation.Usage.Read(bucket.Id, ct);
        var amount = UsageAmount.Of(held.Total);
        return Reply.Json(UsageDocumentJson.Default.UsageDocument, new(
            amount, UsageOfLocation.Of(held), [new(bucket.OwnerId, bucket.OwnerName, 1, amount)], [UsageOfBucket.Of(name, bucket.OwnerId, held)], null));
    }
}

/// <summary>What is kept.</summary>
/// <param name="Total">All of what was asked for.</param>
/// <param name="Locations">By location, in order of name.</param>
/// <param name="Accounts">By account, in order of id.</param>
/// <param name="Buckets">By bucket, in order of name; at most a thousand.</param>
/// <param name="Next">Where there are more buckets: the <c>marker</c> of the request that tells them.</param>
public sealed record UsageDocument(
    UsageAmount Total, IReadOnlyList<UsageOfLocation> Locations, IReadOnlyList<UsageOfAccount> Accounts, IReadOnlyList<UsageOfBucket> Buckets, string? Next);

/// <summary>An amount.</summary>
/// <param name="Bytes">Of all versions, current and older.</param>
/// <param name="Versions">Objects, older versions and delete markers.</param>
/// <param name="UploadBytes">Of parts of uploads that are not, or not yet, an object's.</param>
public readonly record struct UsageAmount(long Bytes, long Versions, long UploadBytes)
{
    /// <summary>What is told of an amount; counters of several instances may be below nothing for a moment.</summary>
    public static UsageAmount Of(Amount amount) => new(Math.Max(0, amount.Bytes), Math.Max(0, amount.Versions), Math.Max(0, amount.Parts));

    /// <summary>Both together.</summary>
    public static UsageAmount operator +(UsageAmount a, UsageAmount b) => new(a.Bytes + b.Bytes, a.Versions + b.Versions, a.UploadBytes + b.UploadBytes);
}

/// <summary>What is at a location.</summary>
/// <param name="Location">Its name; empty where that is not known before a walk has found out.</param>
/// <param name="Held">How much.</param>
public sealed record UsageOfLocation(string Location, UsageAmount Held)
{
    /// <summary>What is told of a tally.</summary>
    public static IReadOnlyList<UsageOfLocation> Of(Tally tally) => [.. tally.Shares.Select(share => new UsageOfLocation(share.Location, UsageAmount.Of(share.Amount)))];
}

/// <summary>What is in an account's buckets.</summary>
/// <param name="Account">Its id.</param>
/// <param name="Name">Its name; null where the account is gone.</param>
/// <param name="Buckets">In how many.</param>
/// <param name="Held">How much.</param>
public sealed record UsageOfAccount(string Account, string? Name, int Buckets, UsageAmount Held);

/// <summary>What is in a bucket.</summary>
/// <param name="Bucket">Its name.</param>
/// <param name="Account">The id of its account.</param>
/// <param name="Held">How much.</param>
/// <param name="Locations">The same by location.</param>
public sealed record UsageOfBucket(string Bucket, string Account, UsageAmount Held, IReadOnlyList<UsageOfLocation> Locations)
{
    /// <summary>What is told of a bucket.</summary>
    internal static UsageOfBucket Of(string bucket, string account, Tally held) => new(bucket, account, UsageAmount.Of(held.Total), UsageOfLocation.Of(held));
}

/// <summary>The document of usage.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UsageDocument))]
public sealed partial class UsageDocumentJson : JsonSerializerContext;
