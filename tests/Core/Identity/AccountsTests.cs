using System.Text;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Identity;

public sealed class AccountsTests
{
    private readonly InMemoryTable table = new();
    private readonly ManualClock clock = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly MasterKey master = new(new byte[MasterKey.Length]);

    private Accounts Open(TimeSpan? age = null) => new(table, master, clock, age);

    private static async Task<Account> Make(Accounts accounts, string name = "ann", string email = "ann@example.com") =>
        (await accounts.CreateAccount(name, email, null, null, default)).Value;

    [Fact]
    public async Task An_account_is_found_by_id_canonical_id_name_and_email()
    {
        var made = await Make(Open(), "Änn/#?\\", "Ann+x/y#z?@example.com");
        Assert.Matches("^[1-9][0-9]{11}$", made.Id);
        Assert.Matches("^[0-9a-f]{64}$", made.CanonicalId);
        var accounts = Open();
        Assert.Equal(made, await accounts.Find(made.Id, default));
        Assert.Equal(made, await accounts.FindByCanonicalId(made.CanonicalId, default));
        Assert.Equal(made, await accounts.FindByName(made.Name, default));
        Assert.Equal(made, await accounts.FindByEmail(made.Email.ToUpperInvariant(), default));
        Assert.Null(await accounts.FindByName("änn/#?\\", default));
        Assert.Null(await accounts.Find("123", default));
        Assert.Null(await accounts.FindByCanonicalId("../x", default));
    }

    [Fact]
    public async Task Name_email_and_ids_are_unique_and_a_refused_account_leaves_nothing_claimed()
    {
        var accounts = Open();
        var ann = await Make(accounts);
        var rows = table.Rows.Count;
        Assert.Equal(Refusal.IdentityTaken, (await accounts.CreateAccount("ann", "x@example.com", null, null, default)).Refusal);
        Assert.Equal(Refusal.IdentityTaken, (await accounts.CreateAccount("bob", "ANN@example.com", null, null, default)).Refusal);
        Assert.Equal(Refusal.IdentityTaken, (await accounts.CreateAccount("bob", "x@example.com", ann.Id, null, default)).Refusal);
        Assert.Equal(Refusal.IdentityTaken, (await accounts.CreateAccount("bob", "x@example.com", null, ann.CanonicalId, default)).Refusal);
        Assert.Equal(rows, table.Rows.Count);
        Assert.NotNull(await Make(accounts, "bob", "x@example.com"));
    }

    [Theory]
    [InlineData("", "a@b", null, null)]
    [InlineData(" ann", "a@b", null, null)]
    [InlineData("a\nb", "a@b", null, null)]
    [InlineData("ann", "nobody", null, null)]
    [InlineData("ann", "a b@c", null, null)]
    [InlineData("ann", "a@b", "123", null)]
    [InlineData("ann", "a@b", null, "ABCDEF")]
    public async Task Malformed_names_are_refused(string name, string email, string? id, string? canonicalId)
    {
        var made = await Open().CreateAccount(name, email, id, canonicalId, default);
        Assert.Equal(Refusal.InvalidRequest, made.Refusal);
        Assert.NotNull(made.Detail);
        Assert.Empty(table.Rows);
    }

    [Fact]
    public async Task Of_rivals_for_a_name_one_wins()
    {
        var accounts = Open();
        var made = await Task.WhenAll(Enumerable.Range(0, 16).Select(i =>
            Task.Run(() => accounts.CreateAccount("ann", $"ann{i}@example.com", null, null, default).AsTask())));
        Assert.Single(made, result => result.Refusal is null);
        Assert.Equal(1, await accounts.List(default).CountAsync());
    }

    [Fact]
    public async Task A_claim_whose_account_never_came_into_being_lapses_after_a_minute()
    {
        table.BeforeApply = partition => partition.StartsWith("a.", StringComparison.Ordinal) ? throw new IOException("cut short") : default;
        await Assert.ThrowsAsync<IOException>(() => Make(Open()));
        table.BeforeApply = null;
        Assert.Equal(Refusal.IdentityTaken, (await Open().CreateAccount("ann", "ann@example.com", null, null, default)).Refusal);
        clock.Now += TimeSpan.FromMinutes(1);
        Assert.Equal("ann", (await Make(Open())).Name);
    }

