using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>
/// The way of a request to <c>/?ostor-…</c>: signature, administrator, operation. All are asked here and nowhere else, for every
/// operation; before they are answered nothing is done.
/// </summary>
/// <param name="installation">The domain.</param>
/// <param name="authenticator">Verifies signatures.</param>
/// <param name="hosts">Under which the path <c>/</c> is a bucket's.</param>
public sealed class OstorGateway(Installation installation, Authenticator authenticator, HostNames hosts) : IProtocol
{
    /// <summary>What a request may have for a body, which nobody reads.</summary>
    private const int BodyBytes = 64 * 1024;

    /// <inheritdoc/>
    public string Name => "ostor";

    /// <inheritdoc/>
    public Dialect Dialect => Dialect.S3;

    /// <inheritdoc/>
    public bool IsFor(WireRequest request) => OstorRequest.Is(request) && !hosts.IsBucket(request.Headers.Host);

    /// <inheritdoc/>
    public async ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct)
    {
        var began = installation.Clock.GetTimestamp();
        Reply reply;
        try
        {
            reply = await Run(exchange, ct);
        }
        catch (S3Exception e)
        {
            reply = Reply.Refused(e);
        }
        var micros = (long)installation.Clock.GetElapsedTime(began).TotalMicroseconds;
        return reply.With("x-amz-req-time-micros", micros.ToString(CultureInfo.InvariantCulture));
    }

    private async ValueTask<Reply> Run(Exchange exchange, CancellationToken ct)
    {
        var onlyVersion4 = await installation.Settings.IsOn(LiveSetting.OstorVersion4, ct);
        var sender = await exchange.FirstThatMatches(
            () => authenticator.VerifyResource(exchange.Request, OstorRequest.Signed(exchange.Request), onlyVersion4, ct));
        var (wire, caller) = (exchange.Request, sender.Principal);
        exchange.Sender = caller;
        if (caller.Account is not { } account) return Reply.Refused(S3Errors.AccessDenied, "Sign the request: nobody does anything here unsigned.");
        // Before anything is told of what there is.
        if (!await installation.Accounts.IsAdministrator(account, ct)) return ForAdministrators();

        var request = OstorRequest.Read(wire);
        var ofResource = OstorOperations.All.Where(one => one.Spec.Resource == request.Resource).ToList();
        if (ofResource.Count == 0) return Reply.Refused(S3Errors.InvalidRequest, $"There is no resource {request.Resource}.");
        var ofVerb = ofResource.FindAll(one => one.Spec.Verbs.Contains(wire.Verb));
        if (ofVerb.Count == 0)
            return Reply.Refused(S3Errors.MethodNotAllowed).With("Allow", string.Join(", ", ofResource.SelectMany(one => one.Spec.Verbs).Distinct()));
        if (ofVerb.Find(one => one.Spec.Takes(request.Parameters)) is not { } operation)
            return Reply.Refused(S3Errors.InvalidRequest, $"{wire.Verb} {request.Resource} does not take these parameters together.");
        exchange.Operation = operation.Spec.Name;
        if (!MayAsk(operation.Spec.Name)) return ForAdministrators();

        // It must be what was signed, though it says nothing.
        await S3Body.ReadAll(sender.Body, sender.Length, BodyBytes, operation.Spec.Name, ct);
        return await operation.Run(new() { Spec = operation.Spec, Parameters = request.Parameters, Installation = installation, Token = wire.Token }, ct);

        bool MayAsk(string name) =>
            Decision.Of(new(Authorizer.CallerOf(caller), "ostor:" + name, "arn:aws:ostor:::" + request.Resource, Value), null, null) == Access.Allowed;

        IReadOnlyList<string>? Value(string key) =>
            SenderKeys.Find(key, caller, wire, installation.Clock.GetUtcNow()) is { } value ? [value] : null;
    }

    private static Reply ForAdministrators() =>
        Reply.Refused(S3Errors.AccessDenied, "This is for system users: administrators, and their users whose policies allow it.");
}
