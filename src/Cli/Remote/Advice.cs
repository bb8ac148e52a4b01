namespace ZenkoFunctions.Cli.Remote;

/// <summary>What a person can do about a refusal.</summary>
internal static class Advice
{
    /// <summary>What the server says, and what to do.</summary>
    public static string Told(RemoteException refused, Target target) => Of(refused, target) is not { } advice ? refused.Message
        : refused.Message is [.., '.' or '!' or '?'] ? $"{refused.Message} {advice}" : $"{refused.Message}. {advice}";

    /// <summary>A sentence; null where there is nothing to add to what the server says.</summary>
    public static string? Of(RemoteException refused, Target target) => refused.Code switch
    {
        "InvalidAccessKeyId" or "InvalidClientTokenId" or "SignatureDoesNotMatch" or "ExpiredToken" or "InvalidToken" =>
            $"The key {target.Key.Id} comes from {target.KeyFrom}: name another with --credentials, or the server's data directory with --data.",
        "AuthorizationHeaderMalformed" => $"It was signed for the region {target.Region}: name the server's with --region.",
        "AccessDenied" or "AccessDeniedException" =>
            $"The key {target.Key.Id} comes from {target.KeyFrom}. Who owns it, or an administrator, may do this: name another key with --credentials, or the server's data directory with --data.",
        "RequestTimeTooSkewed" => "This machine's clock and the server's differ: zenkofn doctor tells by how much.",
        "NoSuchBucket" => "zenkofn bucket list tells which there are.",
        "BucketNotEmpty" => "zenkofn bucket empty removes what is in it.",
        "NoSuchUser" or "NoSuchAccount" => "zenkofn account list tells which there are.",
        "NoSuchEntity" => "zenkofn user list, zenkofn key list and zenkofn policy list tell what there is.",
        "NoSuchLocation" or "InvalidLocationConstraint" => "zenkofn location list tells which there are.",
        "NoSuchSetting" => "zenkofn settings list tells which there are.",
        "ServiceUnavailable" or "SlowDown" => "Try again; zenkofn doctor tells what is wrong.",
        "NotImplemented" => "zenkofn doctor tells the server's version.",
        _ => null,
    };
}
