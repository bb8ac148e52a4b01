using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Api.Iam;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests;

/// <summary>The gateway behind a real Kestrel on a free port, with the limits that the program sets.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private IFront front = null!;

    /// <summary>The names under which it serves.</summary>
    public static HostNames Hosts { get; } = new(["localhost", "s3.localhost"], "us-east-1");

    private TestServer(WebApplication app) => this.app = app;

    /// <summary>Where clients reach it.</summary>
    public Uri Address => front.Address;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Serves these operations instead of the real ones.</summary>
    public static Task<TestServer> Start(S3Services services, Authenticate authenticate, Operation operation, params Operation[] more)
    {
        var router = new Router([operation, .. more], UnimplementedOperations.All);
        return Start(loggers => new(
            new(services, router, authenticate, Hosts), [], TimeProvider.System, loggers.CreateLogger<Gateway>(), services.Requests, services.Answered, null, Way.Hop));
    }

    /// <summary>Serves the real operations.</summary>
    public static Task<TestServer> Start(S3Services services, Authenticate authenticate, params IProtocol[] others) =>
        Start(services, authenticate, Way.Hop, null, others);

    /// <summary>Serves the real operations behind another hop than the assembly's, or under a prefix.</summary>
    public static Task<TestServer> Start(S3Services services, Authenticate authenticate, HostHop? hop, string? pathPrefix, params IProtocol[] others) =>
        Start(loggers => GatewayApp.Compose(services, authenticate, Hosts, others, loggers, hop, pathPrefix));

    private static async Task<TestServer> Start(Func<ILoggerFactory, Gateway> compose)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseLimits().ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.UseGateway(compose(app.Services.GetRequiredService<ILoggerFactory>()));
        await app.StartAsync();
        var server = new TestServer(app);
        server.front = await Way.Front(new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()));
        server.Client = new() { BaseAddress = server.Address };
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await front.DisposeAsync();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
