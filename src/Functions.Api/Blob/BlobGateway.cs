using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>
/// The way of a request of Azure's Blob protocol: account, address, router, signature, policy, container, operation. Signature and
/// policy are asked here and nowhere else, for every operation.
/// </summary>
/// <param name="installation">The domain.</param>
/// <param name="services">The same, as S3's rooms see it.</param>
/// <param name="authenticate">Verifies who sends a request.</param>
/// <param name="hosts">Tells which requests are of this protocol.</param>
public sealed class BlobGateway(Installation installation, S3Services services, BlobAuthenticate authenticate, BlobHosts hosts) : IProtocol
{
    private static readonly string[] Removals = ["s3:DeleteObject", "s3:DeleteObjectVersion"];

    private readonly BlobRouter router = new(BlobOperations.All.Concat(UnimplementedBlobOperations.All));
    private readonly Authorizer authorizer = new(services);

    /// <inheritdoc/>
    public string Name => "blob";

    /// <inheritdoc/>
    public Dialect Dialect { get; } = new BlobDialect();

    /// <inheritdoc/>
    public bool IsFor(WireRequest request) => hosts.IsFor(request);

    /// <inheritdoc/>
    public ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct) => exchange.FirstThatMatches(() => Run(exchange, null, null, ct));

    /// <param name="exchange">The request.</param>
    /// <param name="known">Who asks in the storage account, where that is known already.</param>
    /// <param name="reads">What it is to a copy that it reads the source of; null for none.</param>
    /// <param name="ct">Ends it.</param>
    private async ValueTask<Reply> Run(Exchange exchange, (BlobSender Sender, string Account)? known, SourceRead? reads, CancellationToken ct)
    {
        var request = exchange.Request;
        var address = BlobAddress.Parse(hosts.AccountOf(request.Headers.Host), request);
        // Whoever sent it may have meant another host than the likeliest.
        if (await installation.BlobAccounts.Find(address.Account, ct) is not { } account) throw new S3Exception(BlobErrors.ResourceNotFound, "There is no such storage account.") { IsMismatch = true };
        if (request.Headers.Origin.Count > 0) exchange.Cors = BlobCors.OfReply(await installation.BlobAccounts.Service(account, ct), request);
        // Browsers ask without a signature.
        if (request.Verb == "OPTIONS") return BlobCors.Preflight(request, exchange.Cors);
        var operation = router.Resolve(address.Target, request);
        exchange.Operation = operation.Spec.Name;
        if (operation.Spec.NeedsLength && request.ContentLength is null) return Reply.Refused(BlobErrors.MissingContentLengthHeader);
        if (account.HttpsOnly && !request.IsHttps) return Reply.Refused(BlobErrors.AccountRequiresHttps);
        var sender = known is { } before && before.Account == account.Id ? before.Sender : await authenticate(request, address, account, ct);
        exchange.Sender = sender.Principal;
        return await Permitted(exchange, request, address, account, sender, operation, reads, ct);
    }

    private async ValueTask<Reply> Permitted(
        Exchange exchange, WireRequest request, BlobAddress address, BlobAccount account, BlobSender sender, BlobOperation operation, SourceRead? reads,
        CancellationToken ct)
    {
        var spec = operation.Spec;
        if (sender.Grant is { } grant && RefusedBy(grant, spec, address) is { } mismatch) return Reply.Refused(mismatch);
        var bucket = address.Target == Target.Service ? null : await installation.Containers.Find(account, address.Container, ct);
        exchange.Bucket = bucket;
        var question = new AccessQuestion(spec.Action, bucket, address.Blob, request.Query["versionid"])
        {
            BucketName = bucket is null ? address.Container : null,
            IsAskedAgain = spec.SeesVersion,
        };
        if (sender.Principal.IsAnonymous)
        {
            if (!IsPublic(account, bucket, spec)) return Reply.Refused(spec.Public == ContainerAccess.None ? BlobErrors.NoAuthenticationInformation : BlobErrors.ResourceNotFound);
        }
        // The storage account itself is its owner's alone; containers may be opened to others by their policies.
        else if ((bucket is null && sender.Principal.Account?.Id != account.OwnerId) || !await May(sender.Principal, question, ct))
        {
            return Reply.Refused(BlobErrors.AuthorizationPermissionMismatch);
        }
        if (bucket is null && address.Target != Target.Service && !spec.ContainerMayBeAbsent) return Reply.Refused(BlobErrors.ContainerNotFound);
        // The blob must not be changed in its snapshot's place.
        if (spec is { Verb: "PUT", Target: Target.Object, ChangesSnapshots: false } && request.Query["snapshot"] is { Length: > 0 })
            return Reply.Refused(BlobErrors.InvalidQueryParameterValue, "Of a snapshot only tags and tier can be changed; copy it over its blob, and change that.");

        if (await services.Throttle.Refuse(exchange, Throttling.KindOf(spec.Verb, spec.Lists, removes: false), ct) is { } slow) return slow;
        var reply = await operation.Run(
            new()
            {
                Request = request,
                Address = address,
                Account = account,
                Retention = await installation.BlobAccounts.DeleteRetention(account, ct),
                Sender = sender,
                Spec = spec,
                BucketRow = bucket is null || spec.Verb is "GET" or "HEAD" ? bucket : bucket with { Permit = StillPermitted },
                RequestId = exchange.RequestId,
                Version = request.Headers["x-ms-version"] is [{ Length: > 0 } version] ? version : BlobDialect.DefaultVersion,
                Installation = installation,
                Ask = (other, stop) => Run(new(other, exchange.RequestId), null, null, stop),
                AskSource = (other, how, stop) => Run(new(other, exchange.RequestId), how.AsSender ? (sender, account.Id) : null, how, stop),
                Reads = reads,
                MaySee = MaySee,
                Locate = Locate,
            },
            ct);
        return sender.Grant is { Overrides.Count: > 0 } told && reply.Error is null && spec is { Target: Target.Object, Verb: "GET" or "HEAD", Comp: null } ? reply.Instead(told.Overrides) : reply;

        async ValueTask<bool> MaySee(ObjectVersion version, CancellationToken stop) =>
            version.OwnerCanonicalId is null || sender.Principal.IsAnonymous
            || await authorizer.Decide(sender.Principal, question with { Version = version, IsAskedAgain = false }, request, spec.Access, stop) == Access.Allowed;

        // Where the container or the sender was changed since, it is asked again right before the commit.
        async ValueTask<bool> StillPermitted(Bucket now, CancellationToken stop)
        {
            var renewed = sender.Renew is null ? sender.Principal : await sender.Renew(stop);
            if (renewed is null) return false;
            if (ReferenceEquals(now.Settings, bucket.Settings) && ReferenceEquals(renewed.Policies, sender.Principal.Policies)) return true;
            return await May(renewed, question with { Bucket = now, Version = null }, stop);
        }

        async ValueTask<bool> May(Principal who, AccessQuestion what, CancellationToken stop)
        {
            if (await authorizer.Decide(who, what, request, spec.Access, stop) != Access.Allowed) return false;
            if (!spec.RemovesContents || what.Bucket is null) return true;
            foreach (var action in Removals)
                if (await authorizer.Decide(who, new(action, what.Bucket) { IsOfAll = true }, request, spec.Access, stop) != Access.Allowed) return false;
            return true;
        }
    }

    private async ValueTask<(Bucket Bucket, string Key)?> Locate(WireRequest request, CancellationToken ct)
    {
        var address = BlobAddress.Parse(hosts.AccountOf(request.Headers.Host), request);
        return await installation.BlobAccounts.Find(address.Account, ct) is { } account && await installation.Containers.Find(account, address.Container, ct) is { } bucket
            ? (bucket, address.Blob)
            : null;
    }

    /// <summary>Whether those may ask who do not sign: the account, the container and no public access block of S3's stand against it.</summary>
    private static bool IsPublic(BlobAccount account, Bucket? bucket, BlobSpec spec) =>
        spec.Public != ContainerAccess.None && account.AllowPublicAccess && bucket?.Get(BucketSettings.Container) is { } setting
        && setting.Access != ContainerAccess.None && setting.Access >= spec.Public
        && bucket.PublicAccessBlock() is { RestrictPublicBuckets: false, IgnorePublicAcls: false };

    private static S3Error? RefusedBy(Grant grant, BlobSpec spec, BlobAddress address)
    {
        if (!spec.HasParts && grant.ResourceTypes is { } types && !types.Contains(spec.Target switch { Target.Service => 's', Target.Bucket => 'c', _ => 'o' }))
            return BlobErrors.AuthorizationResourceTypeMismatch;
        if (spec.NeedsAccountSas && grant.ResourceTypes is null) return BlobErrors.AuthorizationFailure;
        if (grant.Container is { } container && (container != address.Container || (grant.Blob is { } blob && blob != address.Blob)))
            return BlobErrors.AuthenticationFailed;
        // A signature for a container is for what is in it: its blobs, and their lists and batches.
        if (grant.Container is not null && spec.Target == Target.Bucket && spec.Comp is not ("list" or "blobs" or "batch")) return BlobErrors.AuthorizationPermissionMismatch;
        return spec.Permissions.AsSpan().ContainsAny(grant.Permissions) ? null : BlobErrors.AuthorizationPermissionMismatch;
    }
}
