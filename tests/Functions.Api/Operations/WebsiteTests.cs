using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Buckets as websites: their configuration, and what their hosts answer.</summary>
public sealed class WebsiteTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Index = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>";

    [Fact]
    public async Task What_was_set_is_read_back_until_it_is_deleted()
    {
        await server.Send("PUT", "/site-crud");
        Assert.Equal((404, "NoSuchWebsiteConfiguration"), Told(await server.Send("GET", "/site-crud?website")));
        var rules = """
            <ErrorDocument><Key>errors/404.html</Key></ErrorDocument>
            <RoutingRules>
              <RoutingRule><Condition><KeyPrefixEquals>old/</KeyPrefixEquals></Condition>
                <Redirect><Protocol>https</Protocol><HostName>new.test</HostName><ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith><HttpRedirectCode>302</HttpRedirectCode></Redirect></RoutingRule>
              <RoutingRule><Condition><HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition>
                <Redirect><ReplaceKeyWith>sorry.html</ReplaceKeyWith></Redirect></RoutingRule>
            </RoutingRules>
            """;
        Assert.Equal(200, (await Put("site-crud", Index + rules)).Status);
        var read = await server.Send("GET", "/site-crud?website");
        Assert.Equal("index.html", read.Element("Suffix"));
        Assert.Equal("errors/404.html", read.Element("Key"));
        Assert.Equal(["old/"], read.Elements("KeyPrefixEquals"));
        Assert.Equal(["404"], read.Elements("HttpErrorCodeReturnedEquals"));
        Assert.Equal(["https"], read.Elements("Protocol"));
        Assert.Equal(["new.test"], read.Elements("HostName"));
        Assert.Equal(["new/"], read.Elements("ReplaceKeyPrefixWith"));
        Assert.Equal(["sorry.html"], read.Elements("ReplaceKeyWith"));
        Assert.Equal(["302"], read.Elements("HttpRedirectCode"));

        Assert.Equal(200, (await Put("site-crud", "<RedirectAllRequestsTo><HostName>else.test</HostName></RedirectAllRequestsTo>")).Status);
        Assert.Equal(["else.test"], (await server.Send("GET", "/site-crud?website")).Elements("HostName"));
        Assert.Equal(204, (await server.Send("DELETE", "/site-crud?website")).Status);
        Assert.Equal(404, (await server.Send("GET", "/site-crud?website")).Status);
    }

    [Theory]
    [InlineData("", "InvalidArgument")]
    [InlineData("<ErrorDocument><Key>e</Key></ErrorDocument>", "InvalidArgument")]
    [InlineData("<IndexDocument/>", "MalformedXML")]
    [InlineData("<IndexDocument><Suffix></Suffix></IndexDocument>", "InvalidArgument")]
    [InlineData("<IndexDocument><Suffix>a/b</Suffix></IndexDocument>", "InvalidArgument")]
    [InlineData("{0}<ErrorDocument><Key></Key></ErrorDocument>", "InvalidArgument")]
    [InlineData("{0}<RedirectAllRequestsTo><HostName>h</HostName></RedirectAllRequestsTo>", "InvalidRequest")]
    [InlineData("<RedirectAllRequestsTo/>", "MalformedXML")]
    [InlineData("<RedirectAllRequestsTo><HostName></HostName></RedirectAllRequestsTo>", "InvalidRequest")]
    [InlineData("<RedirectAllRequestsTo><HostName>h/x</HostName></RedirectAllRequestsTo>", "InvalidRequest")]
    [InlineData("<RedirectAllRequestsTo><HostName>h</HostName><Protocol>ftp</Protocol></RedirectAllRequestsTo>", "InvalidRequest")]
    [InlineData("{0}<RoutingRules/>", "MalformedXML")]
    [InlineData("{0}<RoutingRules><RoutingRule/></RoutingRules>", "MalformedXML")]
    [InlineData("{0}<RoutingRules><RoutingRule><Redirect/></RoutingRule></RoutingRules>", "MalformedXML")]
    [InlineData("{0}<RoutingRules><RoutingRule><Condition/><Redirect><HostName>h</HostName></Redirect></RoutingRule></RoutingRules>", "InvalidRequest")]
    [InlineData("{0}<RoutingRules><RoutingRule><Redirect><ReplaceKeyWith>a</ReplaceKeyWith><ReplaceKeyPrefixWith>b</ReplaceKeyPrefixWith></Redirect></RoutingRule></RoutingRules>", "InvalidRequest")]
    [InlineData("{0}<RoutingRules><RoutingRule><Redirect><HttpRedirectCode>300</HttpRedirectCode></Redirect></RoutingRule></RoutingRules>", "InvalidRequest")]
    [InlineData("{0}<RoutingRules><RoutingRule><Condition><HttpErrorCodeReturnedEquals>200</HttpErrorCodeReturnedEquals></Condition><Redirect><HostName>h</HostName></Redirect></RoutingRule></RoutingRules>", "InvalidRequest")]
    [InlineData("{0}<Other/>", "MalformedXML")]
    public async Task A_configuration_that_is_no_good_is_refused_and_changes_nothing(string content, string code)
    {
        await Site("site-bad", Index);
        Assert.Equal((400, code), Told(await Put("site-bad", string.Format(CultureInfo.InvariantCulture, content, Index))));
        Assert.Equal("index.html", (await server.Send("GET", "/site-bad?website")).Element("Suffix"));
    }

    [Fact]
    public async Task There_are_at_most_50_rules()
    {
        await Site("site-many", Index);
        const string Rule = "<RoutingRule><Redirect><HostName>h</HostName></Redirect></RoutingRule>";
        Assert.Equal(200, (await Put("site-many", $"{Index}<RoutingRules>{string.Concat(Enumerable.Repeat(Rule, 50))}</RoutingRules>")).Status);
        Assert.Equal("InvalidRequest", (await Put("site-many", $"{Index}<RoutingRules>{string.Concat(Enumerable.Repeat(Rule, 51))}</RoutingRules>")).Code);
    }

    [Theory]
    [InlineData("", Way.Scheme + "://else.test/")]
    [InlineData("/a/b%20c?d=e", Way.Scheme + "://else.test/a/b%20c")]
    public async Task A_website_may_send_everybody_elsewhere(string path, string location)
    {
        await Site("site-all", "<RedirectAllRequestsTo><HostName>else.test</HostName></RedirectAllRequestsTo>");
        var answer = await Visit("GET", "site-all", path);
        Assert.Equal((301, location), (answer.Status, answer.Header("Location")));
        await Put("site-all", "<RedirectAllRequestsTo><HostName>else.test:8443</HostName><Protocol>https</Protocol></RedirectAllRequestsTo>");
        Assert.Equal("https://else.test:8443/k", (await Visit("HEAD", "site-all", "/k")).Header("Location"));
    }

    [Theory]
    [InlineData("<ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith>", Way.Scheme + "://site-rule.s3-website.localhost/new/p%26q")]
    [InlineData("<ReplaceKeyPrefixWith></ReplaceKeyPrefixWith>", Way.Scheme + "://site-rule.s3-website.localhost/p%26q")]
    [InlineData("<ReplaceKeyWith>only</ReplaceKeyWith>", Way.Scheme + "://site-rule.s3-website.localhost/only")]
    [InlineData("<HostName>h</HostName><Protocol>https</Protocol>", "https://h/old/p%26q")]
    public async Task A_rule_without_an_error_redirects_before_anything_is_read(string redirect, string location)
    {
        await Site("site-rule", $"{Index}<RoutingRules><RoutingRule><Condition><KeyPrefixEquals>old/</KeyPrefixEquals></Condition><Redirect>{redirect}<HttpRedirectCode>307</HttpRedirectCode></Redirect></RoutingRule></RoutingRules>");
        var answer = await Visit("GET", "site-rule", "/old/p&q");
        Assert.Equal((307, location), (answer.Status, answer.Header("Location")));
        Assert.Equal(403, (await Visit("GET", "site-rule", "/other")).Status);
    }

    [Fact]
    public async Task A_directory_whose_name_begins_with_a_slash_is_no_other_host()
    {
        await Site("site-slashes", Index);
        const string Policy = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::site-slashes/*"}}""";
        Assert.Equal(204, (await server.Send("PUT", "/site-slashes?policy", Policy)).Status);
        Assert.Equal(200, (await server.Send("PUT", "/site-slashes//else.test/index.html", "page")).Status);
        var answer = await Visit("GET", "site-slashes", "/%2Felse.test");
        Assert.Equal((302, "/%2Felse.test/"), (answer.Status, answer.Header("Location")));
        Assert.Equal("page", (await Visit("GET", "site-slashes", answer.Header("Location")!)).Text);
    }

    [Fact]
    public async Task Visitors_see_what_everybody_may_read()
    {
        await Site("site-open", $"{Index}<ErrorDocument><Key>error.html</Key></ErrorDocument>");
        const string Policy = """
            {"Version": "2012-10-17", "Statement": [
              {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site-open/*"},
              {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::site-open"},
              {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site-open/secret"}]}
            """;
        Assert.Equal(204, (await server.Send("DELETE", "/site-open?publicAccessBlock")).Status);
        Assert.InRange((await server.Send("PUT", "/site-open?policy", Policy)).Status, 200, 204);
        await server.Send("PUT", "/site-open/index.html", "home", "Content-Type: text/html");
        await server.Send("PUT", "/site-open/dir/index.html", "dir");
        await server.Send("PUT", "/site-open/error.html", "sorry", "Content-Type: text/html");
        await server.Send("PUT", "/site-open/moved", "", "x-amz-website-redirect-location: /dir/");
        await server.Send("PUT", "/site-open/secret", "secret");

        var home = await Visit("GET", "site-open", "/?versionId=none&acl");
        Assert.Equal((200, "home", "text/html"), (home.Status, home.Text, home.Header("Content-Type")));
        Assert.Null(home.Header("Content-Security-Policy"));
        Assert.Equal((200, 4L), ((await Visit("HEAD", "site-open", "/")).Status, (await Visit("HEAD", "site-open", "/")).ContentHeaders.ContentLength));
        Assert.Equal("dir", (await Visit("GET", "site-open", "/dir/")).Text);
        Assert.Equal((302, "/dir/"), ((await Visit("GET", "site-open", "/dir")).Status, (await Visit("GET", "site-open", "/dir")).Header("Location")));
        Assert.Equal((301, "/dir/"), ((await Visit("GET", "site-open", "/moved")).Status, (await Visit("GET", "site-open", "/moved")).Header("Location")));
        Assert.Equal((404, "sorry"), ((await Visit("GET", "site-open", "/none")).Status, (await Visit("GET", "site-open", "/none")).Text));
        Assert.Equal((403, "sorry"), ((await Visit("GET", "site-open", "/secret")).Status, (await Visit("GET", "site-open", "/secret")).Text));
        // A signature does not open what visitors may not see.
        Assert.Equal(403, (await server.Send("GET", "/secret", "", "Host: site-open.s3-website.localhost")).Status);
    }

    [Fact]
    public async Task Errors_are_pages_in_which_nothing_can_run()
    {
        await Site("site-error", Index);
        var denied = await Visit("GET", "site-error", "/%3Cscript%3E");
        Assert.Equal(403, denied.Status);
        Assert.Equal("text/html; charset=utf-8", denied.Header("Content-Type"));
        Assert.Equal(("sandbox", "nosniff"), (denied.Header("Content-Security-Policy"), denied.Header("X-Content-Type-Options")));
        Assert.Equal("AccessDenied", denied.Header("x-amz-error-code"));
        Assert.Contains("<li>Code: AccessDenied</li>", denied.Text, StringComparison.Ordinal);

        var head = await Visit("HEAD", "site-error", "/x");
        Assert.Equal((403, "AccessDenied"), (head.Status, head.Header("x-amz-error-code")));
        Assert.Empty(head.Body);
        Assert.Contains("NoSuchBucket", (await Visit("GET", "site-of-nobody", "/x")).Text, StringComparison.Ordinal);
        await server.Send("PUT", "/site-not");
        Assert.Equal((404, "NoSuchWebsiteConfiguration"), ((await Visit("GET", "site-not", "/x")).Status, (await Visit("GET", "site-not", "/x")).Header("x-amz-error-code")));
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task A_website_is_only_read(string verb)
    {
        await Site("site-verb", Index);
        var answer = await Visit(verb, "site-verb", "/x?acl");
        Assert.Equal((405, "MethodNotAllowed"), (answer.Status, answer.Header("x-amz-error-code")));
    }

    private static (int, string?) Told(Answer answer) => (answer.Status, answer.Code);

    private async Task Site(string bucket, string content)
    {
        Assert.Equal(200, (await server.Send("PUT", "/" + bucket)).Status);
        Assert.Equal(200, (await Put(bucket, content)).Status);
    }

    private Task<Answer> Put(string bucket, string content)
    {
        var xml = $"<WebsiteConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</WebsiteConfiguration>";
#pragma warning disable CA5351 // the header is defined with it
        var md5 = Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(xml)));
#pragma warning restore CA5351
        return server.Send("PUT", $"/{bucket}?website", xml, $"Content-MD5: {md5}");
    }

    private Task<Answer> Visit(string verb, string bucket, string path) =>
        server.SendUnsigned(verb, path.Length == 0 ? "/" : path, $"Host: {bucket}.s3-website.localhost");
}
