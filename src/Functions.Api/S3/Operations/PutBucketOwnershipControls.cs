using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutBucketOwnershipControls: who owns what is written, and whether ACLs count.</summary>
public sealed class PutBucketOwnershipControls : Operation
{
    private const int MaxBody = 64 * 1024;

    private static readonly XmlShape<Rule> RuleShape = new XmlShape<Rule>("Rule")
        .Text("ObjectOwnership", r => r.ObjectOwnership, (r, v) => r.ObjectOwnership = v, required: true);

    internal static readonly XmlShape<Controls> Shape = new XmlShape<Controls>("OwnershipControls")
        .Nested("Rule", RuleShape, c => c.Rule, (c, v) => c.Rule = v, required: true);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketOwnershipControls", "PUT", Target.Bucket, "s3:PutBucketOwnershipControls") { Query = ["ownershipControls"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var controls = Shape.Read(await Payload.ReadMessage(call, MaxBody, mustSay: false, ct));
        var ownership = BucketGrants.OwnershipNamed(controls.Rule!.ObjectOwnership)
            ?? throw XmlReading.Malformed("ObjectOwnership must be BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter.");
        var isOpen = false;
        var changed = await call.Services.Buckets.Change<OwnershipSetting>(
            call.Bucket,
            BucketSettings.Ownership,
            bucket =>
            {
                isOpen = ownership == Ownership.BucketOwnerEnforced && bucket.Get(BucketSettings.Acl) is not null;
                return isOpen ? Refusal.InvalidRequest : new OwnershipSetting(ownership);
            },
            ct);
        if (isOpen) return Reply.Refused(S3Errors.InvalidBucketAclWithObjectOwnership);
        return changed.Refusal is null ? Reply.Empty() : Reply.Refused(changed);
    }

    internal sealed class Controls
    {
        public Rule? Rule { get; set; }
    }

    internal sealed class Rule
    {
        public string ObjectOwnership { get; set; } = "";
    }
}
