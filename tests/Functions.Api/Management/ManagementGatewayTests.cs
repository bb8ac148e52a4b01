using System.Text;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Management;

public sealed class ManagementGatewayTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Fact]
    public async Task The_probe_is_answered_without_a_signature()
    {
        var answer = await server.SendUnsigned("GET", "/_/healthcheck");
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.Equal("{}", answer.Text);
    }

    [Fact]
    public async Task Nobody_does_anything_unsigned()
    {
        var answer = await server.SendUnsigned("GET", "/_/backbeat/api/healthcheck");
        Assert.Equal(403, answer.Status);
        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.StartsWith("""{"code":"AccessDenied","message":""", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_of_nothing_is_named()
    {
        var answer = await server.Send("GET", "/_/backbeat/api/nothing");
        Assert.Equal((404, """{"code":"RouteNotFound","message":"path /_/backbeat/api/nothing does not exist"}"""), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task A_wrong_signature_is_told_as_JSON()
    {
        var request = server.Signer().Sign(server.Request("GET", "/_/management/nothing", []));
        request.Path = "/_/management/another";
        var answer = await server.Send(request);
        Assert.Equal(403, answer.Status);
        Assert.StartsWith("""{"code":"SignatureDoesNotMatch",""", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_versions_of_signatures_are_understood_in_headers_and_in_queries()
    {
        var paths = server.Request("GET", "/_/management/nothing", []);
        Assert.Equal(404, (await server.Send(server.Signer().SignV2(paths.Copy()))).Status);
        Assert.Equal(404, (await server.Send(server.Signer().PresignV2(paths.Copy(), 60))).Status);
        Assert.Equal(404, (await server.Send(server.Signer().Presign(paths.Copy(), 60))).Status);
        Assert.Equal(404, (await server.Send(server.Signer().Sign(paths.Copy()))).Status);
    }

    [Theory]
    [InlineData("/_/a/{site}", "/_/a/b", "site=b")]
    [InlineData("/_/a/{site}", "/_/a/", null)]
    [InlineData("/_/a/{site}", "/_/a", null)]
    [InlineData("/_/a/{site}", "/_/a/b/c", null)]
    [InlineData("/_/a/{site}", "/_/a/b%2Fc", "site=b/c")]
    [InlineData("/_/{service=crr|lifecycle}/pause", "/_/crr/pause", "service=crr")]
    [InlineData("/_/{service=crr|lifecycle}/pause", "/_/other/pause", null)]
    [InlineData("/_/f/{bucket}/{key...}", "/_/f/b/k/l%20m/", "bucket=b key=k/l m/")]
    [InlineData("/_/f/{bucket}/{key...}", "/_/f/b", null)]
    [InlineData("/_/f/{bucket}/{key...}", "/_/f/b/", null)]
    public void A_path_fits_its_template(string template, string path, string? values)
    {
        Assert.True(PathSegments.TryRead(path, out var segments));
        var found = new PathTemplate(template).Match(segments);
        Assert.Equal(values, found is null ? null : string.Join(' ', found.Select(v => $"{v.Key}={v.Value}")));
    }
}