    [Fact]
    public async Task Users_are_unique_in_their_account_whatever_their_case()
    {
        var accounts = Open();
        var (ann, bob) = (await Make(accounts), await Make(accounts, "bob", "bob@example.com"));
        var user = (await accounts.CreateUser(ann, "Carol@home", default)).Value;
        Assert.Equal($"arn:aws:iam::{ann.Id}:user/Carol@home", user.Arn);
        Assert.Equal(Refusal.IdentityTaken, (await accounts.CreateUser(ann, "carol@HOME", default)).Refusal);
        Assert.Null((await accounts.CreateUser(bob, "carol@home", default)).Refusal);
        Assert.Equal(Refusal.InvalidRequest, (await accounts.CreateUser(ann, "a/b", default)).Refusal);
        Assert.Equal([user], await accounts.Users(ann, default).ToListAsync());
        Assert.Equal(2, await accounts.List(default).CountAsync());
    }

    [Fact]
    public async Task A_deleted_users_keys_no_longer_sign_not_even_for_a_namesake()
    {
        var accounts = Open();
        var ann = await Make(accounts);
        var user = (await accounts.CreateUser(ann, "carol", default)).Value;
        var key = (await accounts.CreateKey(ann, user, null, null, default)).Value;
        Assert.Equal(user, (await accounts.FindKey(key.Id, default))!.User);
        // Cut short before the keys are removed.
        table.BeforeApply = partition => partition.StartsWith("k.", StringComparison.Ordinal) ? throw new IOException("cut short") : default;
        await Assert.ThrowsAsync<IOException>(async () => await accounts.DeleteUser(ann, "carol", default));
        table.BeforeApply = null;
        Assert.Null(await accounts.FindKey(key.Id, default));
        Assert.Null((await accounts.CreateUser(ann, "carol", default)).Refusal);
        Assert.Null(await accounts.FindKey(key.Id, default));

        var second = (await accounts.FindUser(ann, "carol", default))!;
        var secondKey = (await accounts.CreateKey(ann, second, null, null, default)).Value;
        Assert.Null((await accounts.DeleteUser(ann, "carol", default)).Refusal);
        Assert.DoesNotContain(table.Rows, row => row.Key.Partition == "k." + secondKey.Id);
        Assert.Equal(Refusal.NoSuchIdentity, (await accounts.DeleteUser(ann, "carol", default)).Refusal);
    }

    [Fact]
    public async Task An_owner_has_several_keys_and_each_is_switched_and_removed_alone()
    {
        var accounts = Open();
        var ann = await Make(accounts);
        var random = (await accounts.CreateKey(ann, null, null, null, default)).Value;
        Assert.Matches("^AKIA[A-Z2-7]{16}$", random.Id);
        Assert.Matches("^[A-Za-z0-9]{40}$", random.Secret);
        var given = (await accounts.CreateKey(ann, null, "0555b35654ad1656d804", "h7GhxuBLTrlhVUyxSPUKUV8r/2EI4ngqJxD7iBdBYLhwluN30JaT3Q==", default)).Value;
        Assert.Equal(2, await accounts.Keys(ann, null, default).CountAsync());
        Assert.Equal(Refusal.IdentityTaken, (await accounts.CreateKey(ann, null, given.Id, "another", default)).Refusal);

        Assert.False((await accounts.EnableKey(given.Id, false, default)).Value.Enabled);
        Assert.False((await accounts.FindKey(given.Id, default))!.Enabled);
        Assert.True((await accounts.FindKey(random.Id, default))!.Enabled);
        Assert.True((await accounts.EnableKey(given.Id, true, default)).Value.Enabled);
        Assert.Equal(given, await Open().FindKey(given.Id, default));

        Assert.True(await accounts.DeleteKey(given.Id, default));
        Assert.False(await accounts.DeleteKey(given.Id, default));
        Assert.Null(await accounts.FindKey(given.Id, default));
        Assert.Equal(Refusal.NoSuchIdentity, (await accounts.EnableKey(given.Id, true, default)).Refusal);
        Assert.Equal([random], await accounts.Keys(ann, null, default).ToListAsync());
    }

