namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Policies, access control lists and what restrains them, over HTTP: the owner signs, the others do not.</summary>
public sealed class AccessTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private static string PolicyOf(string bucket, string action = "s3:GetObject") =>
        $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"{{action}}","Resource":["arn:aws:s3:::{{bucket}}","arn:aws:s3:::{{bucket}}/*"]}]}""";

    [Fact]
    public async Task A_policy_opens_a_bucket_and_is_answered_as_it_was_put()
    {
        await server.Send("PUT", "/opened");
        await server.Send("PUT", "/opened/k", "body");
        Assert.Equal(403, (await server.SendUnsigned("GET", "/opened/k")).Status);

        Assert.Equal(204, (await server.Send("PUT", "/opened?policy", PolicyOf("opened"))).Status);
        Assert.Equal("body", (await server.SendUnsigned("GET", "/opened/k")).Text);
        Assert.Equal(403, (await server.SendUnsigned("GET", "/opened")).Status);
        Assert.Equal(PolicyOf("opened"), (await server.Send("GET", "/opened?policy")).Text);
        Assert.Equal("true", (await server.Send("GET", "/opened?policyStatus")).Element("IsPublic"));

        Assert.Equal(204, (await server.Send("DELETE", "/opened?policy")).Status);
        Assert.Equal(403, (await server.SendUnsigned("GET", "/opened/k")).Status);
        Assert.Equal("NoSuchBucketPolicy", (await server.Send("GET", "/opened?policy")).Code);
    }

    [Fact]
    public async Task Only_who_may_list_learns_that_a_key_is_missing()
    {
        await server.Send("PUT", "/hiding");
        await server.Send("PUT", "/hiding?policy", PolicyOf("hiding"));
        Assert.Equal(403, (await server.SendUnsigned("GET", "/hiding/none")).Status);
        await server.Send("PUT", "/hiding?policy", PolicyOf("hiding", "s3:ListBucket"));
        Assert.Equal(404, (await server.SendUnsigned("GET", "/hiding/none")).Status);
        Assert.Equal(404, (await server.Send("GET", "/hiding/none")).Status);
    }

    [Fact]
    public async Task Who_deletes_many_keys_is_asked_about_each_of_them()
    {
        await server.Send("PUT", "/shared-out");
        foreach (var key in (string[])["in/1", "in/2", "out"]) await server.Send("PUT", $"/shared-out/{key}", "body");
        var policy = PolicyOf("shared-out", "s3:DeleteObject").Replace("shared-out/*", "shared-out/in/*", StringComparison.Ordinal);
        Assert.Equal(204, (await server.Send("PUT", "/shared-out?policy", policy)).Status);

        const string keys = "<Delete><Object><Key>in/1</Key></Object><Object><Key>out</Key></Object><Object><Key>in/2</Key></Object></Delete>";
        var md5 = Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(System.Text.Encoding.UTF8.GetBytes(keys)));
        var answer = await server.SendUnsignedBody("POST", "/shared-out?delete", keys, "Content-MD5: " + md5);

        Assert.Equal(200, answer.Status);
        Assert.Equal(["in/1", "in/2", "out"], answer.Elements("Key"));
        Assert.Equal(["AccessDenied"], answer.Elements("Code"));
        Assert.Equal(["out"], (await server.Send("GET", "/shared-out")).Elements("Key"));
    }

    [Fact]
    public async Task A_policy_judges_the_tags_that_an_object_is_to_get()
    {
        const string secret = "<Tagging><TagSet><Tag><Key>level</Key><Value>secret</Value></Tag></TagSet></Tagging>";
        await server.Send("PUT", "/tagged-so");
        await server.Send("PUT", "/tagged-so/k", "body");
        var policy = PolicyOf("tagged-so", "s3:PutObjectTagging").Replace(
            "\"Resource\"", "\"Condition\":{\"StringEquals\":{\"s3:RequestObjectTag/level\":\"open\"}},\"Resource\"", StringComparison.Ordinal);
        Assert.Equal(204, (await server.Send("PUT", "/tagged-so?policy", policy)).Status);

        foreach (var (document, status) in new[] { (secret, 403), (secret.Replace("secret", "open", StringComparison.Ordinal), 200) })
        {
            var md5 = Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(System.Text.Encoding.UTF8.GetBytes(document)));
            Assert.Equal(status, (await server.SendUnsignedBody("PUT", "/tagged-so/k?tagging", document, "Content-MD5: " + md5)).Status);
        }
        var denied = policy.Replace("Allow", "Deny", StringComparison.Ordinal).Replace("\"open\"", "\"secret\"", StringComparison.Ordinal);
        Assert.Equal(204, (await server.Send("PUT", "/tagged-so?policy", denied)).Status);
        var sum = Convert.ToBase64String(System.Security.Cryptography.MD5.HashData(System.Text.Encoding.UTF8.GetBytes(secret)));
        Assert.Equal(403, (await server.Send("PUT", "/tagged-so/k?tagging", secret, "Content-MD5: " + sum)).Status);
        Assert.Equal(["open"], (await server.Send("GET", "/tagged-so/k?tagging")).Elements("Value"));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::another/*"}]}""")]
    public async Task A_malformed_policy_leaves_the_bucket_as_it_was(string policy)
    {
        Assert.Equal("MalformedPolicy", (await server.Send("PUT", "/bkt?policy", policy)).Code);
        Assert.Equal("NoSuchBucketPolicy", (await server.Send("GET", "/bkt?policy")).Code);
    }

    [Fact]
    public async Task Canned_lists_open_objects_and_buckets()
    {
        await server.Send("PUT", "/listed", "", "x-amz-acl: public-read-write");
        await server.Send("PUT", "/listed/own", "body", "x-amz-acl: public-read");
        Assert.Equal("body", (await server.SendUnsigned("GET", "/listed/own")).Text);
        Assert.Equal(200, (await server.SendUnsigned("GET", "/listed")).Status);
        Assert.Equal(["READ", "WRITE", "FULL_CONTROL"], (await server.Send("GET", "/listed?acl")).Elements("Permission"));

        Assert.Equal(200, (await server.Send("PUT", "/listed/own?acl", "", "x-amz-acl: private")).Status);
        Assert.Equal(403, (await server.SendUnsigned("GET", "/listed/own")).Status);
        Assert.Equal(["FULL_CONTROL"], (await server.Send("GET", "/listed/own?acl")).Elements("Permission"));
    }

    [Fact]
    public async Task What_nobody_signed_for_is_owned_by_the_anonymous_account_and_not_the_buckets_owners_to_read()
    {
        await server.Send("PUT", "/visited", "", "x-amz-acl: public-read-write");
        Assert.Equal(200, (await server.SendUnsigned("PUT", "/visited/guest")).Status);
        Assert.Contains("65a011a29cdf8ec533ec3d1ccaae921c", (await server.Send("GET", "/visited?list-type=2&fetch-owner=true")).Text, StringComparison.Ordinal);
        Assert.Equal(403, (await server.Send("GET", "/visited/guest")).Status);
        Assert.Equal(204, (await server.Send("DELETE", "/visited/guest")).Status);
    }

    [Theory]
    [InlineData("<AccessControlPolicy/>", null, "MalformedACLError")]
    [InlineData("", null, "MissingSecurityHeader")]
    [InlineData("x", "x-amz-acl: private", "UnexpectedContent")]
    [InlineData("", "x-amz-acl: open", "InvalidArgument")]
    [InlineData("", "x-amz-grant-read: id=nobody", "InvalidArgument")]
    [InlineData("", "x-amz-grant-read: uri=http://example.com/", "InvalidArgument")]
    [InlineData("", "x-amz-grant-read: emailAddress=nobody@example.com", "UnresolvableGrantByEmailAddress")]
    public async Task A_malformed_list_leaves_the_bucket_as_it_was(string body, string? header, string code)
    {
        Assert.Equal(code, (await server.Send("PUT", "/bkt?acl", body, header is null ? [] : [header])).Code);
        Assert.Equal(["FULL_CONTROL"], (await server.Send("GET", "/bkt?acl")).Elements("Permission"));
    }

    [Fact]
    public async Task Ownership_controls_disable_lists()
    {
        await server.Send("PUT", "/owned", "", "x-amz-object-ownership: BucketOwnerEnforced");
        Assert.Equal("BucketOwnerEnforced", (await server.Send("GET", "/owned?ownershipControls")).Element("ObjectOwnership"));
        Assert.Equal("AccessControlListNotSupported", (await server.Send("PUT", "/owned/k", "x", "x-amz-acl: public-read")).Code);
        Assert.Equal(200, (await server.Send("PUT", "/owned/k", "x", "x-amz-acl: bucket-owner-full-control")).Status);
        Assert.Equal("AccessControlListNotSupported", (await server.Send("PUT", "/owned?acl", "", "x-amz-acl: private")).Code);
        Assert.Equal(204, (await server.Send("DELETE", "/owned?ownershipControls")).Status);
        Assert.Equal("OwnershipControlsNotFoundError", (await server.Send("GET", "/owned?ownershipControls")).Code);
    }

    [Fact]
    public async Task A_public_access_block_refuses_what_would_open_the_bucket()
    {
        const string Block =
            "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>";
        await server.Send("PUT", "/blocked");
        Assert.Equal(200, (await server.Send("PUT", "/blocked?publicAccessBlock", Block)).Status);
        Assert.Equal("true", (await server.Send("GET", "/blocked?publicAccessBlock")).Element("BlockPublicAcls"));
        Assert.Equal(403, (await server.Send("PUT", "/blocked?policy", PolicyOf("blocked"))).Status);
        Assert.Equal(403, (await server.Send("PUT", "/blocked?acl", "", "x-amz-acl: public-read")).Status);
        Assert.Equal(403, (await server.Send("PUT", "/blocked/k", "x", "x-amz-acl: authenticated-read")).Status);
        Assert.Equal(204, (await server.Send("DELETE", "/blocked?publicAccessBlock")).Status);
        Assert.Equal("NoSuchPublicAccessBlockConfiguration", (await server.Send("GET", "/blocked?publicAccessBlock")).Code);
    }
}
