namespace ZenkoFunctions.HostDouble.Tests;

public sealed class PathTests(GatewayHost gateway) : IClassFixture<GatewayHost>
{
    [Theory]
    [InlineData("/", "/")]
    [InlineData("/b/a%2Fb", "/b/a%252Fb")]
    [InlineData("/b/a%252Fb", "/b/a%252Fb")]
    [InlineData("/b/a%20b", "/b/a%20b")]
    [InlineData("/b/a+b", "/b/a+b")]
    [InlineData("/b/a%25b", "/b/a%25b")]
    [InlineData("/b/caf%C3%A9", "/b/caf%C3%A9")]
    [InlineData("/b/a%3Fb", "/b/a%3Fb")]
    [InlineData("/b/a%23b", "/b/a%23b")]
    [InlineData("/b/a%0Ab", "/b/a%0Ab")]
    [InlineData("/b/a%2Bb", "/b/a+b")]
    [InlineData("/b/%28x%29%21%27%2A", "/b/(x)!'*")]
    [InlineData("/b/a%e2%82%ac", "/b/a%E2%82%AC")]
    [InlineData("/b/%5bx%5D", "/b/%5Bx%5D")]
    [InlineData("/b//k", "/b//k")]
    [InlineData("/b/k/", "/b/k/")]
    [InlineData("/b/k//", "/b/k//")]
    [InlineData("/b/./k", "/b/k")]
    [InlineData("/b/../k", "/k")]
    [InlineData("/b/%2E%2E/k", "/k")]
    [InlineData("/b/a%5Cb", "/b/a%5Cb")]
    [InlineData(@"/b/a\b", "/b/a%5Cb")]
    [InlineData("/b/%FF", "/b/%25FF")]
    public async Task The_path_reaches_the_handler_as_the_proxy_writes_it(string sent, string seen) =>
        Assert.Equal(seen, (await Wire.Get(gateway.Host, sent)).Seen.Target);

    [Theory]
    [InlineData("//b/k", 404)]
    [InlineData("/b/%00x", 400)]
    [InlineData("/b/a b", 400)]
    public async Task Some_paths_never_reach_the_handler(string sent, int status) =>
        Assert.Equal(status, (await Wire.Get(gateway.Host, sent)).Status);

    [Theory]
    [InlineData("?x=1&x=2&y=%2F&+z&empty&delete")]
    [InlineData("?a=b+c%20d&prefix=%C3%A9/&list-type=2")]
    [InlineData("?a=%2f%2F&=x&&")]
    public async Task The_query_passes_unchanged(string query) =>
        Assert.Equal("/b/k" + query, (await Wire.Get(gateway.Host, "/b/k" + query)).Seen.Target);

    [Fact]
    public async Task Characters_that_are_illegal_in_a_query_are_encoded() =>
        Assert.Equal("/b?a=%22x%22", (await Wire.Get(gateway.Host, "/b?a=\"x\"")).Seen.Target);

    [Theory]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("LOCK")]
    public async Task Every_verb_passes_where_a_function_names_no_methods(string verb)
    {
        var answer = await Wire.Send(gateway.Host, $"{verb} /b/k HTTP/1.1\nHost: x");

        Assert.Equal(200, answer.Status);
        if (verb != "HEAD") Assert.Equal(verb, answer.Seen.Method);
    }
}
