using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Notifications;

namespace ZenkoFunctions.Api.Tests;

/// <summary>An installation with a clock that stands still, and the roots of two accounts.</summary>
internal sealed class TwoAccounts : IAsyncDisposable
{
    private readonly string directory;
    private readonly Way way;

    private TwoAccounts(string directory, Way way)
    {
        (this.directory, this.way) = (directory, way);
        Installation = new(
            way.Engines, new MasterKey(new byte[MasterKey.Length]), new(), new Dictionary<string, IEventTarget>(), Clock, NullLoggerFactory.Instance);
    }

    public ManualClock Clock { get; } = new(DateTimeOffset.UtcNow);

    public Installation Installation { get; }

    public AccessKey Root { get; private set; } = null!;

    public AccessKey Other { get; private set; } = null!;

    public static async Task<TwoAccounts> Open()
    {
        var directory = Directory.CreateTempSubdirectory("accounts-").FullName;
        var opened = new TwoAccounts(directory, await Way.Open(directory));
        var accounts = opened.Installation.Accounts;
        opened.Root = (await accounts.EnsureRoot(null, null, default)).Key;
        var other = (await accounts.CreateAccount("other", "other@example.com", null, null, default)).Value;
        opened.Other = (await accounts.CreateKey(other, null, null, null, default)).Value;
        return opened;
    }

    public async ValueTask DisposeAsync()
    {
        await way.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }
}
