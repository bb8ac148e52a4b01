using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Api;
using ZenkoFunctions.Api.Console;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Logging;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Storage;
using ZenkoFunctions.Hosting;

namespace ZenkoFunctions.Cli;

/// <summary>Puts a server on one machine together, runs it, and takes it apart again.</summary>
internal static class Server
{
    /// <summary>How long a stop waits for requests under way.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    /// <summary>How long it waits for jobs under way; cut off, they are run again at the next start.</summary>
    private static readonly TimeSpan JobPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long a line of a bucket's access log waits for others.</summary>
    private static readonly TimeSpan AccessLogInterval = TimeSpan.FromMinutes(1);

    /// <summary>Serves until it is told to stop. The exit code.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever stops a start is told in words, here at the outermost place.")]
    public static async Task<int> Run(ServeSettings settings, CancellationToken ct)
    {
        try
        {
            using var data = DataDirectory.Open(settings.Data);
            return await Run(settings, data, ct);
        }
        catch (Exception e)
        {
            var text = StartupTrouble.Explain(e, settings)
                ?? (settings.LogLevel <= LogLevel.Debug
                    ? e.ToString()
                    : $"An error that was not foreseen: {e.GetType().Name}: {e.Message} Run with --log-level debug to see where it comes from.");
            await Console.Error.WriteLineAsync($"zenkofn: {text}");
            return ExitCode.Failed;
        }
    }

    private static async Task<int> Run(ServeSettings settings, DataDirectory data, CancellationToken ct)
    {
        var clock = TimeProvider.System;
        using var telemetry = TelemetryExport.Start("zenkofn");
        var tls = Tls.Of(settings, data, clock);
        await using var app = Build(settings, tls);
        var loggers = app.Services.GetRequiredService<ILoggerFactory>();
        var stop = new FatalStop(app.Lifetime, loggers.CreateLogger("ZenkoFunctions.Storage"));

        await using Backend backend = (settings.Storage ?? Setting("ZENKOFN_STORAGE")) is { } account
            ? new StorageBackend(StorageAccount.Parse(account), clock, loggers)
            : new LocalBackend(data, stop, clock, loggers);
        await backend.Ensure(ct);
        var installation = new Installation(
            backend.Engines, MasterKey.OpenOrCreate(data.MasterKey),
            new() { Region = settings.Region, Started = settings.Live, CopiesFromAnywhere = settings.CopiesFromAnywhere, Objects = new() { ReadGrace = settings.KeepReplaced, UnreferencedAge = settings.KeepUnreferenced }, Replication = new() { Retry = settings.Retry }, LifecycleDay = settings.LifecycleDay, IngestEvery = settings.IngestEvery },
            EventTargetOptions.Open(settings.Targets, Setting("ZENKOFN_NOTIFY_SECRET"), backend.Engines.Queue, clock), clock, loggers);
        var (fixedId, fixedSecret) = (Setting("ZENKOFN_ROOT_ACCESS_KEY"), Setting("ZENKOFN_ROOT_SECRET_KEY"));
        var root = await installation.Accounts.EnsureRoot(fixedId, fixedSecret, ct);
        RootCredentials.Keep(data.RootCredentials, root.Key);
        if (settings.AccountsFile is { } file) await installation.Accounts.Seed(file, ct);
        foreach (var id in settings.KmsKeys) await installation.Keys.Ensure(KeyRing.OfId(id), ct);

        var accessLog = new AccessLog(
            installation.Buckets, installation.Objects, settings.Region, AccessLogInterval, clock, loggers.CreateLogger<AccessLog>());
        var services = S3Services.Of(installation) with { PlainCustomerKeys = settings.PlainCustomerKeys, AccessLog = accessLog };
        var console = settings.Console is null ? null : new ConsolePlace();
        app.UseGateway(GatewayApp.Compose(services, installation, settings.Domains, loggers, monitoringToken: Setting("ZENKOFN_MONITORING_TOKEN"), pathPrefix: settings.PathPrefix, console: console));

        await installation.Usage.Recover(ct);
        await installation.Statistics.Start(ct);
        await installation.Walks.Recover(ct);
        await installation.WalkTimers.Lifecycle(settings.LifecycleDay, ct);
        await installation.WalkTimers.Ingest(settings.IngestEvery, ct);
        await installation.WalkTimers.Collect(ct);
        await installation.WalkTimers.Expire(ct);
        installation.Start();
        backend.Start(installation.Jobs);
        accessLog.Start();
        await app.StartAsync(ct);
        data.Announce(app.Urls.First(), settings.Region);
        // In the order in which they are listened to.
        if (console is not null) (console.ObjectPort, console.Port) = (new Uri(app.Urls.First()).Port, new Uri(app.Urls.Last()).Port);
        await Console.Out.WriteAsync(Banner.Text(app.Urls.First(), console is null ? null : app.Urls.Last(), root.Key, root.IsNew && fixedId is null, settings.Region, data, tls?.Authority));
        await app.WaitForShutdownAsync(ct);
        await accessLog.DisposeAsync();
        // No request can send it anything any more.
        using (var patience = new CancellationTokenSource(JobPatience)) await backend.Stop(patience.Token);
        await installation.Stop();
        return stop.HasHappened ? ExitCode.StorageLost : ExitCode.Done;
    }

    private static WebApplication Build(ServeSettings settings, Tls? tls)
    {
        // No configuration files, environment or arguments: the options of the command are all there is.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.WebHost.UseKestrelCore().UseLimits().ConfigureKestrel(server =>
        {
            server.Listen(settings.EndPoint, Secure);
            if (settings.Console is { } console)
            {
                server.Listen(console, endpoint =>
                {
                    endpoint.UseConsole();
                    Secure(endpoint);
                });
            }

            void Secure(ListenOptions endpoint)
            {
                // Without TLS nobody agrees on more than HTTP/1.1.
                if (tls is null) return;
                endpoint.Protocols = HttpProtocols.Http1AndHttp2;
                endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(tls.Options(settings.ClientCertificates)) });
            }
        });
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopPatience);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);

        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(settings.LogLevel);
        // What Kestrel and the host tell at Information about each request is told once, by the gateway.
        builder.Logging.AddFilter("Microsoft", settings.LogLevel > LogLevel.Warning ? settings.LogLevel : LogLevel.Warning);
        // What stops a start is told in words, by StartupTrouble.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Logging.AddFilter("Microsoft.Hosting", LogLevel.None);
        // Silent, but where it is not off the host makes an activity for each request.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (settings.LogAsJson)
            builder.Logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "O"));
        else
            builder.Logging.AddSimpleConsole(text => (text.SingleLine, text.UseUtcTimestamp, text.TimestampFormat) = (true, true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z' "));
        return builder.Build();
    }

    private static string? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
