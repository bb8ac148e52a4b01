using System.Globalization;
using System.Text.Json;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// UpdateBucketQuota, Zenko's: the most bytes that the bucket may hold. The body is <c>{"quota": 1000}</c> or an XML
/// QuotaConfiguration.
/// </summary>
public sealed class UpdateBucketQuota : Operation
{
    private const int MaxBody = 16 * 1024;

    private static readonly XmlShape<Configuration> Shape = new XmlShape<Configuration>("QuotaConfiguration", xmlns: null)
        .Text("Quota", c => c.Quota, (c, v) => c.Quota = v, required: true);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("UpdateBucketQuota", "PUT", Target.Bucket, "scality:UpdateBucketQuota") { Query = ["quota"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var body = await call.ReadAll(MaxBody, ct);
        var text = body.Span.TrimStart(" \t\r\n"u8) is [(byte)'<', ..] ? Shape.Read(body).Quota : ReadJson(body);
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
            throw Invalid.Argument("quota", text, "Quota Value should be a number");
        if (bytes == 0) throw Invalid.Argument("quota", text, "Quota value must be a positive number");
        return await call.ChangeSetting(BucketSettings.Quota, new(bytes), 200, ct);
    }

    private static string ReadJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("quota", out var quota))
                return quota.ToString();
        }
        catch (JsonException)
        {
            // Answered as what has no quota in it.
        }
        throw new S3Exception(S3Errors.InvalidArgument, "The body must be a JSON object with the number quota.");
    }

    private sealed class Configuration
    {
        public string Quota { get; set; } = "";
    }
}
