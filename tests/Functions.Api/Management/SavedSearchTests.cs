using System.Text.Json;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>Searches that are kept over the management API.</summary>
public sealed class SavedSearchTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Route = "/_/management/searches";

    private async Task<IReadOnlyList<SearchLine>> Kept() => JsonSerializer.Deserialize((await server.Send("GET", Route)).Text, SearchJson.Default.SearchList)!.Searches;

    [Fact]
    public async Task A_search_is_kept_replaced_and_forgotten()
    {
        Assert.Empty(await Kept());
        Assert.Equal(200, (await server.Send("PUT", Route + "/b%2F%C3%A9", """{"bucket":"photos","expression":"key = 1"}""")).Status);
        Assert.Equal(200, (await server.Send("PUT", Route + "/a", """{"bucket":"photos","expression":"key = 2","versions":true}""")).Status);
        Assert.Equal(200, (await server.Send("PUT", Route + "/b%2F%C3%A9", """{"bucket":"photos","expression":"key = 3"}""")).Status);
        Assert.Equal([new("a", "photos", "key = 2", true), new("b/é", "photos", "key = 3", false)], await Kept());
        Assert.Equal(204, (await server.Send("DELETE", Route + "/a")).Status);
        Assert.Equal(204, (await server.Send("DELETE", Route + "/b%2F%C3%A9")).Status);
        Assert.Equal(204, (await server.Send("DELETE", Route + "/never")).Status);
        Assert.Empty(await Kept());
    }

    [Theory]
    [InlineData("name", """{"bucket":"photos"}""", "MalformedBody")]
    [InlineData("name", """{"bucket":"../x","expression":"key = 1"}""", "MalformedBody")]
    [InlineData("name", """{"bucket":"photos","expression":""}""", "InvalidRequest")]
    [InlineData("a-name-of-more-than-sixty-four-characters-is-no-name-that-anybody-can-remember", """{"bucket":"photos","expression":"key = 1"}""", "InvalidRequest")]
    public async Task What_cannot_be_kept_is_told_so(string name, string body, string code)
    {
        var answer = await server.Send("PUT", $"{Route}/{name}", body);
        Assert.Equal(400, answer.Status);
        Assert.StartsWith($$"""{"code":"{{code}}",""", answer.Text, StringComparison.Ordinal);
    }
}
