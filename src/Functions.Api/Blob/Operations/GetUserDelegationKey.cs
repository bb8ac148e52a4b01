using System.Globalization;
using ZenkoFunctions.Api.Blob.Signatures;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetUserDelegationKey: a key by which the user who sends the token can sign for a while.</summary>
public sealed class GetUserDelegationKey : BlobOperation
{
    /// <inheritdoc/>
    // The key allows nothing that the user may not; so whoever may look around in the account gets one.
    public override BlobSpec Spec { get; } = new("GetUserDelegationKey", "POST", Target.Service, "s3:ListAllMyBuckets", "")
    {
        Restype = "service", Comp = "userdelegationkey", DocumentBytes = 16 * 1024,
    };

    private static XmlShape<KeyInfo> InfoShape { get; } = new XmlShape<KeyInfo>("KeyInfo", xmlns: null)
        .Text("Start", info => info.Start, (info, value) => info.Start = value)
        .Text("Expiry", info => info.Expiry, (info, value) => info.Expiry = value);

    private static XmlShape<GivenKey> KeyShape { get; } = new XmlShape<GivenKey>("UserDelegationKey", xmlns: null)
        .Text("SignedOid", key => key.Delegation!.UserId)
        .Text("SignedTid", key => key.Delegation!.TenantId)
        .Text("SignedStart", key => key.Delegation!.Start)
        .Text("SignedExpiry", key => key.Delegation!.Expiry)
        .Text("SignedService", key => key.Delegation!.Service)
        .Text("SignedVersion", key => key.Delegation!.Version)
        .Text("Value", key => key.Value);

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(BlobCall call, CancellationToken ct)
    {
        if (!call.Sender.IsToken) throw BlobFault.Failed("Only a Bearer token gets a user delegation key.");
        var now = call.Installation.Clock.GetUtcNow();
        var info = InfoShape.Read(await S3Body.ReadAll(call.Request.Body, call.Request.ContentLength, Spec.DocumentBytes, Spec.Name, ct));
        var start = info.Start is { Length: > 0 } from ? Time("Start", from) : now;
        var expiry = Time("Expiry", info.Expiry);
        if (expiry <= start || expiry <= now || expiry > now + UserDelegation.Longest + TimeSpan.FromMinutes(5))
            throw new S3Exception(BlobErrors.InvalidXmlNodeValue, $"Expiry must lie after Start and now, and within {UserDelegation.Longest.TotalDays:0} days.");
        return UserDelegation.For(call.Sender.Principal, start, expiry, call.Version) is { } delegation
            ? Reply.Document(KeyShape, new GivenKey { Delegation = delegation, Value = Convert.ToBase64String(delegation.Key(call.Installation.BlobAccounts, call.Account)) })
            : Reply.Refused(BlobErrors.AuthorizationFailure, "A session gets no key that may outlive it; ask as a user.");
    }

    private static DateTimeOffset Time(string name, string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time : throw new S3Exception(BlobErrors.InvalidXmlNodeValue, $"{name} is no time such as 2026-01-31T12:00:00Z.");

    private sealed class KeyInfo
    {
        public string? Start { get; set; }

        public string? Expiry { get; set; }
    }

    private sealed class GivenKey
    {
        public UserDelegation? Delegation { get; init; }

        public string? Value { get; init; }
    }
}
