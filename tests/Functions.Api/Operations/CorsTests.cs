using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Cross-origin access: its configuration, preflights, and the headers on whatever is answered.</summary>
public sealed class CorsTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Rules = """
        <CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
          <CORSRule><ID>pages</ID><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod>
            <AllowedOrigin>https://*.example.com</AllowedOrigin><AllowedHeader>x-amz-*</AllowedHeader><AllowedHeader>Range</AllowedHeader>
            <ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-meta-a</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds></CORSRule>
          <CORSRule><AllowedMethod>PUT</AllowedMethod><AllowedOrigin>http://one.test</AllowedOrigin><AllowedOrigin>http://two.test</AllowedOrigin></CORSRule>
          <CORSRule><AllowedMethod>DELETE</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>
        </CORSConfiguration>
        """;

    [Fact]
    public async Task What_was_set_is_read_back_until_it_is_deleted()
    {
        await Bucket("cors-crud", null);
        var none = await server.Send("GET", "/cors-crud?cors");
        Assert.Equal((404, "NoSuchCORSConfiguration"), (none.Status, none.Code));

        Assert.Equal(200, (await Put("cors-crud", Rules)).Status);
        var read = await server.Send("GET", "/cors-crud?cors");
        Assert.Equal(200, read.Status);
        Assert.Equal(["pages"], read.Elements("ID"));
        Assert.Equal(["GET", "HEAD", "PUT", "DELETE"], read.Elements("AllowedMethod"));
        Assert.Equal(["https://*.example.com", "http://one.test", "http://two.test", "*"], read.Elements("AllowedOrigin"));
        Assert.Equal(["x-amz-*", "Range"], read.Elements("AllowedHeader"));
        Assert.Equal(["ETag", "x-amz-meta-a"], read.Elements("ExposeHeader"));
        Assert.Equal(["600"], read.Elements("MaxAgeSeconds"));

        Assert.Equal(204, (await server.Send("DELETE", "/cors-crud?cors")).Status);
        Assert.Equal(204, (await server.Send("DELETE", "/cors-crud?cors")).Status);
        Assert.Equal(404, (await server.Send("GET", "/cors-crud?cors")).Status);
    }

    [Theory]
    [InlineData("<CORSConfiguration/>", "MalformedXML")]
    [InlineData("<CORSConfiguration><CORSRule/></CORSConfiguration>", "MalformedXML")]
    [InlineData("<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>", "MalformedXML")]
    [InlineData("<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>", "MalformedXML")]
    [InlineData("<CORSConfiguration><CORSRule>{0}<Other/></CORSRule></CORSConfiguration>", "MalformedXML")]
    [InlineData("<CORSConfiguration><CORSRule>{0}<MaxAgeSeconds>soon</MaxAgeSeconds></CORSRule></CORSConfiguration>", "MalformedXML")]
    [InlineData("<CORSConfiguration><CORSRule>{0}<MaxAgeSeconds>-1</MaxAgeSeconds></CORSRule></CORSConfiguration>", "MalformedXML")]
    [InlineData("<CORSConfiguration><CORSRule>{0}<AllowedMethod>PATCH</AllowedMethod></CORSRule></CORSConfiguration>", "InvalidRequest")]
    [InlineData("<CORSConfiguration><CORSRule>{0}<AllowedMethod>get</AllowedMethod></CORSRule></CORSConfiguration>", "InvalidRequest")]
    [InlineData("<CORSConfiguration><CORSRule>{0}<AllowedOrigin>*.a.*</AllowedOrigin></CORSRule></CORSConfiguration>", "InvalidRequest")]
    [InlineData("<CORSConfiguration><CORSRule>{0}<AllowedHeader>**</AllowedHeader></CORSRule></CORSConfiguration>", "InvalidRequest")]
    [InlineData("<CORSConfiguration><CORSRule>{0}<ExposeHeader>x-*</ExposeHeader></CORSRule></CORSConfiguration>", "InvalidRequest")]
    public async Task A_configuration_that_is_no_good_is_refused_and_changes_nothing(string xml, string code)
    {
        await Bucket("cors-bad", Rules);
        var rule = "<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>";
        var answer = await Put("cors-bad", string.Format(CultureInfo.InvariantCulture, xml, rule));
        Assert.Equal((400, code), (answer.Status, answer.Code));
        Assert.Equal(["pages"], (await server.Send("GET", "/cors-bad?cors")).Elements("ID"));
    }

    [Fact]
    public async Task There_are_at_most_100_rules_with_ids_of_255_characters()
    {
        await Bucket("cors-many", null);
        var rule = $"<CORSRule><ID>{new string('i', 255)}</ID><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>";
        Assert.Equal(200, (await Put("cors-many", $"<CORSConfiguration>{string.Concat(Enumerable.Repeat(rule, 100))}</CORSConfiguration>")).Status);
        Assert.Equal("InvalidRequest", (await Put("cors-many", $"<CORSConfiguration>{string.Concat(Enumerable.Repeat(rule, 101))}</CORSConfiguration>")).Code);
        Assert.Equal("InvalidArgument", (await Put("cors-many", $"<CORSConfiguration>{rule.Replace("<ID>", "<ID>i", StringComparison.Ordinal)}</CORSConfiguration>")).Code);
    }

    [Fact]
    public async Task A_configuration_without_a_checksum_is_refused()
    {
        await Bucket("cors-sum", null);
        Assert.Equal("InvalidRequest", (await server.Send("PUT", "/cors-sum?cors", Rules)).Code);
    }

    [Theory]
    [InlineData("https://www.example.com", "GET", null, "https://www.example.com")]
    [InlineData("https://.example.com", "HEAD", null, "https://.example.com")]
    [InlineData("https://www.example.com", "GET", "X-Amz-Date, range", "https://www.example.com")]
    [InlineData("https://www.example.com", "GET", "x-amz-date,authorization", null)]
    [InlineData("https://www.example.com.evil.test", "GET", null, null)]
    [InlineData("http://www.example.com", "GET", null, null)]
    [InlineData("https://www.example.com", "PUT", null, null)]
    [InlineData("http://two.test", "PUT", null, "http://two.test")]
    [InlineData("http://two.test", "POST", null, null)]
    [InlineData("anything", "DELETE", null, "*")]
    [InlineData("https://www.example.com", "get", null, null)]
    public async Task A_preflight_is_answered_by_the_first_rule_that_fits(string origin, string method, string? headers, string? allowed)
    {
        await Bucket("cors-pre", Rules);
        foreach (var target in new[] { "/cors-pre", "/cors-pre/a/b?uploads", "/cors-pre?delete" })
        {
            List<string> sent = [$"Origin: {origin}", $"Access-Control-Request-Method: {method}"];
            if (headers is not null) sent.Add($"Access-Control-Request-Headers: {headers}");
            var answer = await server.SendUnsigned("OPTIONS", target, [.. sent]);
            Assert.Equal(allowed is null ? 403 : 200, answer.Status);
            Assert.Equal(allowed is null ? "AccessForbidden" : null, answer.Code);
            Assert.Equal(allowed, answer.Header("Access-Control-Allow-Origin"));
            Assert.Equal(allowed is null ? null : headers?.ToLowerInvariant(), answer.Header("Access-Control-Allow-Headers")?.Replace(", ", headers!.Contains(", ", StringComparison.Ordinal) ? ", " : ",", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_preflight_tells_all_of_its_rule()
    {
        await Bucket("cors-all", Rules);
        var answer = await server.SendUnsigned(
            "OPTIONS", "/cors-all/k", "Origin: https://a.example.com", "Access-Control-Request-Method: GET");
        Assert.Equal("GET, HEAD", answer.Header("Access-Control-Allow-Methods"));
        Assert.Equal("ETag, x-amz-meta-a", answer.Header("Access-Control-Expose-Headers"));
        Assert.Equal("600", answer.Header("Access-Control-Max-Age"));
        Assert.Equal("true", answer.Header("Access-Control-Allow-Credentials"));
        Assert.Equal("Origin, Access-Control-Request-Headers, Access-Control-Request-Method", answer.Header("Vary"));
        Assert.Empty(answer.Body);
        var open = await server.SendUnsigned("OPTIONS", "/cors-all/k", "Origin: o", "Access-Control-Request-Method: DELETE");
        Assert.Null(open.Header("Access-Control-Allow-Credentials"));
        Assert.Null(open.Header("Access-Control-Max-Age"));
    }

    [Fact]
    public async Task A_preflight_needs_an_origin_a_method_a_configuration_and_a_bucket()
    {
        await Bucket("cors-need", null);
        Assert.Equal((400, "BadRequest"), Told(await server.SendUnsigned("OPTIONS", "/cors-need/k")));
        Assert.Equal((400, "BadRequest"), Told(await server.SendUnsigned("OPTIONS", "/cors-need/k", "Access-Control-Request-Method: GET")));
        Assert.Equal((400, "BadRequest"), Told(await server.SendUnsigned("OPTIONS", "/cors-need/k", "Origin: o")));
        Assert.Equal((403, "AccessForbidden"), Told(await server.SendUnsigned("OPTIONS", "/cors-need/k", "Origin: o", "Access-Control-Request-Method: GET")));
        Assert.Equal((404, "NoSuchBucket"), Told(await server.SendUnsigned("OPTIONS", "/cors-nowhere/k", "Origin: o", "Access-Control-Request-Method: GET")));
        Assert.Equal((405, "MethodNotAllowed"), Told(await server.SendUnsigned("OPTIONS", "/", "Origin: o", "Access-Control-Request-Method: GET")));
    }

    [Fact]
    public async Task Answers_carry_the_headers_where_a_rule_fits_errors_as_well()
    {
        await Bucket("cors-real", Rules);
        await server.Send("PUT", "/cors-real/k", "body");

        var found = await server.Send("GET", "/cors-real/k", "", "Origin: https://a.example.com");
        Assert.Equal(("body", "https://a.example.com"), (found.Text, found.Header("Access-Control-Allow-Origin")));
        Assert.Equal("ETag, x-amz-meta-a", found.Header("Access-Control-Expose-Headers"));
        Assert.StartsWith("Origin", found.Header("Vary"), StringComparison.Ordinal);

        var missing = await server.Send("GET", "/cors-real/none", "", "Origin: https://a.example.com");
        Assert.Equal((404, "https://a.example.com"), (missing.Status, missing.Header("Access-Control-Allow-Origin")));
        var denied = await server.SendUnsigned("PUT", "/cors-real/k", "Origin: http://one.test", "Content-Length: 0");
        Assert.Equal((403, "http://one.test"), (denied.Status, denied.Header("Access-Control-Allow-Origin")));
        var malformed = await server.SendUnsigned("GET", "/cors-real/k", "Origin: https://a.example.com", "Authorization: AWS4-HMAC-SHA256 x");
        Assert.Equal((400, "https://a.example.com"), (malformed.Status, malformed.Header("Access-Control-Allow-Origin")));
        var announced = await server.SendUnsigned(
            "PUT", "/cors-real/k", "Origin: https://a.example.com", "Access-Control-Request-Method: GET", "Content-Length: 0");
        Assert.Equal("https://a.example.com", announced.Header("Access-Control-Allow-Origin"));

        var other = await server.Send("GET", "/cors-real/k", "", "Origin: https://elsewhere.test");
        Assert.Equal((200, null, null), (other.Status, other.Header("Access-Control-Allow-Origin"), other.Header("Vary")));
        Assert.Null((await server.Send("GET", "/cors-real/k")).Header("Access-Control-Allow-Origin"));
    }

    private static (int, string?) Told(Answer answer) => (answer.Status, answer.Code);

    private async Task Bucket(string name, string? rules)
    {
        Assert.Equal(200, (await server.Send("PUT", "/" + name)).Status);
        if (rules is not null) Assert.Equal(200, (await Put(name, rules)).Status);
    }

    private Task<Answer> Put(string bucket, string xml)
    {
#pragma warning disable CA5351 // the header is defined with it
        var md5 = Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(xml)));
#pragma warning restore CA5351
        return server.Send("PUT", $"/{bucket}?cors", xml, $"Content-MD5: {md5}");
    }
}
