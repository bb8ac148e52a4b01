using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>What a list of keys to delete may say, and what must not be taken for nothing.</summary>
public sealed class DeleteObjectsTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Theory]
    [InlineData("<ETag/>", "InvalidArgument")]
    [InlineData("<ETag> </ETag>", "InvalidArgument")]
    [InlineData("<ETag>\"\"</ETag>", "PreconditionFailed")]
    [InlineData("<Size>2</Size>", "PreconditionFailed")]
    [InlineData("<Size>x</Size>", "InvalidArgument")]
    [InlineData("<LastModifiedTime>2015-01-01T00:00:00Z</LastModifiedTime>", "PreconditionFailed")]
    [InlineData("<LastModifiedTime>once</LastModifiedTime>", "InvalidArgument")]
    [InlineData("<VersionId/>", "InvalidArgument")]
    public async Task An_object_is_not_deleted_on_a_condition_that_does_not_hold(string condition, string code)
    {
        await server.Send("PUT", "/bkt/kept", "x");

        var deleted = await Delete($"<Delete><Object><Key>kept</Key>{condition}</Object></Delete>");

        Assert.Equal([code], deleted.Elements("Code"));
        Assert.Equal(200, (await server.Send("HEAD", "/bkt/kept")).Status);
    }

    [Fact]
    public async Task A_key_of_blanks_is_deleted()
    {
        await server.Send("PUT", "/bkt/%20%20", "x");

        var deleted = await Delete("<Delete>\n  <Object>\n <Key>  </Key>\n  </Object>\n</Delete>");

        Assert.Empty(deleted.Elements("Code"));
        Assert.Equal(404, (await server.Send("HEAD", "/bkt/%20%20")).Status);
    }

    [Fact]
    public async Task What_fails_for_one_key_is_told_of_that_key_and_the_others_are_deleted()
    {
        string[] keys = ["fails/1", "fails/2", "fails/3"];
        foreach (var key in keys) await server.Send("PUT", "/bkt/" + key, "x");

        server.FailingChanges = 1;
        var deleted = await Delete($"<Delete>{string.Concat(keys.Select(key => $"<Object><Key>{key}</Key></Object>"))}</Delete>");

        Assert.Equal((200, "InternalError"), (deleted.Status, deleted.Elements("Code").Single()));
        Assert.Equal(keys, deleted.Elements("Key").Order());
        Assert.Equal([deleted.Elements("Key")[^1]], (await server.Send("GET", "/bkt?prefix=fails/")).Elements("Key"));
    }

    private Task<Answer> Delete(string list) =>
        server.Send("POST", "/bkt?delete", list, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(list))));
}
