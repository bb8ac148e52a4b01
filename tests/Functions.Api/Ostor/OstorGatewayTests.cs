using System.Globalization;
using ZenkoFunctions.Api.Ostor;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Settings;

namespace ZenkoFunctions.Api.Tests.Ostor;

/// <summary>Which requests are ostor's, who may send them, and which parameters go together.</summary>
public sealed class OstorGatewayTests(OstorServer server) : IClassFixture<OstorServer>
{
    private const string Date = "Thu, 07 Apr 2016 16:01:03 +0300";

    /// <summary>The vendor's published key, and signatures that were computed by its function.</summary>
    [Theory]
    [InlineData("GET", "ostor-usage", "n04wz/ARHYNb0giUWcZyqqo5ZQw=", "TploT1Cswxj3QAz8OWcrX+r1Cpg=")]
    [InlineData("GET", "ostor-users", "2ZaBN+8Hctvko6f5aE1zmbSa/gI=", "DjroDxg4/acROm6LfJ0lpyK/2WY=")]
    [InlineData("PUT", "ostor-users", "/9DymwB9Hn1VoMAqkHgcwISlXZk=", "l/qroD2ocFB0US/eJjxGVRoWl0k=")]
    [InlineData("POST", "ostor-users", "ICBjTgrTQKXLmHD2zTL9Bp7aYWY=", "TbiI2ffAJkgebqfblOdGlF/AbLs=")]
    [InlineData("DELETE", "ostor-users", "/IeTfkQNU9btoHD/eo9XW2JDsFU=", "/CS4I6NIMzDxYMOf+G4W039Yotw=")]
    [InlineData("PUT", "ostor-limits", "+BNYkuEgI6G9QsdhRwowgiGzUp0=", "Fh3tIxyyHllj1AfanoMW2cBjPpM=")]
    [InlineData("GET", "ostor-quotas", "1LhxVnALmuW78q+4p0Iul9TkQpY=", "xUKnGj9t/Ifdp6Bh8dBsJbDtJLM=")]
    public async Task The_vendors_signatures_verify_whatever_follows_the_first_parameter(string verb, string resource, string classic, string unsigned)
    {
        var gate = await Gate.Open("a14040e0b2ef8b28FZZ8", "dbwTnQTW602aAAdq8DQVFzB6yrTCFTNiGB8C8RFA");
        gate.Clock.Now = new(2016, 4, 7, 13, 1, 3, TimeSpan.Zero);
        foreach (var signature in new[] { classic, unsigned })
            foreach (var rest in new[] { "", "&emailAddress=user%40example.com&genKey" })
            {
                var request = new SignedRequest { Verb = verb, Query = resource + rest }.With("Date", Date).With("Authorization", $"AWS a14040e0b2ef8b28FZZ8:{signature}");
                if (signature == unsigned) request.With("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
                var wire = request.ToWire();
                Assert.True(OstorRequest.Is(wire));
                Assert.Equal(gate.Owner, (await gate.Authenticator.VerifyResource(wire, OstorRequest.Signed(wire), false, default)).Principal.Account);
                var refused = await Assert.ThrowsAsync<S3Exception>(async () => await gate.Authenticator.VerifyResource(wire, OstorRequest.Signed(wire), true, default));
                Assert.Equal(S3Errors.AccessDenied, refused.Error);
                // The rule is this API's alone.
                Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(request)).Error);
                request.Query = "ostor-buckets" + rest;
                wire = request.ToWire();
                refused = await Assert.ThrowsAsync<S3Exception>(async () => await gate.Authenticator.VerifyResource(wire, OstorRequest.Signed(wire), false, default));
                Assert.Equal(S3Errors.SignatureDoesNotMatch, refused.Error);
            }
    }

    [Theory]
    [InlineData("/", "ostor-users", true)]
    [InlineData("/", "ostor-users=&emailAddress=a", true)]
    [InlineData("/", "ostor-", true)]
    [InlineData("/", "emailAddress=a&ostor-users", false)]
    [InlineData("/", "&ostor-users", false)]
    [InlineData("/", "%6fstor-users", false)]
    [InlineData("/", "Ostor-users", false)]
    [InlineData("/", "", false)]
    [InlineData("//", "ostor-users", false)]
    [InlineData("/bucket", "ostor-users", false)]
    public void Only_the_root_with_the_resource_first_is_ostors(string path, string query, bool isOstor) =>
        Assert.Equal(isOstor, OstorRequest.Is(new SignedRequest { Path = path, Query = query }.ToWire()));

    [Fact]
    public async Task Version_2_is_refused_where_version_4_is_demanded()
    {
        var signer = new Signer(server.System.Id, server.System.Secret, "us-east-1", DateTimeOffset.UtcNow);
        var date = DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture);
        var ask = server.Request("GET", "/?ostor-users");
        var older = ask.Copy().With("Authorization", signer.SignV2(new SignedRequest { Verb = "GET", Path = "/?ostor-users" }.With("Date", date)).Headers["Authorization"].ToString()).With("Date", date);
        Assert.Equal(200, (await server.Send(older.Copy())).Status);
        await server.Installation.Settings.Set(LiveSetting.OstorVersion4, "true", default);
        try
        {
            Assert.Equal((403, "AccessDenied"), Outcome(await server.Send(older.Copy())));
            Assert.Equal(200, (await server.Send(signer.Sign(ask.Copy()))).Status);
        }
        finally
        {
            await server.Installation.Settings.Set(LiveSetting.OstorVersion4, null, default);
        }
    }

    [Fact]
    public async Task Both_versions_sign_it_and_answers_tell_the_time_they_took()
    {
        var signer = new Signer(server.System.Id, server.System.Secret, "us-east-1", DateTimeOffset.UtcNow);
        var ask = server.Request("GET", "/?ostor-users");
        Assert.Equal(200, (await server.Send(signer.Presign(ask.Copy(), 60))).Status);
        var answer = await server.Send(signer.Sign(ask.Copy()));
        Assert.Equal(200, answer.Status);
        Assert.Matches("^[0-9A-F]{16}$", answer.Header("x-amz-request-id"));
        Assert.Matches("^[0-9]+$", answer.Header("x-amz-req-time-micros"));
        // What S3 lets stand for a listing of buckets is no signature here.
        var listing = signer.SignV2(server.Request("GET", "/"));
        listing.Query = "ostor-users";
        Assert.Equal((403, "SignatureDoesNotMatch"), Outcome(await server.Send(listing)));
        var presigned = signer.PresignV2(server.Request("GET", "/"), 60);
        presigned.Query = "ostor-users&" + presigned.Query;
        Assert.Equal((403, "AccessDenied"), Outcome(await server.Send(presigned)));
    }

    [Theory]
    [InlineData("GET", "users")]
    [InlineData("PUT", "users&emailAddress=never@example.com")]
    [InlineData("POST", "users&emailAddress=ordinary@example.com&genKey")]
    [InlineData("DELETE", "users&emailAddress=ordinary@example.com")]
    [InlineData("POST", "accounts&emailAddress=ordinary@example.com&accountName=never")]
    [InlineData("PUT", "quotas&bucket=kept&quota-size=1")]
    [InlineData("PUT", "limits&bucket=kept&ops&default=60")]
    [InlineData("GET", "limits&bucket=kept")]
    [InlineData("GET", "buckets")]
    [InlineData("GET", "usage")]
    [InlineData("PATCH", "nothing&ostor-users")]
    public async Task Nobody_but_system_users_learns_or_does_anything(string verb, string query)
    {
        var before = await server.State();
        Assert.Equal((403, "AccessDenied"), Outcome(await server.SendAs(server.Ordinary, verb, "/?ostor-" + query)));
        Assert.Equal((403, "AccessDenied"), Outcome(await server.Send(server.Request(verb, "/?ostor-" + query))));
        Assert.Equal(before, await server.State());
    }

    [Theory]
    [InlineData("GET", "users&ostor-buckets", 400)]
    [InlineData("GET", "users&Ostor-buckets=x", 400)]
    [InlineData("GET", "users&%6fstor-buckets", 400)]
    [InlineData("GET", "users=1", 400)]
    [InlineData("GET", "users&emailAddress=ordinary@example.com&id=1", 400)]
    [InlineData("GET", "users&emailAddress=ordinary@example.com&emailAddress=ordinary@example.com", 400)]
    [InlineData("GET", "users&emailAddress=", 400)]
    [InlineData("GET", "users&emailAddress=ordinary@example.com&genKey", 400)]
    [InlineData("GET", "users&email=ordinary@example.com", 400)]
    [InlineData("PUT", "users", 400)]
    [InlineData("PUT", "users&id=1", 400)]
    [InlineData("PUT", "users&emailAddress=new@example.com&accountName=x", 400)]
    [InlineData("POST", "users&emailAddress=ordinary@example.com", 400)]
    [InlineData("POST", "users&genKey", 400)]
    [InlineData("POST", "users&emailAddress=ordinary@example.com&genKey=1", 400)]
    [InlineData("POST", "users&emailAddress=ordinary@example.com&genKey&enable", 400)]
    [InlineData("POST", "users&emailAddress=ordinary@example.com&genKey&revokeKey=x", 400)]
    [InlineData("POST", "users&emailAddress=ordinary@example.com&revokeKey", 400)]
    [InlineData("POST", "users&emailAddress=ordinary@example.com&enable&disable", 400)]
    [InlineData("POST", "users&emailAddress=ordinary@example.com&disable&accountName=x", 400)]
    [InlineData("POST", "users&emailAddress=ordinary@example.com&id=1&disable", 400)]
    [InlineData("DELETE", "users", 400)]
    [InlineData("DELETE", "users&emailAddress=ordinary@example.com&id=1", 400)]
    [InlineData("POST", "accounts&emailAddress=ordinary@example.com", 400)]
    [InlineData("POST", "accounts&accountName=x", 400)]
    [InlineData("DELETE", "accounts&emailAddress=ordinary@example.com", 400)]
    [InlineData("GET", "accounts", 405)]
    [InlineData("HEAD", "users", 405)]
    [InlineData("GET", "nothing", 400)]
    [InlineData("GET", "buckets&id=1", 400)]
    [InlineData("PUT", "buckets", 405)]
    [InlineData("GET", "quotas", 400)]
    [InlineData("GET", "quotas&bucket=kept&id=1", 400)]
    [InlineData("GET", "quotas&bucket=nothing", 404)]
    [InlineData("PUT", "quotas&bucket=kept", 400)]
    [InlineData("PUT", "quotas&bucket=kept&quota-size=0", 400)]
    [InlineData("PUT", "quotas&bucket=kept&quota-size=-1", 400)]
    [InlineData("PUT", "quotas&bucket=kept&quota-size=1.5", 400)]
    [InlineData("PUT", "quotas&bucket=kept&quota-size=99999999999", 400)]
    [InlineData("PUT", "quotas&bucket=nothing&quota-size=1", 404)]
    [InlineData("PUT", "quotas&default=other&quota-size=1", 400)]
    [InlineData("PUT", "quotas&default=user&quota-size=0", 400)]
    [InlineData("PUT", "quotas&default=user&bucket=kept&quota-size=1", 400)]
    [InlineData("PUT", "quotas&emailAddress=nobody@example.com&quota-size=1", 404)]
    [InlineData("PUT", "quotas&id=1&quota-size=1", 404)]
    [InlineData("GET", "quotas&default=user", 404)]
    [InlineData("GET", "quotas&default=other", 400)]
    [InlineData("DELETE", "quotas&bucket=kept&quota-size=1", 400)]
    [InlineData("PUT", "settings&name=cfg.autosplit.enabled&value=1", 501)]
    [InlineData("PUT", "settings&name=other&value=1", 400)]
    [InlineData("PUT", "settings&name=cfg.autosplit.enabled", 400)]
    [InlineData("PUT", "settings&name=ostor.default_cors.enabled&value=yes", 400)]
    [InlineData("GET", "limits", 400)]
    [InlineData("GET", "limits&bucket=kept", 404)]
    [InlineData("GET", "limits&emailAddress=ordinary@example.com", 404)]
    [InlineData("GET", "limits&bucket=nothing", 404)]
    [InlineData("GET", "limits&bucket=kept&emailAddress=ordinary@example.com", 400)]
    [InlineData("GET", "limits&default=user", 400)]
    [InlineData("PUT", "limits&bucket=kept", 400)]
    [InlineData("PUT", "limits&ops&default=60", 400)]
    [InlineData("PUT", "limits&bucket=kept&default=60", 400)]
    [InlineData("PUT", "limits&bucket=kept&ops=1&default=60", 400)]
    [InlineData("PUT", "limits&bucket=kept&ops&bandwidth&default=60", 400)]
    [InlineData("PUT", "limits&bucket=kept&ops&out=60", 400)]
    [InlineData("PUT", "limits&bucket=kept&bandwidth&get=60", 400)]
    [InlineData("PUT", "limits&bucket=kept&ops&default=-1", 400)]
    [InlineData("PUT", "limits&bucket=kept&ops&default=1&get=", 400)]
    [InlineData("PUT", "limits&bucket=kept&ops&default=1&get=1.234", 400)]
    [InlineData("PUT", "limits&bucket=kept&ops&head=1", 400)]
    [InlineData("PUT", "limits&bucket=kept&ops&put=1e3", 400)]
    [InlineData("PUT", "limits&bucket=kept&bandwidth&out=1000000000001", 400)]
    [InlineData("PUT", "limits&bucket=nothing&ops&default=1", 404)]
    [InlineData("PUT", "limits&emailAddress=nobody@example.com&ops&default=1", 404)]
    [InlineData("PUT", "limits&id=ffffffffffffffff&bandwidth&out=1", 404)]
    [InlineData("DELETE", "limits", 400)]
    [InlineData("DELETE", "limits&bucket=kept&ops", 400)]
    [InlineData("DELETE", "limits&bucket=nothing", 404)]
    [InlineData("POST", "limits&bucket=kept&ops&default=1", 405)]
    [InlineData("GET", "usage&obj=x", 400)]
    public async Task Parameters_that_do_not_go_together_are_refused_and_change_nothing(string verb, string query, int status)
    {
        var before = await server.State();
        var answer = await server.Send(verb, "/?ostor-" + query);
        Assert.Equal(status, answer.Status);
        if (verb != "HEAD") Assert.NotNull(answer.Code);
        Assert.Equal(before, await server.State());
    }

    [Fact]
    public void No_request_is_for_two_operations()
    {
        foreach (var one in OstorOperations.All)
            foreach (var other in OstorOperations.All.Where(other => other != one && other.Spec.Resource == one.Spec.Resource && other.Spec.Verbs.Intersect(one.Spec.Verbs).Any()))
                foreach (var parameters in Examples(one.Spec)) Assert.False(other.Spec.Takes(parameters), $"{one.Spec.Name} is {other.Spec.Name}, too");
    }

    private static IEnumerable<Dictionary<string, string>> Examples(OstorSpec spec)
    {
        foreach (var target in spec.OneOf.Count == 0 ? [""] : spec.OneOf)
            foreach (var more in new[] { [], spec.Optional })
            {
                var parameters = spec.Required.Concat(more).Append(target).Where(name => name.Length > 0).ToDictionary(name => name, _ => "x");
                if (spec.Flag is not null) parameters[spec.Flag] = "";
                Assert.True(spec.Takes(parameters));
                yield return parameters;
            }
    }

    private static (int, string?) Outcome(Operations.Answer answer) => (answer.Status, answer.Code);
}
