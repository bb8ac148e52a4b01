using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console;

/// <summary>A file that pages refer to: part of the assembly, named by what is in it, so that browsers keep it for good.</summary>
internal sealed class Asset
{
    private const string Folder = "console/";

    private static readonly FrozenDictionary<string, Asset> ByFile =
        typeof(Asset).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => new Asset(name)).ToFrozenDictionary(asset => asset.File, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Asset> ByName = ByFile.Values.ToFrozenDictionary(asset => asset.name, StringComparer.Ordinal);

    private readonly string name;
    private readonly byte[] plain;
    private readonly Lazy<byte[]> brotli;

    private Asset(string resource)
    {
        using var stream = typeof(Asset).Assembly.GetManifestResourceStream(resource)!;
        plain = new byte[stream.Length];
        stream.ReadExactly(plain);
        name = resource[Folder.Length..];
        var dot = name.LastIndexOf('.');
        File = $"{name[..dot]}.{Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 8))}{name[dot..]}";
        brotli = new(Compress);
    }

    /// <summary>Its name with its hash.</summary>
    public string File { get; }

    /// <summary>Bytes of it that go over the wire.</summary>
    public int Compressed => brotli.Value.Length;

    /// <summary>All of them.</summary>
    public static IEnumerable<Asset> All => ByFile.Values;

    /// <summary>The name with its hash of the one that the source calls so.</summary>
    public static string FileOf(string name) => ByName[name].File;

    /// <summary>Answers a request for one.</summary>
    public static Reply Answer(string file, string acceptEncoding)
    {
        if (!ByFile.TryGetValue(file, out var asset)) return Reply.Refused(S3Errors.NoSuchKey, "There is no such file.");
        var isPacked = acceptEncoding.Contains("br", StringComparison.Ordinal);
        return Reply.Document(isPacked ? asset.brotli.Value : asset.plain, TypeOf(asset.name))
            .With("Content-Encoding", isPacked ? "br" : null).With("Vary", "Accept-Encoding").With("Cache-Control", "public, max-age=31536000, immutable");
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"What is a file {other}?"),
    };

    private byte[] Compress()
    {
        using var packed = new MemoryStream();
        using (var stream = new BrotliStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) stream.Write(plain);
        return packed.ToArray();
    }
}
