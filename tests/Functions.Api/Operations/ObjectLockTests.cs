using System.Globalization;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>The lock of buckets, and retention and legal hold of objects: what may be said, and what is answered.</summary>
public sealed class ObjectLockTests(ObjectServer server) : IClassFixture<ObjectServer>, IAsyncLifetime
{
    private const string Locked = "x-amz-bucket-object-lock-enabled: true";
    private const string Far = "2130-01-02T03:04:05.000Z";
    private const string Farther = "2131-01-02T03:04:05.000Z";

    private static readonly string[] Bypass = ["x-amz-bypass-governance-retention: true"];

    public async Task InitializeAsync() => Assert.Equal(200, (await server.Send("PUT", "/locked", "", Locked)).Status);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_bucket_is_made_with_a_lock_or_has_none()
    {
        Assert.Equal("Enabled", (await server.Send("GET", "/locked?object-lock")).Element("ObjectLockEnabled"));
        Assert.Empty((await server.Send("GET", "/locked?object-lock")).Elements("Rule"));
        Assert.Equal("ObjectLockConfigurationNotFoundError", (await server.Send("GET", "/bkt?object-lock")).Code);
        Assert.Equal("NoSuchBucket", (await server.Send("GET", "/no-such-bucket?object-lock")).Code);
    }

    [Fact]
    public async Task An_existing_bucket_is_not_taken_for_a_locked_one()
    {
        Assert.Equal("BucketAlreadyOwnedByYou", (await server.Send("PUT", "/bkt", "", Locked)).Code);
        Assert.Equal(200, (await server.Send("PUT", "/locked", "", Locked)).Status);
    }

    [Theory]
    [InlineData("GOVERNANCE", "<Days>1</Days>")]
    [InlineData("COMPLIANCE", "<Days>36500</Days>")]
    [InlineData("COMPLIANCE", "<Years>100</Years>")]
    public async Task A_default_retention_is_kept(string mode, string period)
    {
        await server.Send("PUT", "/default-kept", "", Locked);
        Assert.Equal(200, (await Configure("/default-kept", Rule(mode, period))).Status);
        var got = await server.Send("GET", "/default-kept?object-lock");
        Assert.Equal(("Enabled", mode), (got.Element("ObjectLockEnabled"), got.Element("Mode")));
        Assert.Contains(period, got.Text, StringComparison.Ordinal);

        Assert.Equal(200, (await Configure("/default-kept", Enabled(""))).Status);
        Assert.Empty((await server.Send("GET", "/default-kept?object-lock")).Elements("Rule"));
    }

    public static TheoryData<string, string> WrongConfigurations() => new()
    {
        { Rule("GOVERNANCE", "<Days>0</Days>"), "InvalidRetentionPeriod" },
        { Rule("GOVERNANCE", "<Years>-1</Years>"), "InvalidRetentionPeriod" },
        { Rule("GOVERNANCE", "<Days>36501</Days>"), "InvalidRetentionPeriod" },
        { Rule("GOVERNANCE", "<Years>101</Years>"), "InvalidRetentionPeriod" },
        { Rule("GOVERNANCE", "<Days>99999999999</Days>"), "InvalidRetentionPeriod" },
        { Rule("GOVERNANCE", "<Days>1</Days><Years>1</Years>"), "MalformedXML" },
        { Rule("GOVERNANCE", ""), "MalformedXML" },
        { Rule("GOVERNANCE", "<Days>soon</Days>"), "MalformedXML" },
        { Rule("governance", "<Days>1</Days>"), "MalformedXML" },
        { Rule("abc", "<Days>1</Days>"), "MalformedXML" },
        { Enabled("<Rule/>"), "MalformedXML" },
        { Enabled("<Rule><DefaultRetention><Days>1</Days></DefaultRetention></Rule>"), "MalformedXML" },
        { "<ObjectLockConfiguration/>", "MalformedXML" },
        { "<ObjectLockConfiguration><ObjectLockEnabled>Disabled</ObjectLockEnabled></ObjectLockConfiguration>", "MalformedXML" },
        { "", "MalformedXML" },
    };

