using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Api.Console;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Logging;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.Locations.Configured;
using ZenkoFunctions.Core.Replication;
using ZenkoFunctions.Core.Statistics;
using ZenkoFunctions.Core.Usage;
using ZenkoFunctions.Hosting;

namespace ZenkoFunctions.Api;

/// <summary>The function app that answers clients.</summary>
public static class Program
{
    /// <summary>How long a line of a bucket's access log waits for others. An instance that is killed loses those that wait.</summary>
    private static readonly TimeSpan AccessLogInterval = TimeSpan.FromMinutes(1);

    /// <summary>Its only function.</summary>
    public static IReadOnlyList<Function> Functions { get; } = [new HttpFunction("Fx_Gateway")];

    /// <summary>Serves the Functions host.</summary>
    public static Task<int> Main(string[] args) =>
        new FunctionApp { Functions = Functions, LocalPort = 7071, Limits = host => host.UseLimits(), Open = Open }.Run(args);

    private static async Task<FunctionHandlers> Open(AppSettings settings, ILoggerFactory loggers, CancellationToken ct)
    {
        var clock = TimeProvider.System;
        var hop = new HostHop(settings.PublicHosts, settings.ClientAddressHeader, settings.BodyLimit, settings.ClientCertificateHeader);
        var installation = await AzureInstallation.Open(settings, clock, loggers, ct);
        var accessLog = new AccessLog(
            installation.Buckets, installation.Objects, settings.Region, AccessLogInterval, clock, loggers.CreateLogger<AccessLog>());
        accessLog.Start();
        installation.Start();
        await installation.Statistics.Start(ct);
        var services = S3Services.Of(installation) with
        {
            AccessLog = accessLog,
            // The platform ends TLS and says so. Over Azurite there is no platform, and clients are on this machine.
            PlainCustomerKeys = settings.IsLocal ? PlainCustomerKeys.Always : PlainCustomerKeys.Never,
        };
        return new Handlers(
            GatewayApp.Compose(
                services, installation, settings.Domains, loggers, hop, pathPrefix: settings.PathPrefix, console: ConsoleOf(settings)),
            accessLog, installation, loggers.CreateLogger<FunctionApp>());
    }

    private static ConsolePlace? ConsoleOf(AppSettings settings) => settings.ConsoleHost is null && !settings.IsConsoleAmongObjects
        ? null
        : new() { Host = settings.ConsoleHost, IsUnderPath = settings.IsConsoleAmongObjects, ObjectHost = settings.PublicHosts.Concat(settings.Domains).FirstOrDefault() ?? settings.PlatformHost };

    private sealed record Handlers(Gateway Gateway, AccessLog AccessLog, Installation Installation, ILogger Logger) : FunctionHandlers(Logger)
    {
        public override Task Request(HttpContext http) => Gateway.Handle(http);

        public override ValueTask Message(string queue, ReadOnlyMemory<byte> message, CancellationToken ct) =>
            throw new InvalidOperationException($"This app serves no queue, nor '{queue}'.");

        public override async ValueTask DisposeAsync()
        {
            await AccessLog.DisposeAsync();
            await Installation.Stop();
        }
    }
}
