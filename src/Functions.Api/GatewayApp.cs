using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.CloudStack;
using ZenkoFunctions.Api.Console;
using ZenkoFunctions.Api.Iam;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.Ostor;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Api.StorageAccounts;
using ZenkoFunctions.Api.Utapi;
using ZenkoFunctions.Core.Composition;

namespace ZenkoFunctions.Api;

/// <summary>How a host takes the gateway in: its only middleware, and the limits that its server needs.</summary>
public static class GatewayApp
{
    /// <summary>What a connection may hold in memory before somebody reads it: a quarter of Kestrel's own, as uploads come in dozens.</summary>
    private const int RequestBuffer = 256 * 1024;

    /// <summary>Puts the pieces together.</summary>
    /// <param name="services">The domain.</param>
    /// <param name="authenticate">Verifies signatures.</param>
    /// <param name="hosts">Under which names buckets are.</param>
    /// <param name="others">The protocols beside S3.</param>
    /// <param name="loggers">Where the access log goes.</param>
    /// <param name="hop">The Functions host in front of it; null where clients reach it straight.</param>
    /// <param name="pathPrefix">Under which everything is served once more; null for none.</param>
    public static Gateway Compose(
        S3Services services, Authenticate authenticate, HostNames hosts, IReadOnlyList<IProtocol> others, ILoggerFactory loggers, HostHop? hop = null,
        string? pathPrefix = null)
    {
        var router = new Router(Operations.All, UnimplementedOperations.All);
        var console = others.OfType<ConsoleGateway>().FirstOrDefault();
        return new(
            new(services, router, authenticate, hosts, console is null ? null : console.OriginFor), others, services.Clock, loggers.CreateLogger<Gateway>(), services.Requests, services.Answered,
            services.AccessLog, hop, services.Settings, pathPrefix is null ? null : new(pathPrefix, hosts),
            services.Statistics is { } statistics ? new(statistics) : null, console is { IsAmongObjects: true } ? console.SharesOriginWith : null);
    }

    /// <summary>The whole of it: signatures by the installation's keys, S3, IAM and STS, management, ostor, Utapi, CloudStack, Azure Blob.</summary>
    /// <param name="services">The domain, as S3 sees it.</param>
    /// <param name="installation">The domain.</param>
    /// <param name="domains">Under which buckets are host names; lower case.</param>
    /// <param name="loggers">Where the access log goes.</param>
    /// <param name="hop">The Functions host in front of it; null where clients reach it straight.</param>
    /// <param name="monitoringToken">By which the server may be watched without a signature; null where there is none.</param>
    /// <param name="pathPrefix">Under which everything is served once more; null for none.</param>
    /// <param name="console">Where the console is; null where there is none.</param>
    public static Gateway Compose(
        S3Services services, Installation installation, IEnumerable<string> domains, ILoggerFactory loggers, HostHop? hop = null, string? monitoringToken = null,
        string? pathPrefix = null, ConsolePlace? console = null)
    {
        var authenticator = new Authenticator(services.Accounts, services.Region, services.Clock);
        string[] all = [.. domains];
        var hosts = new HostNames(all, services.Region);
        var blobHosts = new BlobHosts(all);
        IProtocol[] others =
        [
            // What comes to its port or its host is nobody else's.
            .. console is null ? (IProtocol[])[] : [new ConsoleGateway(installation, console, hosts)],
            new ArmGateway(installation, all, hosts, blobHosts),
            new ManagementGateway(installation, authenticator, hosts, monitoringToken, console is null ? null : console.UrlFor), new OstorGateway(installation, authenticator, hosts),
            new IamGateway(services.Accounts, authenticator, hosts, services.Clock, installation.Settings),
            new CloudStackGateway(installation, authenticator, hosts),
            new UtapiGateway(installation, authenticator, hosts),
            new BlobGateway(installation, services, new BlobAuthenticator(installation, new BlobTokens(installation.Tokens)).Verify, blobHosts),
        ];
        return Compose(services, authenticator.Verify, hosts, others, loggers, hop, pathPrefix);
    }

    /// <summary>Handles every request by the gateway.</summary>
    public static void UseGateway(this IApplicationBuilder app, Gateway gateway) => app.Run(gateway.Handle);

    /// <summary>Makes what comes to an endpoint the console's, all of it.</summary>
    public static void UseConsole(this ListenOptions endpoint) => endpoint.Use(next => connection =>
    {
        connection.Features.Set(ConsoleEndpoint.Mark);
        return next(connection);
    });

    /// <summary>Sets Kestrel's limits.</summary>
    public static IWebHostBuilder UseLimits(this IWebHostBuilder host) =>
        // Without TLS it is the transport that reads ahead, and Kestrel's own limit is not looked at.
        host.UseSockets(sockets => sockets.MaxReadBufferSize = RequestBuffer).ConfigureKestrel(SetLimits);

    private static void SetLimits(KestrelServerOptions server)
    {
        server.AddServerHeader = false;
        // Headers are UTF-8 both ways, so that what a client stored comes back as it was.
        server.RequestHeaderEncodingSelector = _ => Encoding.UTF8;
        server.ResponseHeaderEncodingSelector = _ => Encoding.UTF8;
        server.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        // Bodies are bounded by the operations: 5 GiB of an object, a few MiB of a message.
        server.Limits.MaxRequestBodySize = null;
        // A key of 1,024 bytes is 3 KiB when percent-encoded; so may a prefix, a marker and a session token be.
        server.Limits.MaxRequestBufferSize = RequestBuffer;
        // The next piece of a large object is read while the one before is sent.
        server.Limits.MaxResponseBufferSize = 384 * 1024;
        server.Limits.MaxRequestLineSize = 16 * 1024;
        server.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
        server.Limits.MaxRequestHeaderCount = 200;
        // An upload over HTTP/2 is not to wait for each MiB to be acknowledged; together its streams hold no more than connections of HTTP/1.1 would.
        server.Limits.Http2.InitialConnectionWindowSize = 4 * RequestBuffer;
        server.Limits.Http2.InitialStreamWindowSize = 2 * RequestBuffer;
        server.Limits.Http2.MaxRequestHeaderFieldSize = 16 * 1024;
        server.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(30);
        server.Limits.MinRequestBodyDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(20));
        server.Limits.MinResponseDataRate = new(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(20));
    }
}
