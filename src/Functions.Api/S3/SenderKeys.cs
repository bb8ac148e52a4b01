using System.Collections.Frozen;
using System.Globalization;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// The condition keys that requests to all services have: who sends, when, and from where. Nothing that a peer merely claims
/// is among them: the address is the connection's, whatever forwarding headers say.
/// </summary>
internal static class SenderKeys
{
    private static readonly FrozenDictionary<string, Func<Facts, string?>> Table = new Dictionary<string, Func<Facts, string?>>
    {
        ["aws:CurrentTime"] = facts => facts.Now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        ["aws:EpochTime"] = facts => facts.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        ["aws:PrincipalAccount"] = facts => facts.Sender.Account?.Id,
        ["aws:PrincipalArn"] = facts => facts.Sender.RoleArn ?? facts.Sender.Arn,
        ["aws:PrincipalIsAWSService"] = _ => "false",
        ["aws:PrincipalType"] = facts => facts.Sender switch
        {
            { IsAnonymous: true } => "Anonymous",
            { RoleArn: not null } => "AssumedRole",
            { User: not null } => "User",
            _ => "Account",
        },
        ["aws:Referer"] = facts => facts.Header("Referer"),
        ["aws:SecureTransport"] = facts => facts.Request.IsHttps ? "true" : "false",
        ["aws:SourceIp"] = facts => facts.Peer,
        ["aws:UserAgent"] = facts => facts.Header("User-Agent"),
        ["aws:userid"] = facts => facts.Sender.UserId,
        ["aws:username"] = facts => facts.Sender.User?.Name,
        ["aws:ViaAWSService"] = _ => "false",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The value of a key, whose name may be in any case; null where the request has none.</summary>
    public static string? Find(string key, Principal sender, WireRequest request, DateTimeOffset now) =>
        Table.TryGetValue(key, out var read) ? read(new(sender, request, now)) : null;

    private readonly record struct Facts(Principal Sender, WireRequest Request, DateTimeOffset Now)
    {
        public string? Peer => Request.Peer is not { } peer ? null : (peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer).ToString();

        public string? Header(string name) => Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;
    }
}
