using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// PutBucketLogging: where the log of the bucket's requests is delivered, or, with an empty status, that there is none. The
/// target must be a bucket of the same owner, which needs no grant for the delivery then.
/// </summary>
public sealed class PutBucketLogging : Operation
{
    private const int MaxBody = 64 * 1024;
    private const int MaxPrefix = 800; // so that the keys fit

    private static readonly XmlShape<Partitioned> PartitionedShape = new XmlShape<Partitioned>("PartitionedPrefix")
        .Text("PartitionDateSource", p => p.Source, (p, v) => p.Source = v);

    private static readonly XmlShape<KeyFormat> KeyFormatShape = new XmlShape<KeyFormat>("TargetObjectKeyFormat")
        .Nested("SimplePrefix", new XmlShape<Nothing>("SimplePrefix"), f => f.Simple, (f, v) => f.Simple = v)
        .Nested("PartitionedPrefix", PartitionedShape, f => f.Partitioned, (f, v) => f.Partitioned = v);

    private static readonly XmlShape<Target> TargetShape = new XmlShape<Target>("LoggingEnabled")
        .Text("TargetBucket", t => t.Bucket, (t, v) => t.Bucket = v, required: true)
        .Text("TargetPrefix", t => t.Prefix, (t, v) => t.Prefix = v, required: true)
        .Unserved("TargetGrants")
        .Nested("TargetObjectKeyFormat", KeyFormatShape, t => t.Format, (t, v) => t.Format = v);

    /// <summary>The message, here and in the reply of Get.</summary>
    internal static readonly XmlShape<Status> Shape = new XmlShape<Status>("BucketLoggingStatus")
        .Nested("LoggingEnabled", TargetShape, s => s.Enabled, (s, v) => s.Enabled = v);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } = new("PutBucketLogging", "PUT", S3.Target.Bucket, "s3:PutBucketLogging") { Query = ["logging"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var status = Shape.Read(await Payload.ReadMessage(call, MaxBody, false, ct));
        if (status.Enabled is not { } target) return await call.ChangeSetting(BucketSettings.Logging, null, 200, ct);
        if (target.Prefix.Length > MaxPrefix) throw Invalid.Argument("TargetPrefix", target.Prefix, $"A prefix of logs has at most {MaxPrefix} characters.");
        var setting = new LoggingSetting(target.Bucket, target.Prefix) { KeyFormat = Format(target.Format) };

        var bucket = await call.Services.Buckets.Find(target.Bucket, ct);
        if (bucket is null) return Refused(target, "The target bucket for logging does not exist.");
        if (bucket.OwnerId != call.Bucket.OwnerId) return Refused(target, "The owner for the bucket to be logged and the target bucket must be the same.");
        if (bucket.Get(BucketSettings.RequestPayment) is not null) return Refused(target, "Requesters pay for the target bucket, so that no log can be delivered to it.");
        return await call.ChangeSetting(BucketSettings.Logging, setting, 200, ct);
    }

    private static Reply Refused(Target target, string detail) =>
        Reply.Refused(S3Errors.InvalidTargetBucketForLogging, detail).About("TargetBucket", target.Bucket);

    private static LogKeyFormat? Format(KeyFormat? format) => format switch
    {
        null => null,
        { Simple: not null, Partitioned: null } => LogKeyFormat.Simple,
        { Simple: null, Partitioned.Source: Partitioned.Event } => LogKeyFormat.ByEventTime,
        { Simple: null, Partitioned.Source: Partitioned.Delivery } => LogKeyFormat.ByDeliveryTime,
        _ => throw XmlReading.Malformed("TargetObjectKeyFormat is either a SimplePrefix, or a PartitionedPrefix with EventTime or DeliveryTime."),
    };

    internal sealed class Status
    {
        public Target? Enabled { get; set; }
    }

    internal sealed class Target
    {
        public string Bucket { get; set; } = "";

        public string Prefix { get; set; } = "";

        public KeyFormat? Format { get; set; }
    }

    internal sealed class KeyFormat
    {
        public Nothing? Simple { get; set; }

        public Partitioned? Partitioned { get; set; }

        public static KeyFormat? Of(LogKeyFormat? format) => format switch
        {
            null => null,
            LogKeyFormat.Simple => new() { Simple = new() },
            LogKeyFormat.ByEventTime => new() { Partitioned = new() { Source = Partitioned.Event } },
            _ => new() { Partitioned = new() { Source = Partitioned.Delivery } },
        };
    }

    internal sealed class Partitioned
    {
        public const string Event = "EventTime";
        public const string Delivery = "DeliveryTime";

        public string Source { get; set; } = Delivery;
    }

    internal sealed class Nothing;
}
