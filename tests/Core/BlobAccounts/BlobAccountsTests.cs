using System.Text;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.BlobAccounts;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;
using Accounts = ZenkoFunctions.Core.BlobAccounts.BlobAccounts;

namespace ZenkoFunctions.Core.Tests.BlobAccounts;

/// <summary>Storage accounts and their containers, over tables that can be cut off and that count.</summary>
public sealed class BlobAccountsTests
{
    private readonly World world = new();
    private readonly CuttableTable table;
    private Containers containers = null!;
    private Accounts accounts = null!;

    public BlobAccountsTests()
    {
        table = new(new InMemoryTable(), world.Cut);
        Start();
    }

    [Fact]
    public async Task Names_are_unique_without_regard_to_case_and_kept_as_typed()
    {
        var made = await Make("myAccount");
        Assert.Equal("myAccount", (await accounts.Find("MYACCOUNT", default))?.Name);
        Assert.Equal((Refusal.IdentityTaken, "myAccount"), ((await accounts.Create(New("MyAccount"), default)).Refusal, (await accounts.Create(New("MyAccount"), default)).Carried?.Name));
        var taken = await accounts.Create(New("myaccount") with { OwnerId = World.Other.Id }, default);
        Assert.Equal((Refusal.IdentityTaken, null), (taken.Refusal, taken.Carried));
        Assert.Equal(Refusal.InvalidRequest, (await accounts.Create(New("no-dashes"), default)).Refusal);
        Assert.Equal(["myAccount"], await Names(World.Owner));
        Assert.Empty(await Names(World.Other));
        Assert.Equal([64, 64], (await accounts.Keys(made, default)).Select(key => key.Value.Length));
    }

    [Fact]
    public async Task Keys_are_sealed_and_read_once()
    {
        var account = await Make("acct");
        var keys = await accounts.Keys(account, default);
        foreach (var row in await table.All())
            Assert.DoesNotContain(Convert.ToBase64String(keys[0].Value), Encoding.UTF8.GetString(row.Value.Span), StringComparison.Ordinal);
        var scans = 0;
        table.BeforeScan = () => Task.FromResult(scans++);
        Assert.Same(keys, await accounts.Keys(account, default));
        Assert.NotNull(await accounts.Find("acct", default));
        Assert.Equal(0, scans);
    }