    [Theory]
    [MemberData(nameof(WrongConfigurations))]
    public async Task A_wrong_configuration_changes_nothing(string document, string code)
    {
        await server.Send("PUT", "/wrong", "", Locked);
        await Configure("/wrong", Rule("COMPLIANCE", "<Days>7</Days>"));
        Assert.Equal(code, (await Configure("/wrong", document)).Code);
        Assert.Equal("7", (await server.Send("GET", "/wrong?object-lock")).Element("Days"));
    }

    [Fact]
    public async Task Only_the_versions_of_a_versioned_bucket_can_be_locked()
    {
        var refused = await Configure("/bkt", Enabled(""));
        Assert.Equal((409, "InvalidBucketState"), (refused.Status, refused.Code));
        Assert.Equal("ObjectLockConfigurationNotFoundError", (await server.Send("GET", "/bkt?object-lock")).Code);
    }

    [Fact]
    public async Task A_retention_is_kept_and_shown()
    {
        await server.Send("PUT", "/locked/retained", "x");
        Assert.Equal("NoSuchObjectLockConfiguration", (await server.Send("GET", "/locked/retained?retention")).Code);
        Assert.Equal(200, (await Retain("retained", "GOVERNANCE", Far)).Status);

        var got = await server.Send("GET", "/locked/retained?retention");
        Assert.Equal(("GOVERNANCE", Far), (got.Element("Mode"), got.Element("RetainUntilDate")));
        foreach (var verb in new[] { "GET", "HEAD" })
        {
            var read = await server.Send(verb, "/locked/retained");
            Assert.Equal(("GOVERNANCE", Far), (read.Header("x-amz-object-lock-mode"), read.Header("x-amz-object-lock-retain-until-date")));
            Assert.Null(read.Header("x-amz-object-lock-legal-hold"));
        }
    }

    [Theory]
    [InlineData("GOVERNANCE", Farther, false, null)]
    [InlineData("GOVERNANCE", Far, false, null)]
    [InlineData("GOVERNANCE", "2129-01-01T00:00:00Z", false, "AccessDenied")]
    [InlineData("GOVERNANCE", "2129-01-01T00:00:00Z", true, null)]
    [InlineData("COMPLIANCE", Farther, false, "AccessDenied")]
    [InlineData("COMPLIANCE", Far, true, null)]
    [InlineData(null, null, false, "AccessDenied")]
    [InlineData(null, null, true, null)]
    public async Task Governance_is_weakened_only_by_a_bypass(string? mode, string? until, bool bypass, string? code)
    {
        var key = $"governance-{mode}-{until?[..4]}-{bypass}";
        await server.Send("PUT", "/locked/" + key, "x");
        await Retain(key, "GOVERNANCE", Far);
        Assert.Equal(code, (await Retain(key, mode, until, bypass ? Bypass : [])).Code);
        var expected = code is null ? mode : "GOVERNANCE";
        Assert.Equal(expected, (await server.Send("GET", $"/locked/{key}?retention")).Element("Mode"));
    }

    [Theory]
    [InlineData("COMPLIANCE", Farther, null)]
    [InlineData("COMPLIANCE", Far, null)]
    [InlineData("COMPLIANCE", "2129-01-01T00:00:00Z", "AccessDenied")]
    [InlineData("GOVERNANCE", Farther, "AccessDenied")]
    [InlineData(null, null, "AccessDenied")]
    public async Task Compliance_is_weakened_by_nobody(string? mode, string? until, string? code)
    {
        var key = $"compliance-{mode}-{until?[..4]}";
        await server.Send("PUT", "/locked/" + key, "x");
        await Retain(key, "COMPLIANCE", Far);
        Assert.Equal(code, (await Retain(key, mode, until, Bypass)).Code);
        Assert.Equal("COMPLIANCE", (await server.Send("GET", $"/locked/{key}?retention")).Element("Mode"));
    }

    [Theory]
    [InlineData("<Retention><Mode>GOVERNANCE</Mode></Retention>", "MalformedXML")]
    [InlineData("<Retention><RetainUntilDate>2130-01-01T00:00:00Z</RetainUntilDate></Retention>", "MalformedXML")]
    [InlineData("<Retention><Mode>governance</Mode><RetainUntilDate>2130-01-01T00:00:00Z</RetainUntilDate></Retention>", "MalformedXML")]
    [InlineData("<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>soon</RetainUntilDate></Retention>", "MalformedXML")]
    [InlineData("<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2001-01-01T00:00:00Z</RetainUntilDate></Retention>", "InvalidArgument")]
    [InlineData("", "MalformedXML")]
    public async Task A_wrong_retention_retains_nothing(string document, string code)
    {
        await server.Send("PUT", "/locked/loose", "x");
        Assert.Equal(code, (await server.SendMessage("PUT", "/locked/loose?retention", document)).Code);
        Assert.Equal("NoSuchObjectLockConfiguration", (await server.Send("GET", "/locked/loose?retention")).Code);
    }

