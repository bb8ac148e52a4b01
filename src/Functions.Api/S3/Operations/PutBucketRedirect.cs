using System.Globalization;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// PutBucketRedirect, our own: large GETs are answered with a redirect to a short-lived URL of the location that has the bytes,
/// where it has such URLs. The body is <c>&lt;RedirectConfiguration&gt;&lt;MinimumBytes&gt;8388608&lt;/MinimumBytes&gt;&lt;/RedirectConfiguration&gt;</c>.
/// </summary>
public sealed class PutBucketRedirect : Operation
{
    private const int MaxBody = 16 * 1024;

    /// <summary>The message, here and in the reply of Get.</summary>
    internal static readonly XmlShape<Configuration> Shape = new XmlShape<Configuration>("RedirectConfiguration", xmlns: null)
        .Text("MinimumBytes", c => c.MinimumBytes, (c, v) => c.MinimumBytes = v);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PutBucketRedirect", "PUT", Target.Bucket, "zenkofn:PutBucketRedirect") { Query = ["zenkofn-redirect"] };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var text = Shape.Read(await call.ReadAll(MaxBody, ct)).MinimumBytes;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
            throw Invalid.Argument("MinimumBytes", text, "MinimumBytes must be a number of bytes.");
        return await call.ChangeSetting(BucketSettings.Redirect, new(bytes), 200, ct);
    }

    internal sealed class Configuration
    {
        /// <summary>8 MiB where the client does not say: below that a second connection costs more than it saves.</summary>
        public string MinimumBytes { get; set; } = "8388608";
    }
}
