using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Api.Tests.Signatures;

namespace ZenkoFunctions.Api.Tests.Management;

public sealed class SystemAccountTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Route = "/_/management/accounts/";

    [Fact]
    public async Task An_account_is_made_a_system_account_and_an_ordinary_one_again()
    {
        var accounts = server.Installation.Accounts;
        var account = (await accounts.CreateAccount("operations", "ops@example.com", null, null, default)).Value;
        foreach (var name in (string[])[account.Id, "operations", "ops@example.com"])
        {
            var made = await server.Send("PUT", Route + name, """{"system":true}""");
            var told = JsonSerializer.Deserialize(made.Text, AccountJson.Default.AccountDocument);
            Assert.Equal(new(account.Id, "operations", "ops@example.com", account.CanonicalId, true, true), told);
            Assert.True(await accounts.IsAdministrator((await accounts.Find(account.Id, default))!, default));
            Assert.Equal(200, (await server.Send("PUT", Route + name, """{"system":false}""")).Status);
            Assert.False(await accounts.IsAdministrator((await accounts.Find(account.Id, default))!, default));
        }
    }

    [Fact]
    public async Task Accounts_are_listed_and_told_without_secrets()
    {
        var accounts = server.Installation.Accounts;
        var account = (await accounts.CreateAccount("told", "told@example.com", null, null, default)).Value;
        var key = (await accounts.CreateKey(account, null, null, null, default)).Value;
        await accounts.CreateUser(account, "someone", default);
        var all = JsonSerializer.Deserialize((await server.Send("GET", Route[..^1])).Text, AccountJson.Default.AccountsDocument)!;
        Assert.Null(all.Next);
        Assert.Contains(new(account.Id, "told", "told@example.com", account.CanonicalId, true, false), all.Accounts);
        Assert.DoesNotContain(JsonSerializer.Deserialize((await server.Send("GET", Route[..^1] + "?marker=" + account.Id)).Text, AccountJson.Default.AccountsDocument)!.Accounts, each => each.Id == account.Id);
        var answer = await server.Send("GET", Route + "told@example.com");
        var told = JsonSerializer.Deserialize(answer.Text, AccountJson.Default.AccountDetails)!;
        Assert.Equal((account.Id, false, null, key.Id, "someone"), (told.Account.Id, told.IsRoot, told.QuotaBytes, told.Keys.Single().Id, told.Users.Single()));
        Assert.DoesNotContain(key.Secret, answer.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await server.Send("GET", Route + "nobody")).Status);
        foreach (var path in (string[])[Route[..^1], Route + account.Id])
            Assert.Equal(403, (await server.Send(new Signer(key.Id, key.Secret, server.Installation.Region, DateTimeOffset.UtcNow).Sign(server.Request("GET", path, [])))).Status);
    }

    [Fact]
    public async Task A_system_account_makes_nobody_one_and_what_makes_no_sense_changes_nothing()
    {
        var accounts = server.Installation.Accounts;
        var account = (await accounts.CreateAccount("second", "second@example.com", null, null, default)).Value;
        var key = (await accounts.CreateKey((await accounts.MarkSystem(account.Id, true, default)).Value, null, null, null, default)).Value;
        var other = (await accounts.CreateAccount("third", "third@example.com", null, null, default)).Value;
        var asked = server.Request("PUT", Route + other.Id, """{"system":true}"""u8.ToArray());
        var refused = await server.Send(new Signer(key.Id, key.Secret, server.Installation.Region, DateTimeOffset.UtcNow).Sign(asked));
        Assert.Equal(403, refused.Status);
        Assert.StartsWith("""{"code":"AccessDenied",""", refused.Text, StringComparison.Ordinal);
        foreach (var body in (string[])["{}", "{\"system\":1}", ""]) Assert.Equal(400, (await server.Send("PUT", Route + other.Id, body)).Status);
        Assert.StartsWith("""{"code":"NoSuchAccount",""", (await server.Send("PUT", Route + "nobody", """{"system":true}""")).Text, StringComparison.Ordinal);
        Assert.False(await accounts.IsAdministrator((await accounts.Find(other.Id, default))!, default));
    }
}
