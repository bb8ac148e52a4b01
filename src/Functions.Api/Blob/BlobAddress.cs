using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>What a request of Azure's protocol is about, decoded.</summary>
/// <param name="Account">The storage account's name, as in the host or the path.</param>
/// <param name="Container">Empty on service level.</param>
/// <param name="Blob">Empty unless the target is a blob.</param>
/// <param name="IsPathStyle">Whether the account stands in the path: <c>/account/container/blob</c>.</param>
public readonly record struct BlobAddress(string Account, string Container, string Blob, bool IsPathStyle)
{
    /// <summary>The container of blobs whose URL names none.</summary>
    public const string Root = "$root";

    /// <summary>What is addressed.</summary>
    public Target Target => Container.Length == 0 ? Target.Service : Blob.Length == 0 ? Target.Bucket : Target.Object;

    /// <summary>Reads a raw path; throws InvalidUri where it is no percent-encoded UTF-8.</summary>
    /// <param name="account">The account that the Host header names; null for path style.</param>
    /// <param name="request">Its path and parameters.</param>
    public static BlobAddress Parse(string? account, WireRequest request)
    {
        var path = request.RawPath.AsSpan(1);
        var isPathStyle = account is null;
        account ??= Take(ref path);
        var rest = path;
        var container = Take(ref path);
        if (container.Length > 0 && path.Length == 0 && !rest.Contains('/') && request.Query["restype"] != "container")
            return new(account, Root, container, isPathStyle); // a blob of the root container
        return new(account, container, Decode(path), isPathStyle);
    }

    private static string Take(ref ReadOnlySpan<char> path)
    {
        var slash = path.IndexOf('/');
        var segment = slash < 0 ? path : path[..slash];
        path = slash < 0 ? [] : path[(slash + 1)..];
        return Decode(segment);
    }

    private static string Decode(ReadOnlySpan<char> raw)
    {
        try
        {
            return Address.DecodeKey(raw);
        }
        catch (S3Exception e) when (e.Error == S3Errors.InvalidURI || e.Error == S3Errors.KeyTooLongError)
        {
            throw new S3Exception(BlobErrors.InvalidUri, e.Detail);
        }
    }
}
