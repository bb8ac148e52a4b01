using System.Text;
using System.Text.Json;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>Who may do what in the bucket.</summary>
public sealed class PolicyEditor : BucketEditor
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    public override string Id => "policy";

    /// <inheritdoc/>
    public override string Title => "Policy";

    /// <inheritdoc/>
    public override string Lead => "Who else may do what in this bucket, and what nobody may: a policy document in JSON, as AWS has them. Leave it empty for none.";

    /// <inheritdoc/>
    public override string Query => "policy";

    /// <inheritdoc/>
    public override IReadOnlyList<Input> Inputs { get; } = [new("document", "Policy document", InputKind.Code)];

    internal override IReadOnlyList<(string Name, Func<string, FormValues> Values)> Templates { get; } =
    [
        ("Anyone may read objects", bucket => Document($$"""
            {
              "Version": "2012-10-17",
              "Statement": [
                { "Sid": "PublicRead", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{{bucket}}/*" }
              ]
            }
            """)),
        ("Another account may read", bucket => Document($$"""
            {
              "Version": "2012-10-17",
              "Statement": [
                { "Sid": "Reader", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::ACCOUNT-ID:root" }, "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::{{bucket}}", "arn:aws:s3:::{{bucket}}/*"] }
              ]
            }
            """)),
        ("Only over HTTPS", bucket => Document($$"""
            {
              "Version": "2012-10-17",
              "Statement": [
                { "Sid": "OnlyHttps", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::{{bucket}}", "arn:aws:s3:::{{bucket}}/*"], "Condition": { "Bool": { "aws:SecureTransport": "false" } } }
              ]
            }
            """)),
    ];

    internal override FormValues Read(ApiAnswer? answer)
    {
        if (answer is null) return new();
        using var document = JsonDocument.Parse(answer.Body);
        return Document(JsonSerializer.Serialize(document.RootElement, Indented));
    }

    internal override EditorRequest Write(FormValues values, ApiAnswer? before)
    {
        if (values["document"] is not { } text) return EditorRequest.Remove;
        try
        {
            JsonDocument.Parse(text).Dispose();
        }
        catch (JsonException e)
        {
            throw new EditorException($"This is no JSON: look at line {e.LineNumber + 1}, character {e.BytePositionInLine + 1}.");
        }
        return new(Encoding.UTF8.GetBytes(text));
    }

    private static FormValues Document(string text) => Values(("document", text));
}
