using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Core.Tests.Identity;

public sealed class RootAndSeedTests : IDisposable
{
    private readonly InMemoryTable table = new();
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    private Accounts Open() => new(table, new(new byte[MasterKey.Length]), TimeProvider.System);

    [Fact]
    public async Task The_root_key_is_new_once_and_stays_the_same()
    {
        var first = await Open().EnsureRoot(null, null, default);
        Assert.True(first.IsNew);
        var second = await Open().EnsureRoot(null, null, default);
        Assert.False(second.IsNew);
        Assert.Equal(first.Key, second.Key);
        Assert.Equal("root", first.Key.Account.Name);
    }

    [Fact]
    public async Task First_starts_that_race_agree_on_one_root()
    {
        var roots = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await Open().EnsureRoot(null, null, default))));
        Assert.Single(roots.Select(root => root.Key).Distinct());
        Assert.Equal(1, await Open().List(default).CountAsync());
    }

    [Fact]
    public async Task A_first_start_that_is_cut_short_anywhere_is_finished_by_the_next()
    {
        for (var step = 1; ; step++)
        {
            var cut = new InMemoryTable();
            var applied = 0;
            cut.BeforeApply = _ => ++applied > step ? throw new IOException("cut short") : default;
            var accounts = new Accounts(cut, new(new byte[MasterKey.Length]), TimeProvider.System);
            try
            {
                await accounts.EnsureRoot(null, null, default);
                Assert.True(step > 4);
                return;
            }
            catch (IOException)
            {
                cut.BeforeApply = null;
                Assert.Equal("root", (await accounts.EnsureRoot(null, null, default)).Key.Account.Name);
                Assert.Equal(1, await accounts.List(default).CountAsync());
            }
        }
    }

    [Fact]
    public async Task Fixed_keys_take_the_place_of_the_key_before()
    {
        var made = await Open().EnsureRoot(null, null, default);
        var accounts = Open();
        Assert.Equal(made.Key, await accounts.FindKey(made.Key.Id, default));
        var fixedKey = await accounts.EnsureRoot("FIXED", "secret1", default);
        Assert.Equal(("FIXED", "secret1", true), (fixedKey.Key.Id, fixedKey.Key.Secret, fixedKey.IsNew));
        Assert.Equal(made.Key.Account, fixedKey.Key.Account);
        Assert.Null(await accounts.FindKey(made.Key.Id, default));

        Assert.Equal("secret2", (await accounts.EnsureRoot("FIXED", "secret2", default)).Key.Secret);
        Assert.Equal("secret2", (await accounts.FindKey("FIXED", default))!.Secret);
        // Without fixed keys the last ones stay.
        var kept = await Open().EnsureRoot(null, null, default);
        Assert.Equal(("FIXED", "secret2", false), (kept.Key.Id, kept.Key.Secret, kept.IsNew));
    }

    [Theory]
    [InlineData("KEY", null)]
    [InlineData(null, "secret")]
    [InlineData("K Y", "secret")]
    [InlineData("TAKEN", "secret")]
    public async Task Fixed_keys_that_cannot_be_used_are_refused(string? id, string? secret)
    {
        var accounts = Open();
        var ann = (await accounts.CreateAccount("ann", "ann@example.com", null, null, default)).Value;
        _ = (await accounts.CreateKey(ann, null, "TAKEN", "hers", default)).Value;
        await Assert.ThrowsAsync<InvalidDataException>(async () => await accounts.EnsureRoot(id, secret, default));
        Assert.Equal("hers", (await accounts.FindKey("TAKEN", default))!.Secret);
    }

    private const string Good = """
        [
          // the accounts of a public suite
          {"name": "main", "email": "main@example.com", "canonicalId": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
           "accessKeys": [{"id": "0555b35654ad1656d804", "secret": "h7GhxuBLTrlhVUyxSPUKUV8r/2EI4ngqJxD7iBdBYLhwluN30JaT3Q=="}]},
          {"name": "alt", "email": "alt@example.com", "accessKeys": [{"id": "NOPQRSTUVWXYZABCDEFG", "secret": "alt_secret"}, {"id": "alt2", "secret": "s2_"}]},
          {"name": "bare", "email": "bare@example.com"},
        ]
        """;

    [Fact]
    public async Task A_seed_makes_its_accounts_and_a_second_time_changes_nothing()
    {
        await File.WriteAllTextAsync(file, Good);
        var accounts = Open();
        var made = await accounts.Seed(file, default);
        Assert.Equal(["main", "alt", "bare"], made.Select(account => account.Name));
        Assert.Equal(new string[] { "NOPQRSTUVWXYZABCDEFG", "alt2" }, await accounts.Keys(made[1], null, default).Select(key => key.Id).ToListAsync());
        Assert.Equal("h7GhxuBLTrlhVUyxSPUKUV8r/2EI4ngqJxD7iBdBYLhwluN30JaT3Q==", (await accounts.FindKey("0555b35654ad1656d804", default))!.Secret);
        Assert.Equal("main", (await accounts.FindByCanonicalId("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", default))!.Name);
        var rows = table.Rows;
        Assert.Equal(made, await Open().Seed(file, default));
        Assert.Equal(rows, table.Rows);
    }

    [Fact]
    public async Task A_seed_makes_users_with_keys_and_policies_and_refuses_malformed_ones()
    {
        const string policy = """{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}""";
        var text = $$$"""
            [{"name": "ann", "email": "ann@example.com", "users": [
              {"name": "carol", "accessKeys": [{"id": "CAROL", "secret": "hers"}], "policies": {"all": {{{policy}}}}}]}]
            """;
        await File.WriteAllTextAsync(file, text);
        var accounts = Open();
        await accounts.Seed(file, default);
        var key = (await accounts.FindKey("CAROL", default))!;
        Assert.Equal(("carol", new InlinePolicy("all", policy)), (key.User!.Name, Assert.Single(key.User.Policies)));
        Assert.Single(key.Policies!);
        var rows = table.Rows;
        await Open().Seed(file, default);
        Assert.Equal(rows, table.Rows);

        var before = table.Rows.Count;
        await Refused(text.Replace("ann", "bob", StringComparison.Ordinal).Replace("2012", "2013", StringComparison.Ordinal), "entry 1");
        await Refused(text.Replace("carol", "a/b", StringComparison.Ordinal), "entry 1");
        Assert.Equal(before, table.Rows.Count);
    }

    [Fact]
    public async Task A_seed_changes_a_secret_but_never_takes_anothers_key_or_account()
    {
        await File.WriteAllTextAsync(file, Good);
        var accounts = Open();
        await accounts.Seed(file, default);
        await File.WriteAllTextAsync(file, """[{"name": "alt", "email": "ALT@example.com", "accessKeys": [{"id": "alt2", "secret": "new"}]}]""");
        await accounts.Seed(file, default);
        Assert.Equal("new", (await accounts.FindKey("alt2", default))!.Secret);

        await Refused("""[{"name": "bare", "email": "bare@example.com", "accessKeys": [{"id": "alt2", "secret": "mine"}]}]""", "account bare", "alt2");
        await Refused("""[{"name": "bare", "email": "other@example.com"}]""", "account bare", "bare@example.com");
        await Refused("""[{"name": "new", "email": "bare@example.com"}]""", "account new", "bare@example.com");
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("null", "null")]
    [InlineData("[null]", "entry 1")]
    [InlineData("{}", "line 1")]
    [InlineData("[\n{\"name\": \"a\",\n\"email\" \"a@b\"}]", "line 3")]
    [InlineData("""[{"name": "a"}]""", "email")]
    [InlineData("""[{"name": null, "email": "a@b"}]""", "line 1")]
    [InlineData("""[{"name": "a", "email": "a@b", "keys": []}]""", "keys")]
    [InlineData("""[{"name": "a", "name": "b", "email": "a@b"}]""", "name")]
    [InlineData("""[{"name": "a", "email": "ab"}]""", "entry 1 (a)")]
    [InlineData("""[{"name": "a", "email": "a@b"}, {"name": "a", "email": "c@d"}]""", "entry 2 (a): The name a stands in the file twice")]
    [InlineData("""[{"name": "a", "email": "a@b"}, {"name": "b", "email": "A@B"}]""", "twice")]
    [InlineData("""[{"name": "a", "email": "a@b", "accessKeys": [{"id": "key", "secret": "s11"}, {"id": "key", "secret": "s22"}]}]""", "access key key stands")]
    [InlineData("""[{"name": "a", "email": "a@b", "accessKeys": [{"id": "k y", "secret": "sss"}]}]""", "access key id")]
    [InlineData("""[{"name": "a", "email": "a@b", "accessKeys": [null]}]""", "null")]
    public async Task A_wrong_file_is_refused_with_its_place_and_writes_nothing(string json, string says)
    {
        await Refused(json, says);
        Assert.Empty(table.Rows);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        var wrong = await Assert.ThrowsAsync<InvalidDataException>(async () => await Open().Seed("/nowhere/accounts.json", default));
        Assert.Contains("/nowhere/accounts.json", wrong.Message, StringComparison.Ordinal);
    }

    private async Task Refused(string json, params string[] says)
    {
        await File.WriteAllTextAsync(file, json);
        var wrong = await Assert.ThrowsAsync<InvalidDataException>(async () => await Open().Seed(file, default));
        Assert.Contains(file, wrong.Message, StringComparison.Ordinal);
        Assert.All(says, part => Assert.Contains(part, wrong.Message, StringComparison.Ordinal));
    }
}
