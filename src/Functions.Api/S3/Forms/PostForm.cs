using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using ZenkoFunctions.Api.S3.Parsing;

namespace ZenkoFunctions.Api.S3.Forms;

/// <summary>
/// The form of a browser's upload (multipart/form-data), read up to its file: what comes behind the file is passed over. Names of
/// fields are compared without regard to case.
/// </summary>
public sealed class PostForm
{
    // AWS's limit on all that comes before the file.
    private const int MaxBytes = 20 * 1024;
    private const int MaxBoundary = 70; // RFC 2046
    private const int MaxPartHeaders = 16;
    private const int BufferSize = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, string> fields = new(StringComparer.OrdinalIgnoreCase);
    private Stream file = Stream.Null;

    private PostForm(string bucket) => Bucket = bucket;

    /// <summary>The bucket that the request addresses; a field of that name does not count.</summary>
    public string Bucket { get; }

    /// <summary>The key, with the file's name in the place of <c>${filename}</c>.</summary>
    public string Key { get; private set; } = "";

    /// <summary>All fields before the file.</summary>
    public IReadOnlyDictionary<string, string> Fields => fields;

    /// <summary>A field's value, or null.</summary>
    public string? this[string name] => fields.GetValueOrDefault(name);

    /// <summary>
    /// Reads the fields. Throws PreconditionFailed where the body is no form, MalformedPOSTRequest where it cannot be read,
    /// MaxPostPreDataLengthExceededError, InvalidArgument where the key or the file is missing, and KeyTooLongError.
    /// </summary>
    public static async ValueTask<PostForm> Read(WireRequest request, string bucket, CancellationToken ct)
    {
        var form = new PostForm(bucket);
        var reader = new MultipartReader(Boundary(request.Headers), request.Body.AsStream(leaveOpen: true), BufferSize)
        {
            HeadersCountLimit = MaxPartHeaders,
            HeadersLengthLimit = MaxBytes,
        };
        try
        {
            await form.ReadFields(reader, ct);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException || FormFile.IsTruncation(e))
        {
            throw new S3Exception(S3Errors.MalformedPOSTRequest, "The body of your POST request is not well-formed multipart/form-data.");
        }
        return form;
    }

    /// <summary>The file's bytes, to be read once: EntityTooSmall and EntityTooLarge where there are fewer or more than these.</summary>
    public PipeReader Open(long least, long most) => new FormFile(file, least, most);

    private async ValueTask ReadFields(MultipartReader reader, CancellationToken ct)
    {
        var left = MaxBytes;
        while (await reader.ReadNextSectionAsync(ct) is { } section)
        {
            var disposition = section.GetContentDispositionHeader();
            var name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? "").ToString();
            if (name.Length == 0) throw new InvalidDataException("A part of the form has no name.");
            if (name.Equals("file", StringComparison.OrdinalIgnoreCase))
            {
                file = section.Body;
                Key = KeyFor(FileName(disposition!));
                return;
            }
            left -= name.Length;
            var value = await ReadValue(section.Body, left, ct);
            left -= Encoding.UTF8.GetByteCount(value);
            if (!fields.TryAdd(name, value) && !IsIgnored(name))
                throw Invalid.Argument(name, value, "A field may stand in the form once.");
        }
        throw Invalid.Argument("file", "0", "POST requires exactly one file upload per request.");
    }

    /// <summary>Whether a field is there for somebody else.</summary>
    internal static bool IsIgnored(string name) => name.StartsWith("x-ignore-", StringComparison.OrdinalIgnoreCase);

    private static string Boundary(IHeaderDictionary headers)
    {
        if (!MediaTypeHeaderValue.TryParse(headers.ContentType.ToString(), out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new S3Exception(S3Errors.PreconditionFailed)
            {
                Fields = [new("Condition", "Bucket POST must be of the enclosure-type multipart/form-data")],
            };
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= MaxBoundary
            ? boundary
            : throw new S3Exception(S3Errors.MalformedPOSTRequest, $"The Content-Type needs a boundary of 1 to {MaxBoundary} characters.");
    }

    private static async ValueTask<string> ReadValue(Stream body, int limit, CancellationToken ct)
    {
        var bytes = new byte[MaxBytes + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        if (length > limit) throw new S3Exception(S3Errors.MaxPostPreDataLengthExceededError);
        try
        {
            return Strict.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw new S3Exception(S3Errors.MalformedPOSTRequest, "The fields of the form must be UTF-8.");
        }
    }

    private static string FileName(ContentDispositionHeaderValue disposition)
    {
        var name = disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName);
        // Some browsers send the whole path that the file has on their machine.
        return name.HasValue ? name.Value![(name.Value!.LastIndexOfAny(['/', '\\']) + 1)..] : "";
    }

    private string KeyFor(string fileName)
    {
        var key = (this["key"] ?? throw Missing("key")).Replace("${filename}", fileName, StringComparison.Ordinal);
        if (key.Length == 0) throw Invalid.Argument("key", "", "User key must have a length greater than 0.");
        return Address.CheckKey(key);
    }

    /// <summary>To be thrown where the form lacks a field.</summary>
    internal static S3Exception Missing(string field) => Invalid.Argument(
        field, "", $"Bucket POST must contain a field named '{field}'. If it is specified, please check the order of the fields.");
}
