using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>A storage account <c>myAccount</c> with a container <c>con</c>, and who the authenticator takes senders for.</summary>
public sealed class BlobSenders : IAsyncLifetime
{
    private readonly string root = Directory.CreateTempSubdirectory("senders-").FullName;
    private Way way = null!;

    internal ManualClock Clock { get; } = new();

    internal Installation Installation { get; private set; } = null!;

    internal BlobAccount Account { get; private set; } = null!;

    internal Account Owner { get; private set; } = null!;

    internal IReadOnlyList<BlobAccountKey> Keys { get; private set; } = [];

    public async Task InitializeAsync()
    {
        way = await Way.Open(root);
        Installation = new(way.Engines, new MasterKey(new byte[MasterKey.Length]), new() { Region = "us-east-1" }, new Dictionary<string, IEventTarget>(), Clock, NullLoggerFactory.Instance);
        Owner = (await Installation.Accounts.EnsureRoot(null, null, default)).Key.Account;
        Account = (await Installation.BlobAccounts.Create(new() { Name = "myAccount", OwnerId = Owner.Id, Location = "", Created = default }, default)).Value;
        Keys = await Installation.BlobAccounts.Keys(Account, default);
        var setting = new ContainerSetting { Policies = [new("readers", "r", null, Clock.GetUtcNow().AddHours(1)), new("lazy", "rl", null, null)] };
        Assert.Null((await Installation.Containers.Create(Account, Owner, "con", setting, default)).Refusal);
    }

    public async Task DisposeAsync()
    {
        await way.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }

    /// <summary>A request without a body.</summary>
    internal static WireRequest Request(string verb, string target, params (string Name, string Value)[] headers)
    {
        var fields = new HeaderDictionary();
        foreach (var (name, value) in headers) fields.Append(name, value);
        var (path, query) = target.Split('?', 2) is [var before, var after] ? (before, after) : (target, "");
        return new(verb, path, query, fields, PipeReader.Create(Stream.Null), fields.ContentLength, IPAddress.Parse("10.1.2.3"), IsHttps: false);
    }

    /// <summary>Who sends it; its account stands in the host.</summary>
    internal ValueTask<BlobSender> Verify(WireRequest request, string account = "myaccount", IBlobTokens? tokens = null) => Verify(request, Account, account, tokens);

    internal ValueTask<BlobSender> Verify(WireRequest request, BlobAccount account, string name, IBlobTokens? tokens = null) =>
        new BlobAuthenticator(Installation, tokens).Verify(request, BlobAddress.Parse(name, request), account, default);

    /// <summary>Status and code of the refusal; 200 and nothing where there is none.</summary>
    internal async Task<(int, string?)> Outcome(WireRequest request, IBlobTokens? tokens = null)
    {
        try
        {
            await Verify(request, tokens: tokens);
            return (200, null);
        }
        catch (S3Exception e)
        {
            return (e.Error.Status, e.Error.Code);
        }
    }
}
