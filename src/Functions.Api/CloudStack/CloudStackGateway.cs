using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.CloudStack;

/// <summary>
/// The way of a call as CloudStack's registration makes them, <c>/?Action=…</c>: switch, signature, policy, operation. CloudStack asked
/// for no signature; here a lasting key signs all of it, by version 4 or as EC2's calls were signed.
/// </summary>
/// <param name="installation">The domain.</param>
/// <param name="authenticator">Verifies signatures.</param>
/// <param name="hosts">Under which the path <c>/</c> is a bucket's.</param>
public sealed class CloudStackGateway(Installation installation, Authenticator authenticator, HostNames hosts) : IProtocol
{
    /// <inheritdoc/>
    public string Name => "cloudstack";

    /// <inheritdoc/>
    public Dialect Dialect => Dialect.S3;

    /// <inheritdoc/>
    public bool IsFor(WireRequest request) =>
        request is { RawPath: "/", Verb: "GET" or "POST" } && CloudStackOperations.Find(request.Query["Action"]) is not null && !hosts.IsBucket(request.Headers.Host);

    /// <inheritdoc/>
    public async ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct)
    {
        var operation = CloudStackOperations.Find(exchange.Request.Query["Action"])!;
        exchange.Operation = operation.Name;
        if (!await installation.Settings.IsOn(LiveSetting.CloudStackActions, ct))
            return Reply.Refused(S3Errors.NotImplemented, $"CloudStack's calls are switched off here: the setting {LiveSetting.CloudStackActions.Name} is false.");
        var signer = await exchange.FirstThatMatches(() => Signer(exchange.Request, ct));
        // A reading that matches begins anew.
        exchange.Operation = operation.Name;
        exchange.Sender = signer.Principal;
        var request = exchange.Request;
        var access = Decision.Of(new(Authorizer.CallerOf(signer.Principal), "zenko:" + operation.Action, "arn:aws:zenko:::management/certificates", Value), null, null);
        return access == Access.Denied
            ? Reply.Refused(S3Errors.AccessDenied)
            : await operation.Run(new(request.Query, signer, installation), ct);

        IReadOnlyList<string>? Value(string key) =>
            SenderKeys.Find(key, signer.Principal, request, installation.Clock.GetUtcNow()) is { } value ? [value] : null;
    }

    private async ValueTask<AccessKey> Signer(WireRequest request, CancellationToken ct) => QuerySignature.Is(request)
        ? await authenticator.VerifyQuery(request, ct)
        : (await authenticator.Verify(request, null, ct)).Signer
            ?? throw new S3Exception(S3Errors.AccessDenied, "Sign the request with an access key that lasts: with version 4, its body too, or by the parameters of SignatureVersion=2.");
}
