using System.Net;
using System.Text.RegularExpressions;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Tests.Console;

public sealed partial class AccountTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    [GeneratedRegex("(?:Access|Secret) key</dt><dd><code class=\"secret\">([^<]+)</code>")]
    private static partial Regex Told();

    [Fact]
    public async Task An_account_from_its_creation_to_its_end()
    {
        var root = await server.SignedIn(server.Root);
        await root.Get("new-account");
        Assert.Equal(400, (await root.Post("new-account", "email", "no address")).Status);
        var made = await root.Post("new-account", "email", "whole+life@example.com");
        Assert.Equal(200, made.Status);
        var told = Told().Matches(made.Text).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).ToList();
        var account = (await server.Installation.Accounts.FindByEmail("whole+life@example.com", default))!;
        var key = Assert.Single(await server.Installation.Accounts.Keys(account, null, default).ToListAsync());
        Assert.Equal([key.Id, key.Secret], told);
        Assert.Equal(409, (await root.Post("new-account", "email", "whole+life@example.com")).Status);

        var at = "account?id=" + account.Id;
        var page = (await root.Get(at)).Text;
        Assert.Contains(account.CanonicalId, page, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Secret, WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        var own = await server.SignedIn(key);
        await own.Get("new-bucket");
        Assert.Equal(303, (await own.Post("new-bucket", "name", "whole-life")).Status);

        Assert.Equal(303, (await root.Post(at, "do", "quota", "quota", "3")).Status);
        Assert.Equal(3L << 30, (await Now(account)).Quota);
        Assert.Equal(400, (await root.Post(at, "do", "quota", "quota", "lots")).Status);
        Assert.Equal(303, (await root.Post(at, "do", "quota")).Status);
        Assert.Null((await Now(account)).Quota);
        Assert.Equal(303, (await root.Post(at, "do", "limits", "get", "60", "out", "1024")).Status);
        Assert.Equal((60m, 1024m), ((await Now(account)).Limits!.Get, (await Now(account)).Limits!.Out));
        Assert.Contains("value=\"1024\"", (await root.Get(at)).Text, StringComparison.Ordinal);
        Assert.Equal(303, (await root.Post(at, "do", "limits")).Status);
        Assert.Null((await Now(account)).Limits);
        Assert.Equal(303, (await root.Post(at, "do", "system")).Status);
        Assert.True((await Now(account)).IsSystem);
        Assert.Equal(303, (await root.Post(at, "do", "ordinary")).Status);

        Assert.Contains("shown this once", (await root.Post(at, "do", "create")).Text, StringComparison.Ordinal);
        Assert.Equal(409, (await root.Post(at, "do", "create")).Status);
        Assert.Equal(303, (await root.Post($"account/delete-key?id={account.Id}&key={key.Id}")).Status);
        Assert.Null(await server.Installation.Accounts.FindKey(key.Id, default));

        Assert.Equal(400, (await root.Post($"account/delete?id={account.Id}", "name", "another")).Status);
        var needed = await root.Post($"account/delete?id={account.Id}", "name", account.Name);
        Assert.Equal(409, needed.Status);
        Assert.Contains("delete them first", needed.Text, StringComparison.Ordinal);
        Assert.Equal(303, (await root.Post($"account/disable?id={account.Id}")).Status);
        Assert.True((await Now(account)).IsDisabled);
        Assert.Equal(303, (await root.Post(at, "do", "enable")).Status);
        await server.Installation.Buckets.Delete((await server.Installation.Buckets.Find("whole-life", default))!, default);
        Assert.Equal(303, (await root.Post($"account/delete?id={account.Id}", "name", account.Name)).Status);
        Assert.Equal(404, (await root.Get(at)).Status);
    }

    private async Task<Account> Now(Account account) => (await server.Installation.Accounts.Find(account.Id, default))!;

    [Fact]
    public async Task Accounts_and_settings_are_for_administrators_and_the_root_is_kept()
    {
        var (root, other) = (await server.SignedIn(server.Root), await server.SignedIn(server.Other));
        await other.Get("users");
        Assert.Contains("Accounts are for administrators", (await other.Get("accounts")).Text, StringComparison.Ordinal);
        Assert.Contains("Settings are for administrators", (await other.Get("settings")).Text, StringComparison.Ordinal);
        foreach (var page in (string[])[$"account?id={server.Root.Account.Id}", $"account/delete?id={server.Root.Account.Id}", $"account/disable?id={server.Root.Account.Id}"])
            Assert.Equal(403, (await other.Get(page)).Status);
        Assert.Equal(403, (await other.Post("new-account", "email", "sneaked@example.com")).Status);
        Assert.Equal(403, (await other.Post($"account?id={server.Other.Account.Id}", "do", "system")).Status);
        Assert.Equal(403, (await other.Post($"account/delete-key?id={server.Root.Account.Id}&key={server.Root.Id}")).Status);
        Assert.Equal(403, (await other.Post("settings", "name", "usage.collect", "value", "true")).Status);
        Assert.Null(await server.Installation.Accounts.FindByEmail("sneaked@example.com", default));
        Assert.False((await Now(server.Other.Account)).IsSystem);
        await root.Get("users");
        Assert.Equal(409, (await root.Post($"account/delete?id={server.Root.Account.Id}", "name", server.Root.Account.Name)).Status);
        Assert.Equal(409, (await root.Post($"account/disable?id={server.Root.Account.Id}")).Status);
    }

    [Fact]
    public async Task Keys_of_storage_accounts_are_shown_when_asked_for()
    {
        var (root, other) = (await server.SignedIn(server.Root), await server.SignedIn(server.Other));
        await Task.WhenAll(root.Get("storage-accounts"), other.Get("users"));
        Assert.Equal(400, (await root.Post("storage-accounts", "name", "No!")).Status);
        Assert.Equal(303, (await root.Post("storage-accounts", "name", "shownkeys")).Status);
        async Task<string> Key(string name) => Convert.ToBase64String((await server.Installation.BlobAccounts.Keys((await server.Installation.BlobAccounts.Find("shownkeys", default))!, default)).Single(key => key.Name == name).Value);
        Assert.DoesNotContain(await Key("key1"), WebUtility.HtmlDecode((await root.Get("storage-account?name=shownkeys")).Text), StringComparison.Ordinal);
        var shown = await root.Post("storage-account?name=shownkeys", "do", "keys");
        Assert.Equal("no-store", shown.Header("Cache-Control"));
        Assert.Contains(await Key("key1"), WebUtility.HtmlDecode(shown.Text), StringComparison.Ordinal);
        var before = await Key("key2");
        Assert.Equal(200, (await root.Post("storage-account/renew?name=shownkeys&key=key2")).Status);
        Assert.NotEqual(before, await Key("key2"));
        Assert.Equal(303, (await root.Post("storage-account?name=shownkeys", "do", "settings", "https", "1", "shared", "1")).Status);
        Assert.True((await server.Installation.BlobAccounts.Find("shownkeys", default))!.HttpsOnly);
        // Another's is not there.
        Assert.Equal(404, (await other.Get("storage-account?name=shownkeys")).Status);
        foreach (var form in (string[])["storage-account?name=shownkeys", "storage-account/renew?name=shownkeys&key=key1"]) Assert.Equal(404, (await other.Post(form, "do", "keys")).Status);
        Assert.Equal(404, (await other.Post("storage-account/delete?name=shownkeys", "name", "shownkeys")).Status);
        Assert.Equal(303, (await root.Post("storage-account/delete?name=shownkeys", "name", "shownkeys")).Status);
        Assert.Null(await server.Installation.BlobAccounts.Find("shownkeys", default));
    }

    [Fact]
    public async Task A_setting_is_changed_refused_and_reset()
    {
        var root = await server.SignedIn(server.Root);
        await root.Get("settings");
        Assert.Equal(303, (await root.Post("settings", "name", "quota.bucket", "value", "4096", "do", "save")).Status);
        Assert.Equal(4096, await server.Installation.Settings.Number(LiveSetting.BucketQuota, default));
        Assert.Contains("Set here; the default is 0.", (await root.Get("settings")).Text, StringComparison.Ordinal);
        var refused = await root.Post("settings", "name", "quota.bucket", "value", "a lot", "do", "save");
        Assert.Equal(400, refused.Status);
        Assert.Contains("value=\"a lot\"", refused.Text, StringComparison.Ordinal);
        Assert.Contains("quota.bucket is a number", refused.Text, StringComparison.Ordinal);
        Assert.Equal(303, (await root.Post("settings", "name", "quota.bucket", "do", "reset")).Status);
        Assert.Equal(0, await server.Installation.Settings.Number(LiveSetting.BucketQuota, default));
    }
}

/// <summary>What would be in the way of other tests of the same server.</summary>
public sealed class ConsoleSwitchTests(ConsoleServer server) : IClassFixture<ConsoleServer>
{
    [Fact]
    public async Task The_console_is_switched_off_by_somebody_who_was_told_how_it_is_turned_on_again()
    {
        var root = await server.SignedIn(server.Root);
        await root.Get("settings");
        Assert.EndsWith("settings/console", (await root.Post("settings", "name", "enable.console.api", "value", "false", "do", "save")).Header("Location"), StringComparison.Ordinal);
        Assert.Equal(400, (await root.Post("settings/console", "name", "yes")).Status);
        Assert.Contains("zenkofn settings reset enable.console.api", (await root.Get("settings/console")).Text, StringComparison.Ordinal);
        Assert.Equal(303, (await root.Post("settings/console", "name", "enable.console.api")).Status);
        var off = await root.Get("");
        Assert.Equal((503, "text/html; charset=utf-8"), (off.Status, off.ContentType));
        Assert.Contains("zenkofn settings reset enable.console.api", off.Text, StringComparison.Ordinal);
        await server.Installation.Settings.Set(LiveSetting.Apis["console"], null, default);
        Assert.Equal(200, (await root.Get("")).Status);
    }
}
