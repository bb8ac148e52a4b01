using System.Text.RegularExpressions;

namespace ZenkoFunctions.Clients.Tests.Cli;

/// <summary><c>zenkofn s3-admin</c> answers the lines of <c>ostor-s3-admin</c>.</summary>
[Trait("Speed", "Slow")]
public sealed class S3AdminTests(Operator zenkofn) : IClassFixture<Operator>
{
    [Fact]
    public async Task Users_and_their_keys_are_told_in_ostors_lines()
    {
        var made = Matches(@"^UserEmail:user@example\.com\nUserId:([0-9a-f]{16})\nKeyPair\[0\]:S3AccessKeyId:(\1[A-Z0-9]{4})\nKeyPair\[0\]:S3SecretAccessKey:([A-Za-z0-9+/]{40})\nFlags:system\n$", await Ask("create-user", "-S", "-e", "user@example.com", "-V", "0100000000000002"));
        var (id, key, secret) = (made.Groups[1].Value, made.Groups[2].Value, made.Groups[3].Value);
        var second = Matches(@$"^Generate access key: user id={id}, access key id=({id}[A-Z0-9]{{4}}),\nsecret access key=(\S{{40}})\n$", await Ask("gen-access-key", "-e", "user@example.com"));
        var pairs = new[] { (Id: key, Secret: secret), (Id: second.Groups[1].Value, Secret: second.Groups[2].Value) }.OrderBy(pair => pair.Id, StringComparer.Ordinal).ToList();
        Assert.Equal(
            $"Query user: user id={id}, user email=user@example.com\n" + string.Concat(pairs.Select((pair, i) => $"Key pair[{i}]: access key id={pair.Id},\nsecret access key={pair.Secret}\n")),
            await Ask("query-user-info", "-i", id));
        var listed = await Ask("query-users");
        Matches(@"^S3 USER ID +S3 ACCESS KEY ID +S3 SECRET ACCESS KEY +S3 USER EMAIL\n", listed);
        Matches(@$"(?m)^{id}  {pairs[0].Id}  \*\*\* +user@example\.com\n +{pairs[1].Id}  \*\*\*$", listed);
        Assert.Contains(pairs[1].Secret, await Ask("query-users", "-a"), StringComparison.Ordinal);
        Assert.Equal($"Disabled user: user id={id}\n", await Ask("disable-user", "-i", id));
        Assert.Equal($"Enabled user: user id={id}\n", await Ask("enable-user", "-e", "user@example.com"));
        foreach (var pair in pairs) Assert.Equal($"Revoke access key: user id={id}, access key id={pair.Id}\n", await Ask("revoke-access-key", "-e", "user@example.com", "-k", pair.Id));
        Matches(@$"(?m)^{id} +- +- +user@example\.com$", await Ask("query-users"));
        Matches(@"^Name:below\nKeyPair\[0\]:S3AccessKeyId:", await Ask("create-account", "-n", "below", "-e", "user@example.com"));
        Matches(@$"(?m)^below +{id} +user@example\.com +{id}[A-Z0-9]{{4}} +\*\*\*$", await Ask("list-user-accounts", "-e", "user@example.com"));
        Assert.Equal($"Deleted user: user id={id}\n", await Ask("delete-user", "-i", id));
        Assert.Equal(1, (await zenkofn.Run("s3-admin", "query-user-info", "-i", id)).ExitCode);
        Assert.Equal(2, (await zenkofn.Run("s3-admin", "query-user-info")).ExitCode);
    }

    [Fact]
    public async Task Buckets_and_quotas_are_told_in_ostors_lines()
    {
        (await zenkofn.Run("bucket", "create", "kept", "--versioning")).Succeeded();
        (await zenkofn.Run("bucket", "create", "plain")).Succeeded();
        Matches(@"^Total 2 buckets\nBUCKET +OWNER +CREATION_DATE +VERSIONING +TOTAL SIZE, BYTES\nkept +[0-9a-f]{16}  \d{4}-\d\d-\d\dT[\d:.]+Z +enabled +0\nplain +[0-9a-f]{16}  \S+ +none +0\n$", await Ask("list-all-buckets"));
        Matches(@"^BUCKET +OWNER +CREATION_DATE +VERSIONING +TOTAL\(BYTES\)\nplain +[0-9a-f]{16}  \S+ +none +0\n$", await Ask("query-bucket-info", "-b", "plain"));
        (await zenkofn.Run("quota", "set", "1024", "--bucket", "plain")).Succeeded();
        Assert.Equal("version: '1'\nsize: '1024'\ntype: 'bucket'\n", await Ask("query-quotas", "-b", "plain"));
        var refused = await zenkofn.Run("s3-admin", "change-bucket-owner", "-b", "plain", "-i", "0000000000000001");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("stays with the account", refused.Err, StringComparison.Ordinal);
        Assert.Equal("Deleted bucket: plain\n", await Ask("delete-bucket", "-b", "plain"));
        Assert.Equal(1, (await zenkofn.Run("s3-admin", "query-bucket-info", "-b", "plain")).ExitCode);
    }

    private async Task<string> Ask(params string[] arguments) => (await zenkofn.Run(["s3-admin", .. arguments])).Succeeded().Out.ReplaceLineEndings("\n");

    private static Match Matches(string pattern, string text)
    {
        Assert.Matches(pattern, text);
        return Regex.Match(text, pattern);
    }
}
