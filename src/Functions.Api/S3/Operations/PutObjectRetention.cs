using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutObjectRetention: retains a version until a date; an empty message takes that back, where it may be.</summary>
public sealed class PutObjectRetention : Operation
{
    private const int MaxBody = 64 * 1024;

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutObjectRetention", "PUT", Target.Object, "s3:PutObjectRetention") { Query = ["retention"], TakesVersion = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        LockHeaders.NeedLock(call.Bucket);
        var retention = Parse(Shape.Read(await Payload.ReadVerified(call, MaxBody, ct)));
        if (retention is not null) LockHeaders.NeedFuture(retention, call.Services.Clock);
        var versionId = call.Query("versionId");
        var bypass = await call.BypassesGovernance(call.Key, versionId, ct);
        var amended = await call.Services.Objects.Amend(
            call.Bucket, call.Key, versionId,
            version => ObjectLock.ForChange(version.Retention, retention, bypass, call.Services.Clock.GetUtcNow()) is { } declined
                ? declined
                : version with { Retention = retention },
            ct);
        return amended.Refusal is null ? Reply.Empty().WithVersion(call, amended.Value) : ObjectHeaders.RefusedChange(amended);
    }

    private static Retention? Parse(Message message)
    {
        if (message is { Mode: null, Until: null }) return null;
        if (message.Mode is null || message.Until is null) throw XmlReading.Malformed("Retention needs both Mode and RetainUntilDate.");
        return new(
            LockHeaders.ModeNamed(message.Mode) ?? throw XmlReading.Malformed("Mode must be GOVERNANCE or COMPLIANCE."),
            LockHeaders.WholeMilliseconds(message.Until.Value));
    }

    /// <summary>The document of a retention.</summary>
    internal static Reply Document(Retention retention) =>
        Reply.Document(Shape, new Message { Mode = LockHeaders.Name(retention.Mode), Until = retention.Until });

    private sealed class Message
    {
        public string? Mode { get; set; }

        public DateTimeOffset? Until { get; set; }
    }

    private static readonly XmlShape<Message> Shape = new XmlShape<Message>("Retention")
        .Text("Mode", m => m.Mode, (m, v) => m.Mode = v)
        .Date("RetainUntilDate", m => m.Until, (m, v) => m.Until = v);
}
