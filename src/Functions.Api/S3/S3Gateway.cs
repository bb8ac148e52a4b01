using ZenkoFunctions.Api.S3.Forms;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Verifies a request's signature and opens its payload; throws <see cref="S3Exception"/> where it is wrong.</summary>
/// <param name="request">As it came.</param>
/// <param name="hostBucket">The bucket that the Host header names, or null for path style.</param>
/// <param name="ct">Ends the look-up of the key.</param>
public delegate ValueTask<Authenticated> Authenticate(WireRequest request, string? hostBucket, CancellationToken ct);

/// <summary>
/// The way of an S3 request: address, router, signature, policy, bucket, operation. Signature and policy are asked here and
/// nowhere else, for every operation.
/// </summary>
/// <param name="services">The domain.</param>
/// <param name="router">Knows the operations.</param>
/// <param name="authenticate">Verifies signatures.</param>
/// <param name="hosts">Under which names buckets are.</param>
/// <param name="consoleFor">The origin of the console's pages for whoever sends a request; null where there is none.</param>
public sealed class S3Gateway(S3Services services, Router router, Authenticate authenticate, HostNames hosts, Func<WireRequest, string?>? consoleFor = null)
{
    private readonly Authorizer authorizer = new(services);

    /// <summary>Answers a request; throws <see cref="S3Exception"/> for malformed input.</summary>
    public async ValueTask<Reply> Answer(Exchange exchange, CancellationToken ct)
    {
        if (hosts.WebsiteOf(exchange.Request.Headers.Host) is { } site) return await AnswerPage(exchange, site, ct);
        var sent = exchange.Request;
        var request = HoistedHeaders.Lowered(sent);
        var hostBucket = hosts.BucketOf(request.Headers.Host);
        var address = Address.Parse(hostBucket, request.RawPath);
        exchange.Address = address;

        var console = consoleFor is null ? null : Cors.OfConsole(consoleFor, request, address);
        if (console is null) await AllowOrigin(exchange, request, address, ct);
        else exchange.Cors = console;

        var route = router.Resolve(address.Target, request);
        exchange.Operation = route.Name;
        if (route.Refusal == S3Errors.MethodNotAllowed)
            return Reply.Refused(route.Refusal).With("Allow", router.Allow(address.Target));
        if (route.Refusal is not null) return Reply.Refused(route.Refusal, route.Detail);
        var operation = route.Operation!;
        var spec = operation.Spec;
        if (spec.IsPreflight && console is not null) return Reply.Empty();
        if (spec.NeedsLength && request.ContentLength is null && !request.Headers.ContainsKey("Transfer-Encoding"))
            return Reply.Refused(S3Errors.MissingContentLength);

        if (spec.IsForm)
        {
            var form = await PostForm.Read(sent, address.Bucket, ct);
            sent = sent with { Form = form };
            request = FormHeaders.Lowered(sent, form);
            exchange.Address = address = address with { Key = form.Key };
        }

        var sender = spec.IsPreflight
            ? new(Principal.Anonymous, sent.Body, sent.ContentLength, static _ => null)
            : await authenticate(sent, hostBucket, ct);
        exchange.Sender = sender.Principal;
        return await Permitted(exchange, operation, request, sender, address, ct);
    }

    /// <summary>Answers a request to a website's host. Its visitors are nobody: whatever it carries of a signature is not looked at.</summary>
    private async ValueTask<Reply> AnswerPage(Exchange exchange, string site, CancellationToken ct)
    {
        exchange.Dialect = Dialect.Page;
        // A website knows no parameters.
        var request = exchange.Request with { RawQuery = "", Query = QueryParameters.Parse("") };
        var address = Address.Parse(site, request.RawPath);
        exchange.Address = address;
        exchange.Sender = Principal.Anonymous;
        await AllowOrigin(exchange, request, address, ct);
        if (await services.Buckets.Find(site, ct) is not { } bucket) return Reply.Refused(S3Errors.NoSuchBucket);
        if (router.Resolve(Target.Object, request) is not { Operation: GetObject or HeadObject or OptionsObject } route)
            return Reply.Refused(S3Errors.MethodNotAllowed).With("Allow", "GET, HEAD, OPTIONS");
        exchange.Operation = route.Name;
        var nobody = new Authenticated(Principal.Anonymous, request.Body, request.ContentLength, static _ => null);
        if (route.Operation is OptionsObject preflight) return await Permitted(exchange, preflight, request, nobody, address, ct);
        return await Website.Answer(
            bucket, request, address.Key,
            (asked, key, stop) => Permitted(exchange, router.Resolve(Target.Object, asked).Operation!, asked, nobody, new(site, key), stop), ct);
    }

