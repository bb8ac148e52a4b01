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
        var isLocked = IsLocked(call);
        if (isLocked)
            settings = settings.With(BucketSettings.Versioning, new(VersioningState.Enabled)).With(BucketSettings.ObjectLock, new(null));
        var created = await call.Services.Buckets.Create(call.BucketName, call.Account, location, settings, ct);
        // AWS's oldest region, and it alone, lets an owner make a bucket again; scripts for it rely on that.
        // But not one whose versions cannot be locked, where that is asked for.
        var isAgain = created.Refusal == Refusal.BucketOwned && region == "us-east-1"
            && (!isLocked || created.Carried?.Get(BucketSettings.ObjectLock) is not null);
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

    /// <summary>A bucket that was meant to be public must not be made otherwise in silence.</summary>
    private static void RefuseWhatIsNotServed(S3Call call)
    {
        var acl = call.Header("x-amz-acl");
        // Those that a bucket can have and that are not served never come here.
        if (acl is not (null or "private")) throw Invalid.Argument("x-amz-acl", acl, "There is no such canned ACL of a bucket; leave it out.");
        var ownership = call.Header("x-amz-object-ownership");
        if (ownership is not null and not "BucketOwnerEnforced")
            throw ownership is "BucketOwnerPreferred" or "ObjectWriter"
                ? Invalid.NotServed("x-amz-object-ownership")
                : Invalid.Argument("x-amz-object-ownership", ownership, "There is no such object ownership.");
        if (call.Header("x-amz-bucket-namespace") is not (null or "global")) throw Invalid.NotServed("x-amz-bucket-namespace");
    }

    private sealed class Configuration
    {
        public string LocationConstraint { get; set; } = "";

        public List<Tag> Tags { get; } = [];
    }
}
