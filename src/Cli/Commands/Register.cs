using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Cli.Remote;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn register</c>: binds a client's certificate to an access key, as CloudStack's command of these options did.</summary>
internal static class Register
{
    private const string Route = "/_/management/certificates", SecretVariable = "AWS_SECRET_ACCESS_KEY";

    private const string Examples = """
        Examples:
          zenkofn register --apikey AKIA… --cert client.pem --url https://s3.example.com
          zenkofn register --apikey AKIA… --list --url https://s3.example.com
          zenkofn register --apikey AKIA… --delete 3f5c… --url https://s3.example.com

          The secret key signs what is sent, and is not sent itself: it comes from AWS_SECRET_ACCESS_KEY, or is asked for. With
          --secretkey other users of this machine can see it. Of the file only the certificate is sent, be its key in there, too.

        Exit codes: 0 done, 1 refused or no answer, 2 usage.
        """;

    private static readonly Option<string> ApiKey = new("--apikey", "-a") { Description = "The id of the access key.", HelpName = "id", Required = true };

    private static readonly Option<string?> Secret = new("--secretkey", "-s")
    {
        Description = $"Its secret; otherwise that of {SecretVariable}, or it is asked for.",
        HelpName = "secret",
    };

    private static readonly Option<FileInfo?> Cert = new("--cert", "-c")
    {
        Description = "The file of the certificate to bind to the key, in PEM or DER form.",
        HelpName = "file",
    };

    private static readonly Option<bool> List = new("--list") { Description = "Lists the certificates of the key's account, or of its user." };

    private static readonly Option<string?> Delete = new("--delete") { Description = "Binds the certificate of that SHA-256 fingerprint no longer.", HelpName = "fingerprint" };

    private static readonly Option<Uri> Url = new("--url", "-u")
    {
        Description = "The server, http(s)://host:port, with its path prefix where it has one.",
        HelpName = "url",
        Required = true,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0
                && (PrefixOf(url).Length == 0 || AppSettings.WrongPathPrefix(PrefixOf(url)) is null)) return url;
            result.AddError($"'{text}' is no server: it must be http(s)://host:port, perhaps with the path prefix that it serves.");
            return null!;
        },
    };

    /// <summary>The command with its options.</summary>
    public static Command Command()
    {
        var command = new Command("register", "Binds a client's certificate to an access key: who shows it need not sign. Lists and deletes such bindings.")
        {
            ApiKey, Secret, Cert, Url, List, Delete, RemoteOptions.Region, RemoteOptions.Json, HelpWithExamples.Option(Examples),
        };
        command.Validators.Add(result =>
        {
            if ((result.GetResult(Cert) is null ? 0 : 1) + (result.GetValue(List) ? 1 : 0) + (result.GetResult(Delete) is null ? 0 : 1) != 1)
                result.AddError("Give one of --cert, --list and --delete.");
        });
        Cert.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<FileInfo?>() is { Exists: false } file) result.AddError($"--cert '{file}': there is no such file.");
        });
        Delete.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && ClientCertificate.WrongFingerprint(ClientCertificate.Normalised(text)) is { } wrong) result.AddError($"--delete '{text}': {wrong}");
        });
        command.SetAction(Run);
        return command;
    }

    private static async Task<int> Run(ParseResult parsed, CancellationToken ct)
    {
        try
        {
            var url = parsed.GetRequiredValue(Url);
            // Before anybody is asked for a secret.
            var pem = parsed.GetValue(Cert) is { } file ? await Pem(file, ct) : null;
            using var server = new RemoteServer(new(new(url.GetLeftPart(UriPartial.Authority)), (parsed.GetRequiredValue(ApiKey), SecretOf(parsed), null), Target.RegionOf(parsed, "us-east-1"))
            {
                EndpointFrom = Url.Name, KeyFrom = ApiKey.Name, Data = "",
            });
            var route = PrefixOf(url) + Route;
            return pem is not null ? await Bind(server, route, pem, parsed, ct)
                : parsed.GetValue(Delete) is { } fingerprint ? await Unbind(server, route, fingerprint, ct)
                : await Tell(server, route, parsed, ct);
        }
        catch (Exception e) when (RemoteOptions.IsTold(e))
        {
            return await RemoteOptions.Tell(e);
        }
    }

    private static async Task<int> Bind(RemoteServer server, string route, byte[] pem, ParseResult parsed, CancellationToken ct)
    {
        var answer = await server.Send("POST", route, pem, "", ct, "application/x-pem-file");
        var line = server.Read(answer, CertificateJson.Default.CertificateLine);
        await Console.Out.WriteLineAsync(parsed.GetValue(RemoteOptions.Json)
            ? JsonSerializer.Serialize(line, CertificateJson.Default.CertificateLine)
            : $"The certificate {line.Fingerprint} of {line.Subject} signs in as the access key {line.AccessKeyId}, until {Day(line.NotAfter)}.");
        if (line.Warning is not null) await Console.Error.WriteLineAsync($"zenkofn: {line.Warning}");
        return ExitCode.Done;
    }

    private static async Task<int> Unbind(RemoteServer server, string route, string fingerprint, CancellationToken ct)
    {
        fingerprint = ClientCertificate.Normalised(fingerprint);
        await server.Send("DELETE", $"{route}/{fingerprint}", null, "", ct);
        await Console.Out.WriteLineAsync($"The certificate {fingerprint} signs nobody in any more.");
        return ExitCode.Done;
    }

    private static async Task<int> Tell(RemoteServer server, string route, ParseResult parsed, CancellationToken ct)
    {
        var all = await server.Ask("GET", route, CertificateJson.Default.CertificatesDocument, ct);
        await Console.Out.WriteAsync(parsed.GetValue(RemoteOptions.Json)
            ? JsonSerializer.Serialize(all, CertificateJson.Default.CertificatesDocument) + Environment.NewLine
            : Table.Text(["FINGERPRINT", "ACCESS KEY", "UNTIL", "SUBJECT"], [.. all.Certificates.Select(each => (string[])[each.Fingerprint, each.AccessKeyId, Day(each.NotAfter), each.Subject])]));
        foreach (var each in all.Certificates.Where(each => each.Warning is not null)) await Console.Error.WriteLineAsync($"zenkofn: {each.Fingerprint}: {each.Warning}");
        return ExitCode.Done;
    }

    /// <summary>The certificate of a file, and nothing else of what is in there.</summary>
    private static async Task<byte[]> Pem(FileInfo file, CancellationToken ct)
    {
        if (file.Length > ClientCertificate.MostPem * 4) throw new StartupException($"{file} is too large for a certificate.");
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(await File.ReadAllBytesAsync(file.FullName, ct));
            return Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
        }
        catch (CryptographicException)
        {
            throw new StartupException($"There is no certificate in {file}: it must be one in PEM form (-----BEGIN CERTIFICATE-----) or in DER form.");
        }
    }

    private static string SecretOf(ParseResult parsed)
    {
        if ((parsed.GetValue(Secret) ?? Environment.GetEnvironmentVariable(SecretVariable)) is { Length: > 0 } secret) return secret;
        if (Console.IsInputRedirected) throw new StartupException($"The secret of the access key is missing: set {SecretVariable}.");
        return SecretKey.Ask() is { Length: > 0 } typed ? typed : throw new StartupException("There is no secret key in the answer.");
    }

    private static string PrefixOf(Uri url) => url.AbsolutePath.TrimEnd('/');

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