    [Fact]
    public async Task A_renewed_key_and_a_change_show_at_once_here_and_elsewhere_once_the_cache_is_old()
    {
        var account = await Make("acct");
        var elsewhere = new Accounts(table, Master, containers, TimeSpan.FromSeconds(5), world.Clock);
        var before = await elsewhere.Keys(account, default);
        Assert.Null((await accounts.RenewKey(account, "key2", default)).Refusal);
        await accounts.Update("acct", was => was with { Name = "other", HttpsOnly = true }, default);
        var now = await accounts.Keys(account, default);
        Assert.Equal(before[0].Value, now[0].Value);
        Assert.NotEqual(before[1].Value, now[1].Value);
        Assert.Equal(("acct", true), ((await accounts.Find("acct", default))?.Name, (await accounts.Find("acct", default))?.HttpsOnly));
        Assert.Same(before, await elsewhere.Keys(account, default));
        world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromSeconds(6));
        Assert.Equal(now[1].Value, (await elsewhere.Keys(account, default))[1].Value);
        Assert.Equal(Refusal.NoSuchIdentity, (await accounts.RenewKey(account, "key3", default)).Refusal);
    }

    [Fact]
    public async Task The_services_properties_are_read_once_and_a_change_shows_at_once_here_and_elsewhere_once_the_cache_is_old()
    {
        var counting = new Usage.CountingTable(table);
        var account = await Make("acct");
        var elsewhere = new Accounts(counting, Master, containers, TimeSpan.FromSeconds(5), world.Clock);
        Assert.Null((await elsewhere.Service(account, default)).DefaultServiceVersion);
        Assert.Null((await accounts.Service(account, default)).DefaultServiceVersion);
        var asked = counting.Calls;
        await accounts.ChangeService(account, was => was with { DefaultServiceVersion = "2021-12-02" }, default);
        Assert.Equal("2021-12-02", (await accounts.Service(account, default)).DefaultServiceVersion);
        Assert.Null((await elsewhere.Service(account, default)).DefaultServiceVersion);
        Assert.Equal(asked, counting.Calls);
        world.Clock.MoveTo(world.Clock.GetUtcNow() + TimeSpan.FromSeconds(6));
        Assert.Equal("2021-12-02", (await elsewhere.Service(account, default)).DefaultServiceVersion);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_account_whose_making_is_cut_off_anywhere_is_there_or_can_be_made(bool after)
    {
        for (var step = 1; step <= 2; step++)
        {
            var name = $"acct{step}{after}";
            world.Cut.Arm(step, after);
            await Assert.ThrowsAsync<Cut.CutOffException>(async () => await accounts.Create(New(name), default));
            Start();
            var again = await accounts.Create(New(name), default);
            Assert.True(again.Refusal is null || again.Carried?.Name == name);
            Assert.Contains(name, await Names(World.Owner));
            Assert.Equal(2, (await accounts.Keys((await accounts.Find(name, default))!, default)).Count);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_deletion_that_is_cut_off_anywhere_leaves_all_or_frees_the_name(bool after)
    {
        for (var step = 1; step <= 3; step++)
        {
            var account = await Make($"acct{step}{after}");
            // A row whose bucket never came to be.
            world.Cut.Disarm();
            await table.Apply("c." + account.Id, [Change.Put("nowhere", Condition.Any, Encoding.UTF8.GetBytes("""{"format":1,"bucket":"nowhere"}"""))], default);
            world.Cut.Arm(step, after);
            await Assert.ThrowsAsync<Cut.CutOffException>(async () => await accounts.Delete(account, default));
            Start();
            if (await accounts.Find(account.Name, default) is { } left) Assert.Equal(2, (await accounts.Keys(left, default)).Count);
            await accounts.Delete(account, default);
            Assert.Null((await accounts.Create(New(account.Name) with { OwnerId = World.Other.Id }, default)).Refusal);
            Assert.DoesNotContain(account.Name, await Names(World.Owner));
            Assert.Equal(Refusal.IdentityTaken, (await accounts.Create(New(account.Name), default)).Refusal);
        }
    }

    [Fact]
    public async Task An_account_with_containers_stays_and_buckets_of_S3_do_not_keep_it()
    {
        var account = await Make("acct");
        await world.Bucket("from-s3");
        Assert.Null((await containers.Create(account, World.Owner, "data", new(), default)).Refusal);
        Assert.Equal(Refusal.Conflict, (await accounts.Delete(account, default)).Refusal);
        Assert.NotNull(await accounts.Find("acct", default));
        Assert.Null((await world.Buckets.Delete((await containers.Find(account, "data", default))!, default)).Refusal);
        await containers.Forget(account, "data", default);
        Assert.Null((await accounts.Delete(account, default)).Refusal);
        Assert.Empty(await accounts.Keys(account, default));
        Assert.Equal(Refusal.NoSuchIdentity, (await accounts.RenewKey(account, "key1", default)).Refusal);
    }

    [Fact]
    public async Task What_is_derived_belongs_to_the_account_and_its_time()
    {
        var account = await Make("acct");
        Assert.Equal(accounts.Derive(account, "a"), accounts.Derive(account, "a"));
        Assert.NotEqual(accounts.Derive(account, "a"), accounts.Derive(account, "b"));
        Assert.NotEqual(accounts.Derive(account, "a"), accounts.Derive(account with { Created = account.Created.AddTicks(1) }, "a"));
    }

    [Fact]
    public void Rows_are_written_as_they_always_were()
    {
        var account = New("myAccount") with { Created = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), HttpsOnly = true, Tags = new Dictionary<string, string> { ["a"] = "b" } };
        var stored = Encoding.UTF8.GetString(StoredJson.Write(account, BlobAccountJson.Default.BlobAccount).Span);
        Assert.Equal(
            """{"format":1,"name":"myAccount","ownerId":"123456789012","location":"","sku":"Standard_LRS","kind":"StorageV2","tags":{"a":"b"},"created":"2026-01-02T03:04:05+00:00","accessTier":"Hot","httpsOnly":true,"allowPublicAccess":true,"allowSharedKey":true}""",
            stored);
        Assert.Equivalent(account, StoredJson.Read(Encoding.UTF8.GetBytes(stored), BlobAccountJson.Default.BlobAccount), strict: true);
        Assert.Equal("""{"format":1,"bucket":"b"}""", Encoding.UTF8.GetString(StoredJson.Write(new StoredContainer(1, "b"), BlobAccountJson.Default.StoredContainer).Span));
        Assert.Equal(
            """{"format":1,"sealed":"AAAA","created":"2026-01-02T03:04:05+00:00"}""",
            Encoding.UTF8.GetString(StoredJson.Write(new StoredBlobKey(1, "AAAA", account.Created), BlobAccountJson.Default.StoredBlobKey).Span));
    }

    private static MasterKey Master => new(new byte[MasterKey.Length]);

    private static BlobAccount New(string name) => new() { Name = name, OwnerId = World.Owner.Id, Location = "", Created = default };

    private void Start()
    {
        world.Start();
        containers = new(table, world.Buckets, world.Queue, Timeout.InfiniteTimeSpan, world.Clock);
        accounts = new(table, Master, containers, Timeout.InfiniteTimeSpan, world.Clock);
    }

    private async Task<BlobAccount> Make(string name) => (await accounts.Create(New(name), default)).Value;

    private async Task<List<string>> Names(Account owner)
    {
        var names = new List<string>();
        await foreach (var account in accounts.List(owner.Id, default)) names.Add(account.Name);
        return names;
    }
}