    [Fact]
    public async Task A_legal_hold_goes_on_and_off()
    {
        await server.Send("PUT", "/locked/held", "x");
        Assert.Equal("NoSuchObjectLockConfiguration", (await server.Send("GET", "/locked/held?legal-hold")).Code);
        foreach (var status in new[] { "ON", "OFF", "ON" })
        {
            Assert.Equal(200, (await Hold("held", status)).Status);
            Assert.Equal(status, (await server.Send("GET", "/locked/held?legal-hold")).Element("Status"));
            Assert.Equal(status, (await server.Send("HEAD", "/locked/held")).Header("x-amz-object-lock-legal-hold"));
        }
        Assert.Equal("MalformedXML", (await Hold("held", "on")).Code);
        Assert.Equal("MalformedXML", (await server.SendMessage("PUT", "/locked/held?legal-hold", "<LegalHold/>")).Code);
        Assert.Equal("ON", (await server.Send("GET", "/locked/held?legal-hold")).Element("Status"));
    }

    [Theory]
    [InlineData("GET", "retention", "")]
    [InlineData("GET", "legal-hold", "")]
    [InlineData("PUT", "retention", "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2130-01-01T00:00:00Z</RetainUntilDate></Retention>")]
    [InlineData("PUT", "legal-hold", "<LegalHold><Status>ON</Status></LegalHold>")]
    public async Task A_bucket_without_a_lock_knows_neither(string verb, string subresource, string document)
    {
        await server.Send("PUT", "/bkt/free", "x");
        Assert.Equal("InvalidRequest", (await server.SendMessage(verb, $"/bkt/free?{subresource}", document)).Code);
        Assert.Equal("NoSuchKey", (await server.SendMessage(verb, $"/locked/missing?{subresource}", document)).Code);
    }

    [Theory]
    [InlineData("PUT", "")]
    [InlineData("POST", "?uploads")]
    public async Task Headers_ask_for_a_lock_only_where_there_can_be_one(string verb, string query)
    {
        foreach (var headers in new string[][] { [Mode("GOVERNANCE"), Until(Far)], ["x-amz-object-lock-legal-hold: OFF"] })
            Assert.Equal("InvalidRequest", (await server.SendMessage(verb, "/bkt/unlockable" + query, "", headers)).Code);
        Assert.Equal(404, (await server.Send("HEAD", "/bkt/unlockable")).Status);
    }

    [Theory]
    [InlineData("GOVERNANCE", null)]
    [InlineData(null, Far)]
    [InlineData("governance", Far)]
    [InlineData("GOVERNANCE", "2001-01-01T00:00:00Z")]
    [InlineData("GOVERNANCE", "Wed, 02 Jan 2130 03:04:05 GMT")]
    public async Task Headers_of_a_retention_that_are_wrong_write_nothing(string? mode, string? until)
    {
        string[] headers = [.. new[] { mode is null ? null : Mode(mode), until is null ? null : Until(until) }.OfType<string>()];
        Assert.Equal("InvalidArgument", (await server.SendMessage("PUT", "/locked/half", "", headers)).Code);
        Assert.Equal("InvalidArgument", (await server.SendMessage("POST", "/locked/half?uploads", "", headers)).Code);
        Assert.Equal(404, (await server.Send("HEAD", "/locked/half")).Status);
    }

    [Fact]
    public async Task A_hold_is_on_or_off_and_a_locked_put_comes_with_a_digest()
    {
        Assert.Equal("InvalidArgument", (await server.SendMessage("PUT", "/locked/half", "", "x-amz-object-lock-legal-hold: yes")).Code);
        Assert.Equal("InvalidRequest", (await server.Send("PUT", "/locked/half", "", "x-amz-object-lock-legal-hold: ON")).Code);
        Assert.Equal(404, (await server.Send("HEAD", "/locked/half")).Status);
    }

