using System.Text.Json;
using System.Text.Json.Serialization;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Core.Replication.Walks;

namespace ZenkoFunctions.Cli.Replication;

/// <summary>Looks whether a report is what a server signed.</summary>
internal static class ReportCheck
{
    /// <summary>No report, and no set of keys, is that long.</summary>
    private const long MostBytes = 16 << 20;

    /// <summary>With keys from a file: no server is asked.</summary>
    public static async Task<int> Offline(FileInfo report, FileInfo key, CancellationToken ct)
    {
        try
        {
            return await Check(report, Keys(await Read(key, ct)), ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            await Console.Error.WriteLineAsync($"zenkofn: {e.Message}");
            return ExitCode.Failed;
        }
    }

    /// <summary>With the keys of a running server.</summary>
    public static async Task<int> Against(RemoteServer server, FileInfo report, CancellationToken ct)
    {
        try
        {
            return await Check(report, (await server.Ask("GET", "/_/management/replication/keys", WalkDocumentJson.Default.ReportKeyList, ct)).Keys, ct);
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync($"zenkofn: {e.Message}");
            return ExitCode.Failed;
        }
    }

    private static async Task<int> Check(FileInfo file, IReadOnlyList<ReportKey> keys, CancellationToken ct)
    {
        var document = await Read(file, ct);
        switch (ReportSignature.Check(document, keys))
        {
            case SignatureCheck.Invalid:
                await Console.Error.WriteLineAsync($"zenkofn: {file.Name} is not what was signed: it was changed, or has no signature.");
                return ExitCode.Failed;
            case SignatureCheck.UnknownKey:
                await Console.Error.WriteLineAsync($"zenkofn: {file.Name} was signed with another key than those that are given. Ask for the keys of the server that made it: GET /_/management/replication/keys.");
                return ExitCode.Failed;
        }
        var report = JsonSerializer.Deserialize(document, CheckJson.Default.VerifyReport)!;
        var counts = report.Counts;
        await Console.Out.WriteLineAsync($"{file.Name} is what was signed, with the key {report.Key}.");
        await Console.Out.WriteLineAsync(
            $"Bucket {report.Bucket}, site {report.Site}, {report.Began:u} to {report.Ended:u}: {Output.Number(counts.Versions)} versions, {Output.Number(counts.Same)} the same, "
            + $"{Output.Number(counts.Different)} different, {Output.Number(counts.Pending)} pending{(report.Settings.Deep ? $", {Output.Number(counts.ReadBytes)} bytes compared" : "")}.");
        await Console.Out.WriteLineAsync(report.IsComplete ? "The copy was complete." : "The copy was not complete.");
        return counts.Different > 0 ? ExitCode.Differs : ExitCode.Done;
    }

    private static IReadOnlyList<ReportKey> Keys(byte[] file)
    {
        try
        {
            using var document = JsonDocument.Parse(file);
            return document.RootElement.TryGetProperty("keys", out _)
                ? JsonSerializer.Deserialize(file, CheckJson.Default.ReportKeyList)!.Keys
                : [JsonSerializer.Deserialize(file, CheckJson.Default.ReportKey)!];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("The file of --key holds no JSON Web Key, nor a set of them.", e);
        }
    }

    private static async Task<byte[]> Read(FileInfo file, CancellationToken ct)
    {
        if (!file.Exists) throw new FormatException($"There is no file {file.FullName}.");
        if (file.Length > MostBytes) throw new FormatException($"{file.FullName} is too large to be what it should be.");
        return await File.ReadAllBytesAsync(file.FullName, ct);
    }
}

/// <summary>What is read from files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(ReportKey))]
[JsonSerializable(typeof(ReportKeyList))]
internal sealed partial class CheckJson : JsonSerializerContext;
