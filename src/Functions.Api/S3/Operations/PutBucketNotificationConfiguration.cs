using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// PutBucketNotificationConfiguration: who is told of what happens to the bucket's objects. Each destination gets a test
/// event. An empty configuration ends all.
/// </summary>
public sealed class PutBucketNotificationConfiguration : Operation
{
    private const int MaxBody = 512 * 1024;

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketNotificationConfiguration", "PUT", Target.Bucket, "s3:PutBucketNotification") { Query = ["notification"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var skipsCheck = string.Equals(call.Header("x-amz-skip-destination-validation"), "true", StringComparison.OrdinalIgnoreCase);
        var setting = NotificationDocument.Parse(await Payload.ReadMessage(call, MaxBody, false, ct));
        var targets = (setting?.Rules ?? []).Select(rule => (rule.Arn, rule.Target)).DistinctBy(each => each.Target).ToList();
        var events = call.Services.Events;
        foreach (var (arn, target) in targets)
            if (!skipsCheck && events?.Find(target) is null)
                throw Invalid.Argument("Arn", arn, "Unable to validate the following destination configurations");

        var reply = await call.ChangeSetting(BucketSettings.Notifications, setting, 200, ct);
        if (reply.Error is not null || events is null) return reply;
        foreach (var (_, target) in targets)
            if (events.Find(target) is not null) await events.SendTest(target, call.BucketName, call.RequestId, ct);
        return reply;
    }
}
