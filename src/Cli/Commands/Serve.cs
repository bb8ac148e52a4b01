using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Settings;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn serve</c>: the endpoint on this machine, state in SQLite, bytes on disk.</summary>
internal static class Serve
{
    private const string Example = """
        Examples:
          zenkofn serve
          zenkofn serve --data /srv/zenkofn --host 0.0.0.0 --port 80 --domain s3.example.com --log-format json
          zenkofn serve --port 443 --host 0.0.0.0 --domain example.com --tls-cert fullchain.pem --tls-key privkey.pem
          zenkofn serve --tls auto --client-certificates
          zenkofn serve --path-prefix /awsapi/rest/AmazonS3 --set cloudstack.actions=true

          The root account's access key is printed at the first start and kept in <data>/root-credentials:
          AWS_SHARED_CREDENTIALS_FILE=zenkofn-data/root-credentials aws --endpoint-url http://127.0.0.1:8000 s3 ls

        Environment:
          ZENKOFN_ROOT_ACCESS_KEY, ZENKOFN_ROOT_SECRET_KEY   fix the root account's access key
          ZENKOFN_NOTIFY_SECRET                              signs what web hooks are sent
          ZENKOFN_STORAGE                                    what --storage says, out of sight of other users
          S3_GW_COLLECT_STAT, S3_GW_USAGE_PERIOD, S3_GW_USAGE_CACHE_TIMEOUT
                                                             what the settings usage.* start with

        Exit codes: 0 stopped, 1 could not start, 2 usage, 3 the disk failed while running.
        """;

    private static readonly Option<string> Data = new("--data")
    {
        Description = "The directory that holds everything: rows, bytes, keys.",
        HelpName = "directory",
        DefaultValueFactory = _ => "./zenkofn-data",
    };

    private static readonly Option<string?> Storage = new("--storage")
    {
        Description = "A connection string of an Azure storage account, to keep rows, messages and bytes there instead of in the directory; UseDevelopmentStorage=true for Azurite.",
        HelpName = "connection string",
    };

    private static readonly Option<int> Port = new("--port")
    {
        Description = "The port to listen on; 0 for any free one.",
        HelpName = "port",
        DefaultValueFactory = _ => 8000,
    };

    private static readonly Option<int?> ConsolePort = new("--console-port")
    {
        Description = "The port of the console, for browsers; 0 for any free one. Otherwise the one behind --port where that is free, else any.",
        HelpName = "port",
    };

    private static readonly Option<bool> NoConsole = new("--no-console") { Description = "Serve no console." };