    [Theory]
    [InlineData("ab", "secret")]
    [InlineData("a/b", "secret")]
    [InlineData("abc", "se")]
    [InlineData("abc", "a b c")]
    public async Task Malformed_keys_are_refused(string id, string secret)
    {
        var accounts = Open();
        var ann = await Make(accounts);
        Assert.Equal(Refusal.InvalidRequest, (await accounts.CreateKey(ann, null, id, secret, default)).Refusal);
        Assert.Null(await accounts.FindKey(id, default));
    }

    [Fact]
    public async Task No_secret_is_stored_or_printed_in_the_clear()
    {
        var accounts = Open();
        var key = (await accounts.CreateKey(await Make(accounts), null, null, null, default)).Value;
        var root = await accounts.EnsureRoot(null, null, default);
        foreach (var secret in new[] { key.Secret, root.Key.Secret })
        {
            Assert.DoesNotContain(table.Rows, row => Encoding.UTF8.GetString(row.Value.Span).Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotContain(secret, $"{key} {root}", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Keys_are_read_once_until_changed_and_a_missing_key_is_asked_for_each_time()
    {
        var accounts = Open();
        var ann = await Make(accounts);
        Assert.Null(await accounts.FindKey("LATER", default));
        var other = Open();
        _ = (await other.CreateKey(ann, null, "LATER", "secret", default)).Value;
        var key = await accounts.FindKey("LATER", default);
        Assert.NotNull(key);
        // What another process does is not seen without an age; what this one does is.
        Assert.True(await other.DeleteKey("LATER", default));
        Assert.Same(key, await accounts.FindKey("LATER", default));
        Assert.Equal(Refusal.NoSuchIdentity, (await accounts.EnableKey("LATER", false, default)).Refusal);
    }

    [Fact]
    public async Task With_an_age_a_change_elsewhere_is_seen_after_it()
    {
        var accounts = Open(TimeSpan.FromSeconds(5));
        var ann = await Make(accounts);
        var key = (await accounts.CreateKey(ann, null, null, null, default)).Value;
        Assert.True((await accounts.FindKey(key.Id, default))!.Enabled);
        _ = (await Open().EnableKey(key.Id, false, default)).Value;
        clock.Now += TimeSpan.FromSeconds(4);
        Assert.True((await accounts.FindKey(key.Id, default))!.Enabled);
        clock.Now += TimeSpan.FromSeconds(1);
        Assert.False((await accounts.FindKey(key.Id, default))!.Enabled);
    }

    [Fact]
    public async Task Disabling_always_wins_over_a_read_that_was_under_way()
    {
        var accounts = Open();
        var key = (await accounts.CreateKey(await Make(accounts), null, null, null, default)).Value;
        for (var i = 0; i < 200; i++)
        {
            _ = (await accounts.EnableKey(key.Id, true, default)).Value;
            var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await accounts.FindKey(key.Id, default))).ToArray();
            _ = (await accounts.EnableKey(key.Id, false, default)).Value;
            await Task.WhenAll(readers);
            Assert.False((await accounts.FindKey(key.Id, default))!.Enabled);
        }
    }

    /// <summary>Golden: rows that this version wrote must be read for ever.</summary>
    [Fact]
    public async Task Rows_of_format_1_are_still_read_and_a_later_format_is_not_guessed_at()
    {
        const string id = "123456789012";
        var canonical = new string('a', 64);
        await Put("a." + id, "account", $$"""{"format":1,"id":"{{id}}","canonicalId":"{{canonical}}","name":"ann","email":"ann@example.com","created":"2026-01-01T00:00:00+00:00"}""");
        await Put("c." + canonical, "index", $$"""{"format":1,"accountId":"{{id}}","created":"2026-01-01T00:00:00+00:00"}""");
        Assert.Equal(new(id, canonical, "ann", "ann@example.com"), await Open().FindByCanonicalId(canonical, default));
        await Put("a." + id, "account", """{"format":2}""");
        await Assert.ThrowsAsync<InvalidDataException>(async () => await Open().Find(id, default));
    }

    private async Task Put(string partition, string row, string json) =>
        await table.Apply(partition, [Change.Put(row, Condition.Any, Encoding.UTF8.GetBytes(json))], default);
}
