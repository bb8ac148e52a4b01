using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Statistics;

namespace ZenkoFunctions.Api.Utapi;

/// <summary>
/// The way of a request to Utapi: query, signature, body, policy, numbers. Its one action tells of buckets, accounts, users or the service
/// what was counted in a time. Accounts see what is theirs, administrators everything.
/// </summary>
/// <param name="installation">The domain.</param>
/// <param name="authenticator">Verifies signatures: version 4 of S3's.</param>
/// <param name="hosts">Under which all paths are keys.</param>
public sealed class UtapiGateway(Installation installation, Authenticator authenticator, HostNames hosts) : IProtocol
{
    /// <summary>A hundred names, as long as they may be.</summary>
    private const int BodyBytes = 128 * 1024;

    /// <inheritdoc/>
    public string Name => "utapi";

    /// <inheritdoc/>
    public Dialect Dialect => Dialect.Management;

    /// <inheritdoc/>
    public bool IsFor(WireRequest request) => MetricsRequest.Is(request) && !hosts.IsBucket(request.Headers.Host);

    /// <inheritdoc/>
    public async ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct)
    {
        var sender = await Verify(exchange, ct);
        exchange.Sender = sender.Principal;
        MetricsRequest.CheckQuery(exchange.Request);
        exchange.Operation = MetricsRequest.Action;
        var body = await S3Body.ReadAll(sender.Body, sender.Length, BodyBytes, MetricsRequest.Action, ct);
        var now = installation.Clock.GetUtcNow();
        var request = MetricsRequest.Read(exchange.Request.RawPath, body, now);

        List<(string Name, string Id)> permitted = [];
        foreach (var name in request.Names)
            if (await Find(request.Level, name, sender.Principal, ct) is { } id && IsAllowed(request.Level, name, exchange.Request, sender.Principal, now)) permitted.Add((name, id));
        if (permitted.Count == 0) return Reply.Refused(S3Errors.AccessDenied, "These are not the sender's, or are not there, or its policies do not allow utapi:ListMetrics.");

        var to = request.To ?? now;
        await installation.Statistics.Flush(ct);
        var metrics = await installation.Statistics.Metrics.Read(request.Level, [.. permitted.Select(each => each.Id)], request.From, to, ct);
        List<MetricsDocument> documents = [.. permitted.Zip(metrics, (entity, metric) => MetricsDocument.Of(request.Level, entity.Name, request.From, to, metric))];
        return request.Level == MetricsLevel.Service
            ? Reply.Json(UtapiJson.Default.MetricsDocument, documents[0])
            : Reply.Json(UtapiJson.Default.ListMetricsDocument, documents);
    }

    private async ValueTask<Authenticated> Verify(Exchange exchange, CancellationToken ct)
    {
        var (authorization, query) = (exchange.Request.Headers.Authorization, exchange.Request.Query);
        if (exchange.Request.SignedIn is null && authorization.Count == 0 && !query.Items.Any(item => item.Key.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase)))
            throw new S3Exception(UtapiErrors.MissingAuthenticationToken);
        // Version 2 does not cover what is asked for here.
        if (authorization.Any(header => header?.StartsWith("AWS ", StringComparison.Ordinal) == true)) throw new S3Exception(S3Errors.InvalidRequest, "Sign this request with version 4.");
        try
        {
            var sender = await exchange.FirstThatMatches(() => authenticator.Verify(exchange.Request, null, ct));
            return sender.Principal.IsAnonymous ? throw new S3Exception(UtapiErrors.MissingAuthenticationToken) : sender;
        }
        catch (S3Exception e) when (UtapiErrors.OfSignature(e.Error) is var error && error != e.Error)
        {
            throw new S3Exception(error, e.Detail);
        }
    }

    /// <summary>The id by which an entity is counted, where the sender may know of it; else null.</summary>
    private async ValueTask<string?> Find(MetricsLevel level, string name, Principal sender, CancellationToken ct)
    {
        var account = sender.Account!;
        var seesAll = await installation.Accounts.IsAdministrator(account, ct);
        switch (level)
        {
            case MetricsLevel.Buckets:
                return await installation.Buckets.Find(name, ct) is { } bucket && (seesAll || bucket.OwnerId == account.Id) ? bucket.Id : null;
            case MetricsLevel.Accounts:
                var found = await installation.Accounts.Find(name, ct) ?? await installation.Accounts.FindByCanonicalId(name, ct);
                return found is not null && (seesAll || found.Id == account.Id) ? found.Id : null;
            case MetricsLevel.Users:
                if (seesAll) return name;
                await foreach (var user in installation.Accounts.Users(account, ct))
                    if (user.Id == name) return name;
                return null;
            default:
                return seesAll ? "" : null;
        }
    }

    private static bool IsAllowed(MetricsLevel level, string name, WireRequest request, Principal sender, DateTimeOffset now) =>
        Decision.Of(
            new(
                Authorizer.CallerOf(sender), "utapi:" + MetricsRequest.Action, $"arn:scality:utapi:::{MetricsRequest.NameOf(level)}/{name}",
                key => SenderKeys.Find(key, sender, request, now) is { } value ? [value] : null),
            null, null) == Access.Allowed;
}