    private async ValueTask AllowOrigin(Exchange exchange, WireRequest request, Address address, CancellationToken ct)
    {
        if (request.Headers.Origin.Count > 0 && address.Bucket.Length > 0)
            exchange.Cors = await Cors.OfReply(services, await services.Buckets.Find(address.Bucket, ct), request, ct);
    }

    /// <summary>Has a verified request answered, where its sender may ask for it.</summary>
    private async ValueTask<Reply> Permitted(
        Exchange exchange, Operation operation, WireRequest request, Authenticated sender, Address address, CancellationToken ct)
    {
        var spec = operation.Spec;
        if (sender.Principal.IsAnonymous && !spec.Anonymous && !spec.IsPreflight) return Reply.Refused(S3Errors.AccessDenied);

        var bucket = address.Target == Target.Service ? null : await services.Buckets.Find(address.Bucket, ct);
        exchange.Bucket = bucket;
        if (bucket is null && operation is DeleteBucket && request.Token is { } token
            && await services.Buckets.WasDeletedBy(address.Bucket, token, ct)) return Reply.Empty(204);
        if (bucket is null && address.Target != Target.Service && !spec.BucketMayBeAbsent)
            return Reply.Refused(S3Errors.NoSuchBucket);
        var question = spec.BucketMayBeAbsent
            ? new AccessQuestion(spec.Action, null) { BucketName = address.Bucket }
            : new AccessQuestion(spec.Action, bucket, address.Key, request.Query["versionId"]) { IsAskedAgain = spec.SeesVersion };
        var access = spec.IsPreflight || spec.AsksItself ? Access.Allowed : await authorizer.Decide(sender.Principal, question, request, spec, ct);
        if (access != Access.Allowed)
            return Reply.Refused(
                access == Access.Refused && await IsMissing(question) && await MayKnowMissing() ? S3Errors.NoSuchKey : S3Errors.AccessDenied);
        if (bucket is not null && request.Headers.TryGetValue("x-amz-expected-bucket-owner", out var owner) && owner != bucket.OwnerId)
            return Reply.Refused(S3Errors.AccessDenied, "The bucket is not owned by the account in x-amz-expected-bucket-owner.");

        var isCharged = !spec.IsPreflight && !spec.BucketMayBeAbsent && Payment.IsRequesters(bucket, sender.Principal);
        if (isCharged && !Payment.IsAgreed(sender.Principal, request.Headers))
            return Reply.Refused(S3Errors.AccessDenied, "Requesters pay for this bucket: sign the request and send x-amz-request-payer: requester.");

        UnservedHeaders.Refuse(request.Headers);
        if (spec.Target == Target.Object && VersionIds.Parse(request.Query["versionId"]) is { } version && !spec.TakesVersion)
            throw Invalid.Argument("versionId", version, $"{spec.Name} does not accept a version id; leave it out.");

        if (!spec.IsPreflight && await services.Throttle.Refuse(exchange, Throttling.KindOf(spec.Verb, spec.Lists, spec.Removes), ct) is { } slow) return slow;
        var reply = await operation.Run(
            new()
            {
                Request = request,
                Sender = sender,
                Spec = spec,
                BucketName = address.Bucket,
                Key = address.Key,
                BucketRow = bucket is null || spec.BucketMayBeAbsent || IsRead() ? bucket : Permitting(question),
                Permitting = Permitting,
                IsPage = exchange.Dialect == Dialect.Page,
                RequestId = exchange.RequestId,
                Services = services,
                May = async (other, stop) => await authorizer.Decide(sender.Principal, other, request, spec, stop) == Access.Allowed,
            },
            ct);
        if (reply.Error == S3Errors.NoSuchKey && IsRead() && !await MayKnowMissing()) reply = Reply.Refused(S3Errors.AccessDenied);
        return isCharged ? reply.WithCharge() : reply;

        Bucket Permitting(AccessQuestion asked) => asked.Bucket! with
        {
            Permit = async (now, stop) =>
            {
                var renewed = sender.Renew is null ? sender.Principal : await sender.Renew(stop);
                if (renewed is null) return false;
                if (ReferenceEquals(now.Settings, asked.Bucket!.Settings) && ReferenceEquals(renewed.Policies, sender.Principal.Policies)) return true;
                // What an operation asks itself about is its own to say.
                return (spec.AsksItself && ReferenceEquals(asked, question))
                    || await authorizer.Decide(renewed, asked with { Bucket = now, Version = null }, request, spec, stop) == Access.Allowed;
            },
        };

        bool IsRead() => address.Target == Target.Object && spec.Verb is "GET" or "HEAD";

        async ValueTask<bool> IsMissing(AccessQuestion asked) =>
            IsRead() && await authorizer.IsMissing(bucket!, address.Key, asked.VersionId, ct);

        ValueTask<bool> MayKnowMissing() => authorizer.MayKnowMissing(sender.Principal, bucket!, address.Key, request, spec, ct);
    }
}
