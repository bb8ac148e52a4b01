using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class BucketTaggingTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private static string Tag(string key, string value) => $"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>";

    private static string Tagging(params IEnumerable<string> tags) => $"<Tagging><TagSet>{string.Concat(tags)}</TagSet></Tagging>";

    private Task<Answer> Put(string bucket, string document) =>
        server.Send("PUT", $"/{bucket}?tagging", document, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document))));

    [Fact]
    public async Task Tags_are_set_replaced_and_removed()
    {
        await server.Send("PUT", "/tagged");
        Assert.Equal("NoSuchTagSet", (await server.Send("GET", "/tagged?tagging")).Code);

        Assert.Equal(204, (await Put("tagged", Tagging(Tag("b", "1"), Tag("a", "")))).Status);
        var first = await server.Send("GET", "/tagged?tagging");
        Assert.Equal(["b", "a"], first.Elements("Key"));
        Assert.Equal(["1", ""], first.Elements("Value"));

        await Put("tagged", Tagging(Tag("c", "2")));
        Assert.Equal(["c"], (await server.Send("GET", "/tagged?tagging")).Elements("Key"));

        Assert.Equal(204, (await server.Send("DELETE", "/tagged?tagging")).Status);
        Assert.Equal(204, (await server.Send("DELETE", "/tagged?tagging")).Status);
        Assert.Equal("NoSuchTagSet", (await server.Send("GET", "/tagged?tagging")).Code);
    }

    [Fact]
    public async Task A_bucket_is_made_with_tags()
    {
        var made = await server.Send("PUT", "/born-tagged", $"<CreateBucketConfiguration><Tags>{Tag("k", "v")}</Tags></CreateBucketConfiguration>");

        Assert.Equal(200, made.Status);
        Assert.Equal(["k"], (await server.Send("GET", "/born-tagged?tagging")).Elements("Key"));
    }

    [Fact]
    public async Task Characters_are_counted_not_their_bytes() =>
        Assert.Equal(204, (await Put("bkt", Tagging(Tag(string.Concat(Enumerable.Repeat("𐐀", 128)), new string('ü', 256))))).Status);

    public static TheoryData<string, string> Refused() => new()
    {
        { Tagging(Tag("k", "1"), Tag("k", "2")), "InvalidTag" },
        { Tagging(Tag("", "1")), "InvalidTag" },
        { Tagging(Tag(new string('k', 129), "1")), "InvalidTag" },
        { Tagging(Tag("k", new string('v', 257))), "InvalidTag" },
        { Tagging(Tag("k?", "v")), "InvalidTag" },
        { Tagging(Tag("k", "v;")), "InvalidTag" },
        { Tagging(Tag("aws:k", "v")), "InvalidTag" },
        { Tagging(Enumerable.Range(0, 51).Select(i => Tag($"k{i}", "v"))), "BadRequest" },
        { Tagging("<Tag><Key>k</Key></Tag>"), "MalformedXML" },
        { "<Tagging/>", "MalformedXML" },
        { "", "MalformedXML" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task What_is_not_allowed_leaves_the_tags_as_they_were(string document, string code)
    {
        await server.Send("PUT", "/strict");
        await Put("strict", Tagging(Tag("kept", "1")));

        var refused = await Put("strict", document);

        Assert.Equal((400, code), (refused.Status, refused.Code));
        Assert.Equal(["kept"], (await server.Send("GET", "/strict?tagging")).Elements("Key"));
    }

    [Fact]
    public async Task The_body_must_carry_its_digest() =>
        Assert.Equal("InvalidRequest", (await server.Send("PUT", "/bkt?tagging", Tagging())).Code);
}
