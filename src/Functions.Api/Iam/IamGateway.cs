using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Iam;

/// <summary>
/// The way of a request to IAM or STS: service, body, signature, operation, policy. Signature and policy are asked here and
/// nowhere else, for every operation.
/// </summary>
/// <param name="accounts">The domain.</param>
/// <param name="authenticator">Verifies signatures.</param>
/// <param name="hosts">Under which all paths are keys.</param>
/// <param name="clock">For policies with conditions on the time, and sessions that end with a certificate.</param>
/// <param name="settings">What is set while the server runs; null where nothing can be.</param>
public sealed class IamGateway(Accounts accounts, Authenticator authenticator, HostNames hosts, TimeProvider clock, LiveSettings? settings = null) : IProtocol
{
    /// <summary>The largest of all, a role's policies, has 10,240 characters; a form may write nine for one.</summary>
    private const int BodyBytes = 128 * 1024;

    private static readonly Dictionary<(IamService, string), IamOperation> Operations =
        IamOperations.All.ToDictionary(operation => (operation.Spec.Service, operation.Spec.Name));

    /// <inheritdoc/>
    public string Name => "iam";

    /// <inheritdoc/>
    public Dialect Dialect => Dialect.S3;

    /// <inheritdoc/>
    public bool IsFor(WireRequest request) => IamService.Of(request) is not null && !hosts.IsBucket(request.Headers.Host);

    /// <inheritdoc/>
    public async ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct)
    {
        var service = IamService.Of(exchange.Request)!;
        try
        {
            return await Run(service, exchange, ct);
        }
        catch (S3Exception e)
        {
            return service.Refused(IamErrors.From(e.Error), e.Detail, exchange.RequestId);
        }
    }

    private async ValueTask<Reply> Run(IamService service, Exchange exchange, CancellationToken ct)
    {
        var request = exchange.Request;
        var body = await S3Body.ReadAll(request.Body, request.ContentLength, BodyBytes, $"a request to {service.Name}", ct);
        var isByCertificate = IamService.IsByCertificate(request);
        var caller = isByCertificate
            ? await OfCertificate(request, ct)
            : await exchange.FirstThatMatches(() => authenticator.VerifyMessage(exchange.Request, service.Name, body, ct));
        request = exchange.Request;
        exchange.Sender = caller.Principal;

        var form = IamForm.Read(request.RawQuery, body.Span);
        var action = form.Required("Action");
        if (form["Version"] == service.Version && UnimplementedIamOperations.All[service].Contains(action, StringComparer.Ordinal))
            return service.Refused(IamErrors.NotImplemented, $"This server does not implement {action}.", exchange.RequestId);
        if (form["Version"] != service.Version || !Operations.TryGetValue((service, action), out var operation))
            return service.Refused(IamErrors.InvalidAction, $"Could not find operation {action} for version {form["Version"]}", exchange.RequestId);
        exchange.Operation = action;
        var spec = operation.Spec;
        if (spec.IsByCertificate != isByCertificate)
            return service.Refused(IamErrors.AccessDenied, $"{action} is asked for by a client's certificate, with no signature.", exchange.RequestId);
        if (spec.Unserved.FirstOrDefault(form.Uses) is { } unserved)
            return service.Refused(IamErrors.NotImplemented, $"This server does not implement the parameter {unserved} of {action}.", exchange.RequestId);

        // AWS: the session of a key without a second factor may not touch what its key may.
        if (service == IamService.Iam && caller.Session is { Role: null })
            return service.Refused(IamErrors.InvalidClientTokenId, null, exchange.RequestId);
        var authorizer = new IamAuthorizer(caller.Principal, request, form, clock);
        var target = await IamResource.Find(spec.Target, form, caller, accounts, ct);
        if (target.Arn is { } arn && !authorizer.May(spec.Action, arn))
            return service.Refused(IamErrors.AccessDenied, $"User: {caller.Principal.Arn} is not authorized to perform: {spec.Action} on resource: {arn}", exchange.RequestId);
        if (target.Missing is { } missing) return service.Refused(IamErrors.NoSuchEntity, missing, exchange.RequestId);

        return await operation.Run(
            new()
            {
                Spec = spec,
                Form = form,
                Caller = caller,
                Accounts = accounts,
                RequestId = exchange.RequestId,
                Latest = isByCertificate ? request.ClientCertificate!.NotAfter - clock.GetUtcNow() : null,
                Token = request.Token,
                UserOrRoot = target.User,
                Role = target.Role!,
                May = authorizer.May,
                MayTouch = authorizer.May,
            },
            ct);
    }

    private async ValueTask<AccessKey> OfCertificate(WireRequest request, CancellationToken ct)
    {
        if (settings is null || !await settings.IsOn(LiveSetting.CertificateSessions, ct))
            throw new S3Exception(IamErrors.NotImplemented, $"This is switched off here: the setting {LiveSetting.CertificateSessions.Name} is false.");
        if (request.ClientCertificate is not { } shown) throw new S3Exception(IamErrors.AccessDenied, "Show a certificate: none came with this connection, or this server does not ask for any.");
        return await authenticator.FindKey(shown, ct) ?? throw new S3Exception(IamErrors.AccessDenied, $"The certificate {shown.Fingerprint} is bound to no access key. Register it first.");
    }
}
