namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Tags and locks have permissions of their own, where headers bring or show them too.</summary>
public sealed class ReservedPermissionTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Far = "2130-01-02T03:04:05.000Z";

    private static readonly string[] Retained = ["x-amz-object-lock-mode: GOVERNANCE", "x-amz-object-lock-retain-until-date: " + Far];

    [Fact]
    public async Task A_reader_is_shown_what_it_may_ask_for()
    {
        await Bucket("shown");
        await server.SendMessage("PUT", "/shown/k", "x", [.. Retained, "x-amz-object-lock-legal-hold: OFF", "x-amz-tagging: a=b"]);

        foreach (var (action, header, value) in new[]
        {
            ("s3:GetObjectTagging", "x-amz-tagging-count", "1"),
            ("s3:GetObjectRetention", "x-amz-object-lock-mode", "GOVERNANCE"),
            ("s3:GetObjectRetention", "x-amz-object-lock-retain-until-date", Far),
            ("s3:GetObjectLegalHold", "x-amz-object-lock-legal-hold", "OFF"),
        })
        {
            await Policy("shown", "Allow", "s3:GetObject");
            foreach (var verb in new[] { "GET", "HEAD" })
            {
                var read = await server.SendUnsigned(verb, "/shown/k");
                Assert.Equal((200, null), (read.Status, read.Header(header)));
            }
            await Policy("shown", "Allow", "s3:GetObject", action);
            Assert.Equal(value, (await server.SendUnsigned("HEAD", "/shown/k")).Header(header));
        }
        Assert.Equal("OFF", (await server.Send("HEAD", "/shown/k")).Header("x-amz-object-lock-legal-hold"));
    }

    [Theory]
    [InlineData("s3:PutObjectTagging", "x-amz-tagging: a=b")]
    [InlineData("s3:PutObjectLegalHold", "x-amz-object-lock-legal-hold: ON")]
    [InlineData("s3:PutObjectRetention", "x-amz-object-lock-mode: GOVERNANCE")]
    public async Task A_writer_says_only_what_it_may_set(string action, string header)
    {
        await Bucket("said");
        await Policy("said", "Deny", action);
        string[] headers = header.Contains("mode", StringComparison.Ordinal) ? Retained : [header];
        Assert.Equal("AccessDenied", (await server.SendMessage("PUT", "/said/k", "x", headers)).Code);
        Assert.Equal("AccessDenied", (await server.Send("POST", "/said/k?uploads", "", headers)).Code);
        Assert.Equal(404, (await server.Send("HEAD", "/said/k")).Status);
        Assert.Equal(200, (await server.Send("PUT", "/said/plain", "x")).Status);
        await server.Send("DELETE", "/said?policy");
    }

    [Fact]
    public async Task Governance_is_passed_over_only_by_who_may()
    {
        await Bucket("passed");
        var version = (await server.SendMessage("PUT", "/passed/k", "x", Retained)).Header("x-amz-version-id");
        string[] bypass = ["x-amz-bypass-governance-retention: true"];
        var list = $"<Delete><Object><Key>k</Key><VersionId>{version}</VersionId></Object></Delete>";

        await Policy("passed", "Deny", "s3:BypassGovernanceRetention");
        Assert.Equal("AccessDenied", (await server.Send("DELETE", $"/passed/k?versionId={version}", "", bypass)).Code);
        Assert.Equal(["AccessDenied"], (await server.SendMessage("POST", "/passed?delete", list, bypass)).Elements("Code"));
        Assert.Equal("AccessDenied", (await server.SendMessage("PUT", "/passed/k?retention", "<Retention/>", bypass)).Code);
        Assert.Equal("GOVERNANCE", (await server.Send("GET", "/passed/k?retention")).Element("Mode"));

        await server.Send("DELETE", "/passed?policy");
        Assert.Equal(204, (await server.Send("DELETE", $"/passed/k?versionId={version}", "", bypass)).Status);
    }

    [Theory]
    [InlineData("s3:PutObjectTagging")]
    [InlineData("s3:GetObjectTagging")]
    public async Task Tags_are_copied_by_who_may_read_and_set_them(string denied)
    {
        await Bucket("copied");
        await server.Send("PUT", "/copied/tagged", "x", "x-amz-tagging: a=b");
        await server.Send("PUT", "/copied/plain", "x");
        await Policy("copied", "Deny", denied);

        Assert.Equal("AccessDenied", (await server.Send("PUT", "/copied/to", "", "x-amz-copy-source: copied/tagged")).Code);
        Assert.Equal(404, (await server.Send("HEAD", "/copied/to")).Status);
        Assert.Equal(200, (await server.Send("PUT", "/copied/to", "", "x-amz-copy-source: copied/plain")).Status);
        Assert.Equal(200, (await server.Send("PUT", "/copied/to", "", "x-amz-copy-source: copied/tagged", "x-amz-tagging-directive: REPLACE")).Status);
        Assert.Equal("NoSuchKey", (await server.Send("PUT", "/copied/to", "", "x-amz-copy-source: copied/missing")).Code);
        await server.Send("DELETE", "/copied?policy");
        await server.Send("DELETE", "/copied/to");
    }

    [Fact]
    public async Task Attributes_are_told_to_who_may_ask_for_them_and_read_the_object()
    {
        await Bucket("told");
        await server.Send("PUT", "/told/k", "x");
        const string Size = "x-amz-object-attributes: ObjectSize";
        foreach (var (actions, status) in new[]
        {
            (new[] { "s3:GetObject" }, 403), (["s3:GetObjectAttributes"], 403), (["s3:GetObject", "s3:GetObjectAttributes"], 200),
        })
        {
            await Policy("told", "Allow", actions);
            Assert.Equal(status, (await server.SendUnsigned("GET", "/told/k?attributes", Size)).Status);
        }
    }

    private async Task Bucket(string name) =>
        Assert.Equal(200, (await server.Send("PUT", "/" + name, "", "x-amz-bucket-object-lock-enabled: true")).Status);

    private async Task Policy(string bucket, string effect, params string[] actions)
    {
        var list = string.Join(',', actions.Select(action => $"\"{action}\""));
        var policy = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"{{effect}}","Principal":"*","Action":[{{list}}],"Resource":"arn:aws:s3:::{{bucket}}/*"}]}""";
        Assert.Equal(204, (await server.Send("PUT", $"/{bucket}?policy", policy)).Status);
    }
}
