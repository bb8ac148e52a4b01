using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>PutObjectLegalHold: puts a version on hold, or lets it go.</summary>
public sealed class PutObjectLegalHold : Operation
{
    private const int MaxBody = 64 * 1024;

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutObjectLegalHold", "PUT", Target.Object, "s3:PutObjectLegalHold") { Query = ["legal-hold"], TakesVersion = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        LockHeaders.NeedLock(call.Bucket);
        var message = Shape.Read(await Payload.ReadVerified(call, MaxBody, ct));
        var hold = LockHeaders.HoldNamed(message.Status) ?? throw XmlReading.Malformed("Status must be ON or OFF.");
        var amended = await call.Services.Objects.Amend(
            call.Bucket, call.Key, call.Query("versionId"), version => version with { LegalHold = hold }, ct);
        return amended.Refusal is null ? Reply.Empty().WithVersion(call, amended.Value) : ObjectHeaders.RefusedChange(amended);
    }

    /// <summary>The document of a hold.</summary>
    internal static Reply Document(bool hold) => Reply.Document(Shape, new Message { Status = LockHeaders.Name(hold) });

    private sealed class Message
    {
        public string Status { get; set; } = "";
    }

    private static readonly XmlShape<Message> Shape = new XmlShape<Message>("LegalHold")
        .Text("Status", m => m.Status, (m, v) => m.Status = v, required: true);
}
