namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>What a lock keeps from being removed, over the wire; tags and locks of named versions.</summary>
public sealed class LockedVersionTests(ObjectServer server) : IClassFixture<ObjectServer>, IAsyncLifetime
{
    private const string Far = "2130-01-02T03:04:05.000Z";
    private const string Bypass = "x-amz-bypass-governance-retention: true";

    public async Task InitializeAsync() =>
        Assert.Equal(200, (await server.Send("PUT", "/held", "", "x-amz-bucket-object-lock-enabled: true")).Status);

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("GOVERNANCE", false, 403)]
    [InlineData("GOVERNANCE", true, 204)]
    [InlineData("COMPLIANCE", false, 403)]
    [InlineData("COMPLIANCE", true, 403)]
    public async Task A_retained_version_is_not_removed(string mode, bool bypass, int status)
    {
        var (target, version) = await Put($"retained-{mode}-{bypass}", Retained(mode));
        var answer = await server.Send("DELETE", $"{target}?versionId={version}", "", bypass ? [Bypass] : []);
        Assert.Equal((status, status == 403 ? "AccessDenied" : null), (answer.Status, answer.Code));
        Assert.Equal(status == 403 ? 200 : 404, (await server.Send("GET", $"{target}?versionId={version}")).Status);
    }

    [Fact]
    public async Task A_version_on_hold_is_not_removed_until_it_is_let_go()
    {
        var (target, version) = await Put("on-hold", "x-amz-object-lock-legal-hold: ON");
        Assert.Equal("AccessDenied", (await server.Send("DELETE", $"{target}?versionId={version}", "", Bypass)).Code);
        Assert.Equal(200, (await server.SendMessage("PUT", $"{target}?legal-hold", "<LegalHold><Status>OFF</Status></LegalHold>")).Status);
        Assert.Equal(204, (await server.Send("DELETE", $"{target}?versionId={version}")).Status);
    }

    [Fact]
    public async Task A_held_object_is_overwritten_and_hidden_like_any_other_and_its_version_stays()
    {
        var (target, version) = await Put("hidden", Retained("COMPLIANCE"));
        await server.Send("PUT", target, "newer");
        var deleted = await server.Send("DELETE", target);
        Assert.Equal((204, "true"), (deleted.Status, deleted.Header("x-amz-delete-marker")));
        Assert.Equal("AccessDenied", (await server.Send("DELETE", $"{target}?versionId={version}")).Code);
        Assert.Equal(204, (await server.Send("DELETE", $"{target}?versionId={deleted.Header("x-amz-version-id")}")).Status);
        Assert.Equal("AccessDenied", (await server.Send("DELETE", $"{target}?versionId={version}")).Code);
        Assert.Equal("body", (await server.Send("GET", $"{target}?versionId={version}")).Text);
    }

    [Fact]
    public async Task A_version_that_an_upload_became_is_held_like_any_other()
    {
        string[] headers = [.. Retained("GOVERNANCE")];
        var upload = (await server.Send("POST", "/held/multi?uploads", "", headers)).Element("UploadId");
        var part = await server.Send("PUT", $"/held/multi?partNumber=1&uploadId={upload}", "body");
        var done = await server.Send("POST", $"/held/multi?uploadId={upload}",
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Header("ETag")}</ETag></Part></CompleteMultipartUpload>");
        var version = done.Header("x-amz-version-id");
        Assert.NotNull(version);
        Assert.Equal("AccessDenied", (await server.Send("DELETE", $"/held/multi?versionId={version}")).Code);
        Assert.Equal(204, (await server.Send("DELETE", $"/held/multi?versionId={version}", "", Bypass)).Status);
    }

    [Fact]
    public async Task Of_many_versions_those_that_are_held_stay()
    {
        var (_, held) = await Put("many-held", Retained("GOVERNANCE"));
        var (_, free) = await Put("many-free");
        var list = $"<Delete>{Named("many-held", held)}{Named("many-free", free)}</Delete>";
        var answer = await server.SendMessage("POST", "/held?delete", list);
        Assert.Equal(["many-free", "many-held"], answer.Elements("Key"));
        Assert.Equal(["AccessDenied"], answer.Elements("Code"));

        answer = await server.SendMessage("POST", "/held?delete", $"<Delete>{Named("many-held", held)}</Delete>", Bypass);
        Assert.Empty(answer.Elements("Code"));
        Assert.Equal("NoSuchVersion", (await server.Send("GET", $"/held/many-held?versionId={held}")).Code);
    }

    [Fact]
    public async Task Versioning_is_not_suspended_where_versions_can_be_locked()
    {
        const string Suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
        const string Enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        const string Lock = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
        Assert.Equal("Enabled", (await server.Send("GET", "/held?versioning")).Element("Status"));
        var refused = await server.SendMessage("PUT", "/held?versioning", Suspended);
        Assert.Equal((409, "InvalidBucketState"), (refused.Status, refused.Code));
        Assert.Equal("Enabled", (await server.Send("GET", "/held?versioning")).Element("Status"));

        await server.Send("PUT", "/later");
        foreach (var (versioning, status) in new[] { (Suspended, 409), (Enabled, 200) })
        {
            await server.SendMessage("PUT", "/later?versioning", versioning);
            Assert.Equal(status, (await server.SendMessage("PUT", "/later?object-lock", Lock)).Status);
        }
        Assert.Equal("InvalidBucketState", (await server.SendMessage("PUT", "/later?versioning", Suspended)).Code);
    }

    [Fact]
    public async Task Each_version_has_tags_and_locks_of_its_own()
    {
        var (target, first) = await Put("each");
        var (_, second) = await Put("each");
        Assert.NotEqual(first, second);

        var tagged = await server.SendMessage("PUT", $"{target}?tagging&versionId={first}", "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>");
        Assert.Equal((200, first), (tagged.Status, tagged.Header("x-amz-version-id")));
        var retained = await server.SendMessage("PUT", $"{target}?retention&versionId={first}", $"<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>{Far}</RetainUntilDate></Retention>");
        Assert.Equal((200, first), (retained.Status, retained.Header("x-amz-version-id")));
        await server.SendMessage("PUT", $"{target}?legal-hold&versionId={first}", "<LegalHold><Status>OFF</Status></LegalHold>");

        var old = await server.Send("HEAD", $"{target}?versionId={first}");
        Assert.Equal(
            ("1", "GOVERNANCE", "OFF"),
            (old.Header("x-amz-tagging-count"), old.Header("x-amz-object-lock-mode"), old.Header("x-amz-object-lock-legal-hold")));
        var current = await server.Send("HEAD", target);
        Assert.Equal((null, null), (current.Header("x-amz-tagging-count"), current.Header("x-amz-object-lock-mode")));

        var tags = await server.Send("GET", $"{target}?tagging");
        Assert.Equal((second, 0), (tags.Header("x-amz-version-id"), tags.Elements("Key").Count));
        Assert.Equal("1", (await server.Send("GET", $"{target}?tagging&versionId={first}")).Element("Value"));
        Assert.Equal("GOVERNANCE", (await server.Send("GET", $"{target}?retention&versionId={first}")).Element("Mode"));
        Assert.Equal("OFF", (await server.Send("GET", $"{target}?legal-hold&versionId={first}")).Element("Status"));

        var untagged = await server.Send("DELETE", $"{target}?tagging&versionId={first}");
        Assert.Equal((204, first), (untagged.Status, untagged.Header("x-amz-version-id")));
        Assert.Empty((await server.Send("GET", $"{target}?tagging&versionId={first}")).Elements("Key"));
    }

    [Fact]
    public async Task A_copy_of_a_version_takes_that_versions_tags_and_none_of_its_locks()
    {
        var (_, first) = await Put("tagged", [.. Retained("COMPLIANCE"), "x-amz-tagging: first=1"]);
        await server.Send("PUT", "/held/tagged", "newer", "x-amz-tagging: second=1");
        await server.Send("PUT", "/held/copy", "", $"x-amz-copy-source: held/tagged?versionId={first}");
        Assert.Equal(["first"], (await server.Send("GET", "/held/copy?tagging")).Elements("Key"));
        Assert.Null((await server.Send("HEAD", "/held/copy")).Header("x-amz-object-lock-mode"));
    }

    [Theory]
    [InlineData("PUT", "tagging", "<Tagging><TagSet/></Tagging>")]
    [InlineData("GET", "tagging", "")]
    [InlineData("DELETE", "tagging", "")]
    [InlineData("PUT", "retention", "<Retention/>")]
    [InlineData("GET", "retention", "")]
    [InlineData("PUT", "legal-hold", "<LegalHold><Status>ON</Status></LegalHold>")]
    [InlineData("GET", "legal-hold", "")]
    [InlineData("GET", "attributes", "")]
    public async Task A_delete_marker_has_neither_tags_nor_locks_nor_attributes(string verb, string subresource, string document)
    {
        var key = $"marked-{verb}-{subresource}";
        await Put(key);
        var marker = (await server.Send("DELETE", "/held/" + key)).Header("x-amz-version-id");
        string[] headers = subresource == "attributes" ? ["x-amz-object-attributes: ETag"] : [];

        var current = await server.SendMessage(verb, $"/held/{key}?{subresource}", document, headers);
        Assert.Equal(("NoSuchKey", "true"), (current.Code, current.Header("x-amz-delete-marker")));
        var named = await server.SendMessage(verb, $"/held/{key}?{subresource}&versionId={marker}", document, headers);
        Assert.Equal((405, "MethodNotAllowed", "true"), (named.Status, named.Code, named.Header("x-amz-delete-marker")));
        Assert.Equal("NoSuchVersion", (await server.SendMessage(
            verb, $"/held/{key}?{subresource}&versionId=0006474846204000aaaaaaaaaaaaaaaa", document, headers)).Code);
    }

    [Fact]
    public async Task Attributes_are_those_of_the_version_that_is_named()
    {
        var (target, first) = await Put("attributes");
        await server.Send("PUT", target, "a longer one");
        var answer = await server.Send("GET", $"{target}?attributes&versionId={first}", "", "x-amz-object-attributes: ObjectSize");
        Assert.Equal((first, "4"), (answer.Header("x-amz-version-id"), answer.Element("ObjectSize")));
        answer = await server.Send("GET", $"{target}?attributes", "", "x-amz-object-attributes: ObjectSize");
        Assert.Equal("12", answer.Element("ObjectSize"));
        Assert.NotEqual(first, answer.Header("x-amz-version-id"));
    }

    private async Task<(string Target, string Version)> Put(string key, params string[] headers)
    {
        var put = await server.SendMessage("PUT", "/held/" + key, "body", headers);
        return ("/held/" + key, put.Header("x-amz-version-id")!);
    }

    private static string[] Retained(string mode) =>
        ["x-amz-object-lock-mode: " + mode, "x-amz-object-lock-retain-until-date: " + Far];

    private static string Named(string key, string version) => $"<Object><Key>{key}</Key><VersionId>{version}</VersionId></Object>";
}
