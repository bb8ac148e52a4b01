using System.Globalization;
using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>What a server is asked in.</summary>
internal enum Protocol
{
    S3,

    /// <summary>Azure's, with the storage account in the path.</summary>
    Blob,
}

/// <summary>A server under test.</summary>
/// <param name="Name">The column of the tables.</param>
/// <param name="Port">On 127.0.0.1; nothing else is ever loaded.</param>
/// <param name="AccessKey">The storage account, in Azure's protocol.</param>
/// <param name="SecretKey">Base64 in Azure's protocol.</param>
/// <param name="Pid">Whose memory and processor time are read.</param>
internal sealed record Target(string Name, int Port, string AccessKey, string SecretKey, int Pid, Protocol Protocol = Protocol.S3)
{
    /// <summary>What the client sends as Host, and signs.</summary>
    public string Host { get; } = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Whether it can list; the bare server cannot.</summary>
    public bool Lists => Name != Bare;

    /// <summary>The status of a write.</summary>
    public int Written => Protocol == Protocol.Blob ? 201 : 200;

    /// <summary>The status of a deletion.</summary>
    public int Deleted => Protocol == Protocol.Blob ? 202 : 204;

    public const string Ours = "zenkofn", Bare = "bare", Peer = "s3rver", OurBlobs = "zenkofn Blob", Azurite = "azurite";

    /// <summary>The path of a bucket or container, without its first slash.</summary>
    public byte[] Path(string bucket) => Encoding.ASCII.GetBytes(Protocol == Protocol.Blob ? $"{AccessKey}/{bucket}" : bucket);

    /// <summary>Reads <c>name=port,access key,secret key,pid</c>; with <c>,blob</c> behind it where it is asked in Azure's protocol.</summary>
    public static Target Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1 || text[(equals + 1)..].Split(',') is not [var port, var access, var secret, var pid, .. var protocol] || protocol is not ([] or ["blob"]))
            throw new FormatException($"not name=port,accesskey,secretkey,pid[,blob]: {text}");
        return new(
            text[..equals], int.Parse(port, CultureInfo.InvariantCulture), access, secret, int.Parse(pid, CultureInfo.InvariantCulture),
            protocol is [] ? Protocol.S3 : Protocol.Blob);
    }
}
