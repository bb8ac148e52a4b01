using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>Makes a bucket. Its LocationConstraint may be left out, name the endpoint's region, or a location.</summary>
public sealed class CreateBucket : Operation
{
    private const int MaxBody = 64 * 1024;
    private const string LockEnabled = "x-amz-bucket-object-lock-enabled";

    private static readonly XmlShape<Configuration> Shape = new XmlShape<Configuration>("CreateBucketConfiguration")
        .Text("LocationConstraint", c => c.LocationConstraint, (c, v) => c.LocationConstraint = v)
        .Wrapped("Tags", "Tag", TagSet.TagShape, c => c.Tags, (c, v) => c.Tags.Add(v))
        .Unserved("Location").Unserved("Bucket"); // the last two make directory buckets

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("CreateBucket", "PUT", Target.Bucket, "s3:CreateBucket") { BucketMayBeAbsent = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        RefuseWhatIsNotServed(call);
        var configuration = await call.ReadOptionalXml(Shape, MaxBody, ct);
        var constraint = configuration?.LocationConstraint.Trim() ?? "";
        var region = call.Services.Region;
        var location = constraint == region ? "" : constraint;

        var tags = TagSet.Check(configuration?.Tags ?? [], TagLimit.Bucket);
        var settings = tags.Count == 0 ? BucketSettings.None : BucketSettings.None.With(BucketSettings.Tagging, new(tags));
        settings = await call.NewBucketAccess(settings, ct);
        var isLocked = IsLocked(call);
        if (isLocked)
            settings = settings.With(BucketSettings.Versioning, new(VersioningState.Enabled)).With(BucketSettings.ObjectLock, new(null));
        var created = await call.Services.Buckets.Create(call.BucketName, call.Account, location, settings, call.Request.Token, ct);
        // AWS's oldest region, and it alone, lets an owner make a bucket again; scripts for it rely on that. An added location is told
        // whether it is like that.
        // But not one whose versions cannot be locked, where that is asked for.
        var isAgain = created.Refusal == Refusal.BucketOwned
            && (await call.Services.Buckets.Locations.Config(created.Carried?.LocationConstraint ?? "", ct))?.LegacyAwsBehavior is var legacy
            && (legacy ?? region == "us-east-1")
            && (!isLocked || created.Carried?.Get(BucketSettings.ObjectLock) is not null);
        // Nor one that is open to others than asked for: Ceph answers that it exists.
        if (isAgain && !BucketGrants.Same(created.Carried?.Get(BucketSettings.Acl), settings.Get(BucketSettings.Acl)))
            return Reply.Refused(S3Errors.BucketAlreadyExists).About("BucketName", call.BucketName);
        if (created.Refusal is not null && !isAgain)
            return Reply.Refused(created)
                .About("LocationConstraint", created.Refusal == Refusal.NoSuchLocation ? constraint : null)
                .About("BucketName", call.BucketName);
        return Reply.Empty().With("Location", "/" + call.BucketName);
    }

    private static bool IsLocked(S3Call call) => call.Header(LockEnabled) is { } header
        && (bool.TryParse(header, out var isLocked)
            ? isLocked
            : throw Invalid.Argument(LockEnabled, header, $"{LockEnabled} must be true or false."));

    /// <summary>A bucket that was meant to have a name of its account's own must not be made otherwise in silence.</summary>
    private static void RefuseWhatIsNotServed(S3Call call)
    {
        if (call.Header("x-amz-bucket-namespace") is not (null or "global")) throw Invalid.NotServed("x-amz-bucket-namespace");
    }

    private sealed class Configuration
    {
        public string LocationConstraint { get; set; } = "";

        public List<Tag> Tags { get; } = [];
    }
}