    private static readonly Option<string> Host = new("--host")
    {
        Description = "The address to listen on; 0.0.0.0 or :: for all of this machine's.",
        HelpName = "address",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    private static readonly Option<string> Region = new("--region")
    {
        Description = "The region that clients sign for.",
        HelpName = "name",
        DefaultValueFactory = _ => "us-east-1",
    };

    private static readonly Option<string[]> Domains = new("--domain")
    {
        Description = "A domain under which buckets are host names (<bucket>.<domain>), and websites (<bucket>.s3-website.<domain>). May be given several times.",
        HelpName = "name",
        DefaultValueFactory = _ => ["localhost", "s3.localhost"],
    };

    private static readonly Option<string?> Accounts = new("--accounts")
    {
        Description = "A JSON file of further accounts: [{name, email, id?, canonicalId?, accessKeys?: [{id, secret}], users?: [{name, accessKeys?, policies?: {name: document}}]}]. What is there already stays.",
        HelpName = "file",
    };

    private static readonly Option<int> KeepReplaced = new("--keep-replaced")
    {
        Description = "For how many seconds the bytes of replaced and deleted objects stay for readers under way.",
        HelpName = "seconds",
        DefaultValueFactory = _ => 300,
    };

    private static readonly Option<double> KeepUnreferenced = new("--keep-unreferenced")
    {
        Description = "For how long bytes are kept that no object has, left by a crash. An upload whose body takes longer than half of that is refused.",
        HelpName = "seconds",
        DefaultValueFactory = _ => new ObjectOptions().UnreferencedAge.TotalSeconds,
    };

    private static readonly Option<string[]> KmsKeys = new("--kms-key")
    {
        Description = "The id of a key that clients may name for SSE-KMS; it is made where it does not exist. May be given several times.",
        HelpName = "id",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<PlainCustomerKeys> CustomerKeys = new("--customer-keys-over-http")
    {
        Description = "From whom keys of SSE-C are taken over plain HTTP. Say always where a proxy on another machine ends TLS.",
        HelpName = "local|always|never",
        DefaultValueFactory = _ => PlainCustomerKeys.Local,
    };

    private static readonly Option<string[]> Notify = new("--notify")
    {
        Description = "A target of bucket notifications: a web hook or a storage queue. ARNs that end with :<name> are delivered there. May be given several times.",
        HelpName = "name=url|name=queue:name",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> Retries = new("--replication-retry")
    {
        Description = "How often and how long a copy to another location is tried before it is given up, for instance 5,900,60,900: tries after the first, seconds in all, seconds of the first pause and of the longest. Not given: as Zenko does it for each kind of location.",
        HelpName = "tries,total,first,longest",
    };

    private static readonly Option<double> LifecycleDays = new("--lifecycle-day")
    {
        Description = "How long the days of lifecycle rules are. Shorter ones are for trying rules out: what they say of a month happens within minutes.",
        HelpName = "seconds",
        DefaultValueFactory = _ => LifecycleDay.Whole.Length.TotalSeconds,
    };

    private static readonly Option<double> IngestEvery = new("--ingest-every")
    {
        Description = "How often buckets that mirror a location are compared with it.",
        HelpName = "seconds",
        DefaultValueFactory = _ => new InstallationSettings().IngestEvery.TotalSeconds,
    };

    private static readonly Option<string> CopySources = new("--copy-sources")
    {
        Description = "From which addresses sources of copies of blobs are fetched that are on another server. With any, whoever may write here reaches every HTTP server that this machine reaches.",
        HelpName = "public|any",
        DefaultValueFactory = _ => "public",
    };

    private static readonly Option<string[]> Live = new("--set")
    {
        Description = "How a setting is that can be changed while the server runs, until somebody does so. May be given several times. There are: " + string.Join("; ", LiveSetting.All.Select(each => $"{each.Name}, {each.Summary} ({each.Default})")) + ".",
        HelpName = "name=value",
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> GatewayFile = new("--gw-conf")
    {
        Description = $"A file with lines NAME=VALUE as ostor's gw.conf, of which {string.Join(", ", GatewayConf.Names)} are read: what the settings usage.* start with. The environment's go before the file's, and --set before both.",
        HelpName = "file",
    };

    private static readonly Option<string?> TlsCertificate = new("--tls-cert")
    {
        Description = "Serve HTTPS (instead of HTTP) by this certificate: a PEM file, the chain behind it. It is read again when it changes.",
        HelpName = "file",
    };

    private static readonly Option<string?> TlsKey = new("--tls-key")
    {
        Description = "The private key of --tls-cert: a PEM file.",
        HelpName = "file",
    };

    private static readonly Option<string?> TlsMode = new("--tls")
    {
        Description = "Serve HTTPS (instead of HTTP) by a certificate for localhost, 127.0.0.1 and the domains, of an authority that is made once and kept in <data>/tls; clients trust <data>/tls/ca.pem.",
        HelpName = "auto",
    };

    private static readonly Option<bool> ClientCertificates = new("--client-certificates")
    {
        Description = "Ask clients for a certificate. Who shows one that is bound to an access key ('zenkofn register') need not sign; others are served as before. Needs HTTPS.",
    };

    private static readonly Option<string?> PathPrefix = new("--path-prefix")
    {
        Description = "A path under which everything is served once more, for clients that were set up for it: /awsapi/rest/AmazonS3 for instance.",
        HelpName = "path",
    };

    private static readonly Option<LogLevel> Level = new("--log-level")
    {
        Description = "The least severe log entries to write (to stderr).",
        HelpName = "trace|debug|information|warning|error|critical|none",
        DefaultValueFactory = _ => LogLevel.Information,
    };

    private static readonly Option<string> Format = new("--log-format")
    {
        Description = "The form of log entries.",
        HelpName = "text|json",
        DefaultValueFactory = _ => "text",
    };

    /// <summary>The command with its options, checks and help.</summary>
    public static Command Command()
    {
        var command = new Command("serve", "Serves S3 on this machine: state in SQLite, bytes on disk.")
        {
            Data, Storage, Port, Host, ConsolePort, NoConsole, Region, Domains, Accounts, KeepReplaced, KeepUnreferenced, KmsKeys, CustomerKeys, Notify, Retries, LifecycleDays, IngestEvery, CopySources, Live, GatewayFile, TlsMode, TlsCertificate, TlsKey, ClientCertificates, PathPrefix, Level, Format, HelpWithExamples.Option(Example),
        };
        Storage.Validators.Add(CheckStorage);
        Check(Port, port => port is >= 0 and <= 65535, "a port is a number from 0 to 65535");
        Check(ConsolePort, port => port is null or >= 0 and <= 65535, "a port is a number from 0 to 65535");
        Check(Host, host => IPAddress.TryParse(host, out _), "it must be an IP address of this machine, 127.0.0.1 for instance");
        Check(Region, IsName, "a region holds 1 to 63 of a-z, 0-9 and dashes");
        Check(Domains, domains => domains.All(domain => domain.Split('.').All(IsName)), "it must be a domain name in lower case");
        Check(Accounts, file => file is null || File.Exists(file), "there is no such file");
        Check(KeepReplaced, seconds => seconds is >= 0 and <= 86400, "it must be 0 to 86400 seconds");
        Check(KeepUnreferenced, seconds => seconds is >= 1 and <= 366 * 86400, "it must be 1 second to 366 days, in seconds");
        Check(KmsKeys, ids => ids.All(KeyRing.IsId), "an id holds 1 to 128 letters, digits, dots, dashes and underscores");
        Check(Notify, EventTargetOptions.AreTargets, "it must be name=http(s)://… or name=queue:queue-name, each name once, of 1 to 40 of a-z, 0-9 and dashes");
        Check(Retries, text => text is null || RetryPolicy.Parse(text) is not null, "it must be four numbers between commas, times in seconds, for instance 5,900,60,900");
        Check(IngestEvery, seconds => seconds is >= 1 and <= 86400, "it must be 1 to 86400 seconds");
        Check(LifecycleDays, seconds => seconds is >= 1 and <= 86400, "it must be 1 to 86400 seconds");
        Check(CopySources, which => which is "public" or "any", "it must be public or any");
        Live.Validators.Add(result => CheckStarted(result, "--set", () => LiveSettings.Started(result.GetValueOrDefault<string[]>() ?? [])));
        Check(GatewayFile, file => file is null || File.Exists(file), "there is no such file");
        GatewayFile.Validators.Add(result => CheckStarted(result, "--gw-conf", () => OfFile(result.Errors.Any() ? null : result.GetValueOrDefault<string?>())));
        command.Validators.Add(result => CheckStarted(result, "The environment", () => GatewayConf.Of(Environment.GetEnvironmentVariable)));
        Check(TlsMode, mode => mode is null or "auto", "it must be auto; for a certificate of your own say --tls-cert and --tls-key");
        Check(TlsCertificate, file => file is null || File.Exists(file), "there is no such file");
        Check(TlsKey, file => file is null || File.Exists(file), "there is no such file");
        command.Validators.Add(result =>
        {
            var (isCertificate, isKey, isAuto) = (result.GetResult(TlsCertificate) is not null, result.GetResult(TlsKey) is not null, result.GetResult(TlsMode) is not null);
            if (isCertificate != isKey) result.AddError("--tls-cert and --tls-key are given together.");
            if (result.GetValue(ClientCertificates) && !isCertificate && !isAuto) result.AddError("--client-certificates needs HTTPS: say --tls auto, or --tls-cert and --tls-key. Where a proxy ends TLS, it is the proxy that sees certificates.");
            if (isCertificate && isAuto) result.AddError("--tls auto makes a certificate of its own: leave it out, or --tls-cert and --tls-key.");
        });
        Check(PathPrefix, path => path is null || AppSettings.WrongPathPrefix(path) is null, AppSettings.WrongPathPrefix("")!);
        Check(Format, format => format is "text" or "json", "it must be text or json");
        command.SetAction((parsed, ct) => Server.Run(Settings(parsed), ct));
        return command;
    }

    private static ServeSettings Settings(ParseResult parsed) => new(
        Path.GetFullPath(parsed.GetRequiredValue(Data)),
        parsed.GetValue(Storage),
        new IPEndPoint(IPAddress.Parse(parsed.GetRequiredValue(Host)), parsed.GetRequiredValue(Port)),
        parsed.GetValue(NoConsole) ? null : ConsoleOf(IPAddress.Parse(parsed.GetRequiredValue(Host)), parsed.GetRequiredValue(Port), parsed.GetValue(ConsolePort)),
        parsed.GetRequiredValue(Region),
        parsed.GetRequiredValue(Domains),
        parsed.GetValue(Accounts),
        TimeSpan.FromSeconds(parsed.GetRequiredValue(KeepReplaced)),
        TimeSpan.FromSeconds(parsed.GetRequiredValue(KeepUnreferenced)),
        parsed.GetRequiredValue(KmsKeys),
        parsed.GetRequiredValue(CustomerKeys),
        EventTargetOptions.Parse(parsed.GetRequiredValue(Notify)),
        parsed.GetValue(Retries) is { } retries ? RetryPolicy.Parse(retries) : null,
        new LifecycleDay(TimeSpan.FromSeconds(parsed.GetRequiredValue(LifecycleDays))),
        TimeSpan.FromSeconds(parsed.GetRequiredValue(IngestEvery)),
        parsed.GetRequiredValue(CopySources) == "any",
        LiveSettings.Started([.. OfFile(parsed.GetValue(GatewayFile)), .. GatewayConf.Of(Environment.GetEnvironmentVariable), .. parsed.GetRequiredValue(Live)]),
        parsed.GetValue(TlsCertificate),
        parsed.GetValue(TlsKey),
        parsed.GetValue(TlsMode) is not null,
        parsed.GetValue(ClientCertificates),
        parsed.GetValue(PathPrefix),
        parsed.GetRequiredValue(Level),
        parsed.GetRequiredValue(Format) == "json");

    private static IPEndPoint ConsoleOf(IPAddress address, int port, int? asked)
    {
        if (asked is { } named) return new(address, named);
        var next = new IPEndPoint(address, port is 0 or IPEndPoint.MaxPort ? 0 : port + 1);
        try
        {
            // Nobody asked for it by name: no server is to fail over it.
            using var probe = new TcpListener(next);
            probe.Start();
            return next;
        }
        catch (SocketException)
        {
            return new(address, 0);
        }
    }

    private static void Check<T>(Option<T> option, Func<T, bool> holds, string otherwise) => option.Validators.Add(result =>
    {
        if (result.Errors.Any()) return;
        T? value;
        try
        {
            value = result.GetValueOrDefault<T>();
        }
        catch (InvalidOperationException)
        {
            return; // not of the type at all: the parser reports that
        }
        if (!holds(value!)) result.AddError($"{option.Name} '{string.Join(' ', result.Tokens.Select(token => token.Value))}': {otherwise}.");
    });

    private static IReadOnlyList<string> OfFile(string? file) => file is null ? [] : GatewayConf.OfFile(File.ReadLines(file));

    private static void CheckStarted(SymbolResult result, string where, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            result.AddError($"{where}: {e.Message}");
        }
    }

    // Does not repeat what was given, as the other checks do: there is a secret in it.
    private static void CheckStorage(OptionResult result)
    {
        try
        {
            if (result.GetValueOrDefault<string?>() is { } text) StorageAccount.Parse(text);
        }
        catch (FormatException wrong)
        {
            result.AddError($"--storage: {wrong.Message}");
        }
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 63 && text.All(c => c is '-' || char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c));
}
