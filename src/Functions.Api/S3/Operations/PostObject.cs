using ZenkoFunctions.Api.S3.Forms;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3;

/// <summary>
/// PostObject: a browser's form stores its file. Key, description and signature are fields of the form; the gateway has read
/// them when it gets here, and the body is the file.
/// </summary>
public sealed class PostObject : Operation
{
    private static readonly XmlShape<Stored> Shape = new XmlShape<Stored>("PostResponse", xmlns: null)
        .Text("Location", s => s.Location).Text("Bucket", s => s.Bucket).Text("Key", s => s.Key).Quoted("ETag", s => s.ETag);

    /// <inheritdoc/>
    public override OperationSpec Spec { get; } =
        new("PostObject", "POST", Target.Bucket, "s3:PutObject") { Anonymous = true, NeedsLength = true, IsForm = true };

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(S3Call call, CancellationToken ct)
    {
        var written = await PutObject.Write(call, Conditions.None, ct);
        if (written.Refusal is not null) return Reply.Refused(written);
        var version = written.Value.Version;
        var form = call.Request.Form!;
        if (Redirect(form, version) is { } target) return PutObject.Describe(Reply.Empty(303), call, version).With("Location", target);

        var location = Location(call);
        var reply = form["success_action_status"] switch
        {
            "200" => Reply.Empty(),
            "201" => Reply.Document(
                Shape, new Stored { Location = location, Bucket = call.BucketName, Key = call.Key, ETag = version.ETag }, 201),
            _ => Reply.Empty(204),
        };
        return PutObject.Describe(reply, call, version).With("Location", location);
    }

    /// <summary>Where the browser is sent; null where the form does not say, or says what is no address of a page.</summary>
    private static string? Redirect(PostForm form, ObjectVersion version)
    {
        if (!Uri.TryCreate(form["success_action_redirect"] ?? form["redirect"], UriKind.Absolute, out var uri)
            || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps)) return null;
        var result = $"bucket={Uri.EscapeDataString(form.Bucket)}&key={Uri.EscapeDataString(form.Key)}"
            + $"&etag={Uri.EscapeDataString(ETags.Quote(version.ETag))}";
        // An address without a path is not given one: browsers do that, and others compare it.
        var address = uri.OriginalString;
        var fragment = address.IndexOf('#', StringComparison.Ordinal);
        if (fragment >= 0) address = address[..fragment];
        return $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{result}";
    }

    private static string Location(S3Call call)
    {
        var request = call.Request;
        var bucketPath = request.RawPath.Length > 1 ? $"/{call.BucketName}/" : "/";
        return $"{(request.IsHttps ? "https" : "http")}://{request.Headers.Host}{bucketPath}{Uri.EscapeDataString(call.Key)}";
    }

    private sealed class Stored
    {
        public string Location { get; init; } = "";

        public string Bucket { get; init; } = "";

        public string Key { get; init; } = "";

        public string ETag { get; init; } = "";
    }
}
