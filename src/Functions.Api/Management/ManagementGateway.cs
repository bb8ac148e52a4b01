using ZenkoFunctions.Api.Management.Monitoring;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Management;

/// <summary>
/// The way of a request under <c>/_/</c>, a path that no bucket name can start: signature, operation, policy, body. Signature and
/// policy are asked here and nowhere else, for every operation.
/// </summary>
/// <param name="installation">The domain.</param>
/// <param name="authenticator">Verifies signatures: those of S3, whatever their version, presigned ones too.</param>
/// <param name="hosts">Under which all paths are keys.</param>
/// <param name="monitoringToken">By which the server may be watched without a signature; null where there is none.</param>
/// <param name="console">The URL of the console for whoever sends a request; null where there is none.</param>
public sealed class ManagementGateway(Installation installation, Authenticator authenticator, HostNames hosts, string? monitoringToken = null, Func<WireRequest, string?>? console = null) : IProtocol
{
    private const string Prefix = "/_/";

    private readonly Monitors monitors = new(monitoringToken);

    /// <inheritdoc/>
    public string Name => "management";

    /// <inheritdoc/>
    public Dialect Dialect => Dialect.Management;

    /// <inheritdoc/>
    // The host comes last: few paths are any of these, and all that a bucket's host is asked for are keys.
    public bool IsFor(WireRequest request) =>
        request.RawPath.StartsWith(Prefix, StringComparison.Ordinal) && !hosts.IsBucket(request.Headers.Host);

    /// <inheritdoc/>
    public async ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct)
    {
        if (await Probes.Answer(exchange.Request, installation, ct) is { } probe) return probe;
        if (monitors.Sent(exchange) is { } isMonitor && Find(exchange.Request) is { TakesMonitors: true } watched)
        {
            exchange.Operation = watched.Name;
            if (!isMonitor) return Reply.Refused(S3Errors.AccessDenied, "This is not the token of those who watch the server.");
            return await watched.Run(Call(watched, exchange.Request, new Dictionary<string, string>(), Principal.Anonymous, default), ct);
        }
        var sender = Authenticator.IsBasic(exchange.Request) && Find(exchange.Request) is { TakesBasic: true }
            ? await authenticator.VerifyBasic(exchange.Request, ct)
            : await exchange.FirstThatMatches(() => authenticator.Verify(exchange.Request, null, ct));
        var request = exchange.Request;
        exchange.Sender = sender.Principal;
        if (sender.Principal.Account is not { } account)
            return Reply.Refused(S3Errors.AccessDenied, "Sign the request: nobody does anything here unsigned.");

        if (!PathSegments.TryRead(request.RawPath, out var path)) return NoRoute(request.RawPath);
        ManagementOperation? operation = null;
        IReadOnlyDictionary<string, string>? values = null;
        List<string> verbs = [];
        foreach (var one in ManagementOperations.All)
        {
            if (one.Template.Match(path) is not { } found) continue;
            verbs.Add(one.Verb);
            if (operation is null && one.Verb == request.Verb) (operation, values) = (one, found);
        }
        if (verbs.Count == 0) return NoRoute(request.RawPath);
        if (operation is null) return Reply.Refused(S3Errors.MethodNotAllowed).With("Allow", string.Join(", ", verbs.Distinct()));
        exchange.Operation = operation.Name;

        var access = Decision.Of(
            new(Authorizer.CallerOf(sender.Principal), "zenko:" + operation.Name, "arn:aws:zenko:::" + request.RawPath[Prefix.Length..], Value), null, null);
        var may = operation.NeedsAdministrator
            ? access == Access.Allowed && await installation.Accounts.IsRoot(account, ct)
            : operation.NeedsPolicy ? access == Access.Allowed : access != Access.Denied;
        if (!may)
        {
            return Reply.Refused(
                S3Errors.AccessDenied,
                operation.NeedsAdministrator ? $"{operation.Name} is for administrators: the root account, and its users whose policies allow zenko:{operation.Name}."
                : operation.NeedsPolicy ? $"{operation.Name} is for accounts, and their users whose policies allow zenko:{operation.Name}." : null);
        }

        if (operation.NeedsSigner && sender.Signer is null)
            return Reply.Refused(S3Errors.AccessDenied, $"{operation.Name} must be signed with version 4, its body too, by an access key that lasts: not by one of a session, nor by a certificate.");
        var body = await S3Body.ReadAll(sender.Body, sender.Length, operation.BodyBytes, operation.Name, ct);
        return await operation.Run(Call(operation, request, values!, sender.Principal, body, sender.Signer), ct);

        IReadOnlyList<string>? Value(string key) =>
            SenderKeys.Find(key, sender.Principal, request, installation.Clock.GetUtcNow()) is { } value ? [value] : null;
    }

    private ManagementCall Call(
        ManagementOperation operation, WireRequest request, IReadOnlyDictionary<string, string> path, Principal caller, ReadOnlyMemory<byte> body,
        AccessKey? signer = null) => new()
    {
        Operation = operation, Path = path, Query = request.Query, Body = body, Caller = caller, Signer = signer, Installation = installation, RawPath = request.RawPath, Console = console?.Invoke(request),
    };

    private static ManagementOperation? Find(WireRequest request) => PathSegments.TryRead(request.RawPath, out var path)
        ? ManagementOperations.All.FirstOrDefault(one => one.Verb == request.Verb && one.Template.Match(path) is not null)
        : null;

    /// <summary>The answer where nothing is under a path.</summary>
    internal static Reply NoRoute(string rawPath) => Reply.Refused(ManagementErrors.RouteNotFound, $"path {rawPath} does not exist");
}
