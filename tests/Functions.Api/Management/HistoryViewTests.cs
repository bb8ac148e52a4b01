using System.Text.Json;
using ZenkoFunctions.Api.Management.Monitoring;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Management;

public sealed class HistoryViewTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Route = "/_/management/history";

    [Fact]
    public async Task What_was_asked_for_is_told_once_it_was_written()
    {
        await server.Send("GET", "/");
        await server.Send("GET", "/no-such-bucket");
        await server.Installation.History.DisposeAsync();
        var answer = await server.Send("GET", $"{Route}?from={Uri.EscapeDataString(server.Installation.Clock.GetUtcNow().AddMinutes(-10).ToString("O"))}&to={Uri.EscapeDataString(server.Installation.Clock.GetUtcNow().AddMinutes(1).ToString("O"))}&step=60");
        Assert.Equal(200, answer.Status);
        var told = JsonSerializer.Deserialize(answer.Text, HistoryDocumentJson.Default.HistoryDocument)!;
        Assert.Equal(60, told.StepSeconds);
        var s3 = told.Points.SelectMany(point => point.Requests).Where(each => each.Protocol == "s3").ToList();
        Assert.True(s3.Sum(each => each.Done) >= 1 && s3.Sum(each => each.Refused) >= 1 && s3.Sum(each => each.Sent) > 0);
    }

    [Theory]
    [InlineData("?from=2026-01-02&to=2026-01-01")]
    [InlineData("?from=yesterday")]
    [InlineData("?step=61")]
    [InlineData("?step=0")]
    [InlineData("?from=1999-01-01&step=60")]
    public async Task What_makes_no_sense_is_refused(string query)
    {
        var answer = await server.Send("GET", Route + query);
        Assert.Equal(400, answer.Status);
        Assert.StartsWith("""{"code":"InvalidQueryParameter",""", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_for_administrators()
    {
        var other = (await server.Installation.Accounts.CreateAccount("historian", "historian@example.com", null, null, default)).Value;
        var key = (await server.Installation.Accounts.CreateKey(other, null, null, null, default)).Value;
        var signer = new Signatures.Signer(key.Id, key.Secret, server.Installation.Region, DateTimeOffset.UtcNow);
        Assert.Equal(403, (await server.Send(signer.Sign(server.Request("GET", Route, [])))).Status);
    }
}
