using System.Globalization;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>A server under test.</summary>
/// <param name="Name">The column of the tables.</param>
/// <param name="Port">On 127.0.0.1; nothing else is ever loaded.</param>
/// <param name="Pid">Whose memory and processor time are read.</param>
internal sealed record Target(string Name, int Port, string AccessKey, string SecretKey, int Pid)
{
    /// <summary>What the client sends as Host, and signs.</summary>
    public string Host { get; } = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Whether it can list; the bare server cannot.</summary>
    public bool Lists => Name != Bare;

    public const string Ours = "zenkofn", Bare = "bare", Peer = "s3rver";

    /// <summary>Reads <c>name=port,access key,secret key,pid</c>.</summary>
    public static Target Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1 || text[(equals + 1)..].Split(',') is not [var port, var access, var secret, var pid])
            throw new FormatException($"not name=port,accesskey,secretkey,pid: {text}");
        return new(text[..equals], int.Parse(port, CultureInfo.InvariantCulture), access, secret, int.Parse(pid, CultureInfo.InvariantCulture));
    }
}
