using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Cli.Probing;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>A version of an object, or a delete marker.</summary>
internal sealed record RemoteVersion(string Key, string VersionId);

/// <summary>The buckets of a running server by S3: those of the caller's account.</summary>
internal sealed class RemoteBuckets(RemoteServer server)
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary>All of the account, by name, with the times that they were made.</summary>
    public async IAsyncEnumerable<(string Name, string Created)> List([EnumeratorCancellation] CancellationToken ct)
    {
        string? token = "";
        while (token is not null)
        {
            var page = await server.AskXml(new("GET", "/") { Query = token.Length == 0 ? "" : "continuation-token=" + RemoteServer.Segment(token) }, ct);
            foreach (var bucket in page.All("Bucket")) yield return (bucket.Of("Name")!, bucket.Of("CreationDate")!);
            token = page.Of("ContinuationToken");
        }
    }

    /// <summary>Makes one.</summary>
    public Task Create(string bucket, string? location, bool isLocked, CancellationToken ct) => server.Send(
        new("PUT", Path(bucket))
        {
            Headers = isLocked ? [("x-amz-bucket-object-lock-enabled", "true")] : [],
            Body = location is null ? default : Bytes(new XElement(S3 + "CreateBucketConfiguration", new XElement(S3 + "LocationConstraint", location))),
        }, "application/xml", ct);

    /// <summary>Removes one that is empty.</summary>
    public Task Delete(string bucket, CancellationToken ct) => server.Send(new("DELETE", Path(bucket)), "application/xml", ct);

    /// <summary>Keeps old versions of its objects from now on.</summary>
    public Task EnableVersioning(string bucket, CancellationToken ct) => server.Send(
        new("PUT", Path(bucket)) { Query = "versioning", Body = Bytes(new XElement(S3 + "VersioningConfiguration", new XElement(S3 + "Status", "Enabled"))) }, "application/xml", ct);

    /// <summary>A document of it, such as its <c>versioning</c>; null where it has none.</summary>
    public async Task<XElement?> Find(string bucket, string subresource, CancellationToken ct)
    {
        try
        {
            return await server.AskXml(new("GET", Path(bucket)) { Query = subresource }, ct);
        }
        catch (RemoteException none) when (none is { Status: 404, Code: not "NoSuchBucket" })
        {
            return null;
        }
    }

    /// <summary>Its versions and delete markers, a page at a time; what was listed may be removed meanwhile.</summary>
    public async IAsyncEnumerable<IReadOnlyList<RemoteVersion>> Versions(string bucket, [EnumeratorCancellation] CancellationToken ct)
    {
        var after = "";
        while (true)
        {
            var page = await server.AskXml(new("GET", Path(bucket)) { Query = $"encoding-type=url&versions{after}" }, ct);
            yield return [.. page.Elements().Where(each => each.Name.LocalName is "Version" or "DeleteMarker").Select(each => new RemoteVersion(Uri.UnescapeDataString(each.Of("Key")!), each.Of("VersionId")!))];
            if (page.Of("IsTruncated") != "true") yield break;
            after = $"&key-marker={Again(page.Of("NextKeyMarker"))}&version-id-marker={RemoteServer.Segment(page.Of("NextVersionIdMarker") ?? "")}";
        }
    }

    /// <summary>Removes up to a thousand of them; those that could not be, and why.</summary>
    public async Task<IReadOnlyList<(RemoteVersion Version, string Why)>> Remove(string bucket, IReadOnlyList<RemoteVersion> versions, CancellationToken ct)
    {
        // XML has no way to write some characters that keys may have.
        List<(RemoteVersion, string)> kept = [];
        foreach (var odd in versions.Where(IsOdd))
        {
            try
            {
                await server.Send(new("DELETE", $"{Path(bucket)}/{Session.Encode(odd.Key)}") { Query = "versionId=" + RemoteServer.Segment(odd.VersionId) }, "application/xml", ct);
            }
            catch (RemoteException e) when (e.Status != 0)
            {
                kept.Add((odd, e.Message));
            }
        }
        if (versions.All(IsOdd)) return kept;
        var body = Bytes(new XElement(S3 + "Delete", versions.Where(each => !IsOdd(each))
            .Select(each => new XElement(S3 + "Object", new XElement(S3 + "Key", each.Key), new XElement(S3 + "VersionId", each.VersionId))).Append(new XElement(S3 + "Quiet", true))));
        var answer = await server.AskXml(new("POST", Path(bucket)) { Query = "delete", Body = body, Headers = [("x-amz-checksum-sha256", Convert.ToBase64String(SHA256.HashData(body)))] }, ct);
        return [.. kept, .. answer.All("Error").Select(each => (new RemoteVersion(each.Of("Key")!, each.Of("VersionId") ?? ""), each.Of("Message") ?? each.Of("Code") ?? ""))];
    }

    /// <summary>Its uploads in parts that are not complete, a page at a time.</summary>
    public async IAsyncEnumerable<IReadOnlyList<(string Key, string Id)>> Uploads(string bucket, [EnumeratorCancellation] CancellationToken ct)
    {
        var after = "";
        while (true)
        {
            var page = await server.AskXml(new("GET", Path(bucket)) { Query = $"encoding-type=url&uploads{after}" }, ct);
            yield return [.. page.All("Upload").Select(each => (Uri.UnescapeDataString(each.Of("Key")!), each.Of("UploadId")!))];
            if (page.Of("IsTruncated") != "true") yield break;
            after = $"&key-marker={Again(page.Of("NextKeyMarker"))}&upload-id-marker={RemoteServer.Segment(page.Of("NextUploadIdMarker") ?? "")}";
        }
    }

    /// <summary>Ends an upload, with its parts.</summary>
    public Task Abort(string bucket, string key, string id, CancellationToken ct) =>
        server.Send(new("DELETE", $"{Path(bucket)}/{Session.Encode(key)}") { Query = "uploadId=" + RemoteServer.Segment(id) }, "application/xml", ct);

    /// <summary>A time as people read it.</summary>
    public static string Time(string time) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? parsed.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : time;

    private static string Path(string bucket) => "/" + RemoteServer.Segment(bucket);

    private static bool IsOdd(RemoteVersion version) => version.Key.Any(unit => char.IsControl(unit) || unit is '\ufffe' or '\uffff');

    // It came encoded as a listing's keys do, which is not how queries are.
    private static string Again(string? marker) => RemoteServer.Segment(Uri.UnescapeDataString(marker ?? ""));

    private static byte[] Bytes(XElement element) => Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
}
