using System.Text;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.HostDouble;

namespace ZenkoFunctions.Api.Tests;

/// <summary>Both function apps as the build leaves them, each under a host of its own, over one storage account.</summary>
public sealed class FunctionApps : IAsyncLifetime
{
    /// <summary>A host that clients sign for, and that something in front of the platform replaces.</summary>
    public const string PublicHost = "s3.public.example";

    /// <summary>Answers clients, with a limit of 5 GiB.</summary>
    public FunctionsHost Api { get; private set; } = null!;

    /// <summary>Does the jobs.</summary>
    public FunctionsHost Jobs { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Jobs = await Start("Functions.Replication");
        Api = await Start("Functions.Api", bodyLimit: 5L << 30);
    }

    public async Task DisposeAsync()
    {
        await Api.DisposeAsync();
        await Jobs.DisposeAsync();
    }

    /// <summary>Starts a host over an app's output folder.</summary>
    internal static async Task<FunctionsHost> Start(string app, long? bodyLimit = null)
    {
        var settings = new Dictionary<string, string>
        {
            ["AzureWebJobsStorage"] = await Way.ConnectionString(),
            ["ZENKOFN_PUBLIC_HOSTS"] = PublicHost,
            ["ZENKOFN_CACHE_SECONDS"] = "0",
        };
        if (bodyLimit is { } bytes) settings["FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"] = $"{bytes}";
        return await FunctionsHost.Start(new() { AppFolder = Folder(app), Settings = settings, FrontEnd = true });
    }

    /// <summary>What the build left there: the folder that func start is called in.</summary>
    internal static string Folder(string app) => AppContext.BaseDirectory.TrimEnd('/').Replace(
        Path.Combine("tests", "Functions.Api.Hosted"), Path.Combine("src", app), StringComparison.Ordinal);

    /// <summary>Signs with the root's key.</summary>
    internal static Signer Signer()
    {
        var settings = AppSettings.Of(AppSettings.ForLocalUse.ToDictionary());
        return new(settings.RootAccessKey, settings.RootSecretKey, settings.Region, DateTimeOffset.UtcNow);
    }

    /// <summary>Sends a signed request over a connection of its own; the whole answer.</summary>
    internal static Task<string> Send(FunctionsHost host, string verb, string target, string body = "", params string[] headers)
    {
        var (path, query) = target.Split('?', 2) is [var before, var after] ? (before, after) : (target, "");
        var request = new SignedRequest { Verb = verb, Path = path, Query = query, Body = Encoding.UTF8.GetBytes(body) }.With("Host", host.Address.Authority);
        foreach (var header in headers)
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            request.With(header[..colon], header[(colon + 2)..]);
        }
        return RawHttp.Exchange(host.Address, RawHttp.Bytes(Signer().Sign(request)));
    }
}
