using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>
/// What Azure's command line talks to besides the data: its Resource Manager and its sign-in. The way of a request: operation, token,
/// subscription, policy, body.
/// </summary>
/// <param name="installation">The domain.</param>
/// <param name="domains">The domains of the installation, lower case.</param>
/// <param name="hosts">Under which all paths are keys.</param>
/// <param name="blobs">Under which all paths are blobs.</param>
public sealed class ArmGateway(Installation installation, IReadOnlyList<string> domains, HostNames hosts, BlobHosts blobs) : IProtocol
{
    private const string Bearer = "Bearer ", Version = "api-version";

    /// <inheritdoc/>
    public string Name => "arm";

    /// <inheritdoc/>
    public Dialect Dialect { get; } = new ArmDialect();

    /// <inheritdoc/>
    // Nearly every request is an S3 client's: it goes by with a look at its first header or its path.
    public bool IsFor(WireRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.Length > 0 && !IsBearer(authorization) && !authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) return false;
        var isResource = request.RawQuery.Contains(Version, StringComparison.OrdinalIgnoreCase);
        if (!isResource && !SignInOperations.MayBe(request)) return false;
        if (request.Query.Has("X-Amz-Algorithm") || request.Query.Has("AWSAccessKeyId") || request.Headers.ContainsKey("x-ms-version")) return false;
        if (hosts.IsBucket(request.Headers.Host) || blobs.AccountOf(request.Headers.Host) is not null) return false;
        return (isResource && IsBearer(authorization)) || Find(request) is not null || SignInOperations.IsWorker(request);
    }

    /// <inheritdoc/>
    public async ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct)
    {
        var request = exchange.Request;
        if (SignInOperations.IsWorker(request)) return Reply.Refused(S3Errors.AccessDenied, "No script may stand between a browser and these pages.");
        if (Find(request) is not { } found) return NotFound(request);
        var (operation, path) = found;
        exchange.Operation = operation.Name;
        if (operation.IsSignIn) return await SignIn();

        var authorization = request.Headers.Authorization.ToString();
        if (!IsBearer(authorization)) return Reply.Refused(ArmErrors.AuthenticationFailed);
        if (await installation.Tokens.Verify(authorization[Bearer.Length..].Trim(), ct) is not { } token) return Reply.Refused(ArmErrors.InvalidAuthenticationToken);
        if (Audience.IsStorage(token.Audience)) return Reply.Refused(ArmErrors.InvalidAuthenticationTokenAudience);
        exchange.Sender = token.Key.Principal;
        if (path.TryGetValue("subscription", out var subscription) && !await IsOwn(subscription, token.Key.Account, ct))
            return Reply.Refused(ArmErrors.SubscriptionNotFound, $"There is no subscription {subscription}, or it is another account's. See yours: az account list");
        if (path.TryGetValue("group", out var group) && !group.Equals(ArmOperations.Group, StringComparison.OrdinalIgnoreCase))
            return Reply.Refused(ArmErrors.ResourceGroupNotFound, $"There is no resource group '{group}': there is only '{ArmOperations.Group}'.");
        if (operation.Action is { } action && !May(token.Key.Principal, action, path, request))
            return Reply.Refused(ArmErrors.AuthorizationFailed, $"The user's policies do not allow zenko:{action}.");
        return await operation.Run(await Call(token.Key.Principal, ct), ct);

        async ValueTask<Reply> SignIn()
        {
            try
            {
                return await operation.Run(await Call(null, ct), ct);
            }
            catch (S3Exception e) when (e.Error.Status is >= 400 and < 500)
            {
                return OAuth.Refused("invalid_request", e.Message);
            }
        }

        async ValueTask<ArmCall> Call(Principal? caller, CancellationToken stop) => new()
        {
            Request = request,
            Path = path,
            Body = await S3Body.ReadAll(request.Body, request.ContentLength, operation.BodyBytes, operation.Name, stop),
            Installation = installation,
            Domains = domains,
            Caller = caller,
        };
    }

    private static bool IsBearer(string authorization) => authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);

    private static (ArmOperation Operation, IReadOnlyDictionary<string, string> Path)? Find(WireRequest request)
    {
        if (!PathSegments.TryRead(request.RawPath, out var path)) return null;
        foreach (var operation in ArmOperations.All.Concat(SignInOperations.All))
        {
            if (!operation.Fits(request) || operation.Template.Match(path) is not { } values) continue;
            if (!values.TryGetValue("tenant", out var tenant) || SignInOperations.IsTenant(tenant)) return (operation, values);
        }
        return null;
    }

    private static Reply NotFound(WireRequest request) =>
        PathSegments.TryRead(request.RawPath, out var path) && ArmOperations.All.Any(operation => operation.Template.Match(path) is not null)
            ? Reply.Refused(ArmErrors.MethodNotAllowed)
            : Reply.Refused(ArmErrors.InvalidResourceType);

    // Without a subscription az takes the directory's id for one.
    private async ValueTask<bool> IsOwn(string subscription, Account account, CancellationToken ct) =>
        Guid.TryParse(subscription, out var id) && (id == Tokens.SubscriptionOf(account) || id == await installation.Tokens.Keys.Tenant(ct));

    private bool May(Principal caller, string action, IReadOnlyDictionary<string, string> path, WireRequest request)
    {
        var resource = "arn:aws:zenko:::storageAccounts/" + path.GetValueOrDefault("name", "*");
        return Decision.Of(new(Authorizer.CallerOf(caller), "zenko:" + action, resource, Value), null, null) == Access.Allowed;

        IReadOnlyList<string>? Value(string key) => SenderKeys.Find(key, caller, request, installation.Clock.GetUtcNow()) is { } value ? [value] : null;
    }
}

/// <summary>What tokens are for.</summary>
internal static class Audience
{
    /// <summary>Azure's name of its storage services, which clients ask tokens for whatever the cloud.</summary>
    public const string Storage = "https://storage.azure.com";

    /// <summary>Whether a token is for the data of storage accounts; any other is for their management.</summary>
    public static bool IsStorage(string audience) => audience.TrimEnd('/').Equals(Storage, StringComparison.OrdinalIgnoreCase) || IsBlobHost(audience);

    /// <summary>Whether a token is for the data of this storage account: of all, or of it by its host (<c>https://NAME.blob.…</c>).</summary>
    public static bool IsStorage(string audience, string account) =>
        IsBlobHost(audience) ? new Uri(audience).Host.Split('.')[0].Equals(account, StringComparison.OrdinalIgnoreCase) : IsStorage(audience);

    private static bool IsBlobHost(string audience) => Uri.TryCreate(audience, UriKind.Absolute, out var uri) && uri.Host.Split('.', 3) is [_, "blob", _];
}