    [Fact]
    public async Task An_object_is_put_copied_and_uploaded_with_a_lock()
    {
        string[] headers = [Mode("COMPLIANCE"), Until(Far), "x-amz-object-lock-legal-hold: ON"];
        Assert.Equal(200, (await server.SendMessage("PUT", "/locked/born", "x", headers)).Status);
        await AssertLocked("born", "COMPLIANCE", Far, "ON");

        Assert.Equal(200, (await server.Send("PUT", "/locked/copied", "", ["x-amz-copy-source: locked/born", Mode("GOVERNANCE"), Until(Farther)])).Status);
        await AssertLocked("copied", "GOVERNANCE", Farther, null);
        Assert.Equal(200, (await server.Send("PUT", "/locked/plain", "", "x-amz-copy-source: locked/born")).Status);
        await AssertLocked("plain", null, null, null);

        await Upload("/locked/uploaded", headers);
        await AssertLocked("uploaded", "COMPLIANCE", Far, "ON");
    }

    [Fact]
    public async Task The_default_retention_counts_from_the_writing_whatever_writes()
    {
        await server.Send("PUT", "/defaults", "", Locked);
        await server.Send("PUT", "/defaults/before", "x");
        await Configure("/defaults", Rule("GOVERNANCE", "<Days>2</Days>"));
        var earliest = DateTimeOffset.UtcNow.AddDays(2).AddSeconds(-1);

        await server.Send("PUT", "/defaults/put", "x");
        await server.Send("PUT", "/defaults/copied", "", "x-amz-copy-source: defaults/before");
        await Upload("/defaults/uploaded");
        await server.SendMessage("PUT", "/defaults/own", "x", Mode("COMPLIANCE"), Until(Far));

        var latest = DateTimeOffset.UtcNow.AddDays(2).AddSeconds(1);
        foreach (var key in new[] { "put", "copied", "uploaded" })
        {
            var got = await server.Send("GET", $"/defaults/{key}?retention");
            Assert.Equal("GOVERNANCE", got.Element("Mode"));
            Assert.InRange(DateTimeOffset.Parse(got.Element("RetainUntilDate")!, CultureInfo.InvariantCulture), earliest, latest);
        }
        Assert.Equal("COMPLIANCE", (await server.Send("GET", "/defaults/own?retention")).Element("Mode"));
        Assert.Equal("NoSuchObjectLockConfiguration", (await server.Send("GET", "/defaults/before?retention")).Code);
    }

    private async Task AssertLocked(string key, string? mode, string? until, string? hold)
    {
        var head = await server.Send("HEAD", "/locked/" + key);
        Assert.Equal(
            (200, mode, until, hold),
            (head.Status, head.Header("x-amz-object-lock-mode"), head.Header("x-amz-object-lock-retain-until-date"), head.Header("x-amz-object-lock-legal-hold")));
    }

    private async Task Upload(string target, params string[] headers)
    {
        var upload = (await server.Send("POST", target + "?uploads", "", headers)).Element("UploadId");
        var part = await server.Send("PUT", $"{target}?partNumber=1&uploadId={upload}", "body");
        var done = await server.Send("POST", $"{target}?uploadId={upload}",
            $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.Header("ETag")}</ETag></Part></CompleteMultipartUpload>");
        Assert.Equal(200, done.Status);
    }

    private Task<Answer> Configure(string bucket, string document) => server.SendMessage("PUT", bucket + "?object-lock", document);

    private Task<Answer> Retain(string key, string? mode, string? until, params string[] headers) => server.SendMessage(
        "PUT", $"/locked/{key}?retention",
        mode is null ? "<Retention/>" : $"<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>", headers);

    private Task<Answer> Hold(string key, string status) =>
        server.SendMessage("PUT", $"/locked/{key}?legal-hold", $"<LegalHold><Status>{status}</Status></LegalHold>");

    private static string Mode(string mode) => "x-amz-object-lock-mode: " + mode;

    private static string Until(string until) => "x-amz-object-lock-retain-until-date: " + until;

    private static string Rule(string mode, string period) =>
        Enabled($"<Rule><DefaultRetention><Mode>{mode}</Mode>{period}</DefaultRetention></Rule>");

    private static string Enabled(string rule) =>
        $"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>{rule}</ObjectLockConfiguration>";
}
