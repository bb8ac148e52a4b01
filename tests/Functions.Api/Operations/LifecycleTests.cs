using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class LifecycleTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Days1 = "<Expiration><Days>1</Days></Expiration>";

    private static string Rule(string content, string status = "Enabled") => $"<Rule>{content}<Status>{status}</Status></Rule>";

    private static string Rules(params IEnumerable<string> rules) => $"<LifecycleConfiguration>{string.Concat(rules)}</LifecycleConfiguration>";

    private static string Filtered(string filter, string actions = Days1) => Rules(Rule($"<ID>r</ID><Filter>{filter}</Filter>{actions}"));

    private static string TagXml(string key) => $"<Tag><Key>{key}</Key><Value>v</Value></Tag>";

    private Task<Answer> Put(string bucket, string document, params string[] headers) => server.Send(
        "PUT", $"/{bucket}?lifecycle", document,
        ["Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document))), .. headers]);

    private async Task<string> Bucket(string name)
    {
        Assert.Equal(200, (await server.Send("PUT", "/" + name)).Status);
        return name;
    }

    [Fact]
    public async Task Rules_are_put_got_and_removed()
    {
        var bucket = await Bucket("life-crud");
        Assert.Equal("NoSuchLifecycleConfiguration", (await server.Send("GET", $"/{bucket}?lifecycle")).Code);
        var document = Rules(
            "<Rule><ID>a</ID><Filter><And><Prefix>p/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></And></Filter><Status>Enabled</Status>"
            + "<Expiration><Days>90</Days></Expiration>"
            + "<Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Transition><Days>60</Days><StorageClass>disk</StorageClass></Transition>"
            + "<NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays><NewerNoncurrentVersions>3</NewerNoncurrentVersions></NoncurrentVersionExpiration>"
            + "<NoncurrentVersionTransition><NoncurrentDays>4</NoncurrentDays><StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition></Rule>",
            "<Rule><ID>b</ID><Filter></Filter><Status>Disabled</Status><Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration></Rule>",
            "<Rule><ID>c</ID><Filter><Prefix>u/</Prefix></Filter><Status>Enabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>",
            "<Rule><ID>d</ID><Filter><ObjectSizeLessThan>9</ObjectSizeLessThan></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>");

        Assert.Equal(200, (await Put(bucket, document)).Status);

        var got = XDocument.Parse((await server.Send("GET", $"/{bucket}?lifecycle")).Text).Root!;
        foreach (var element in got.DescendantsAndSelf()) (element.Name, _) = (element.Name.LocalName, element.Attributes().ToList().RemoveAll(_ => true));
        got.RemoveAttributes();
        Assert.Equal(document, got.ToString(SaveOptions.DisableFormatting));
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}?lifecycle")).Status);
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}?lifecycle")).Status);
        Assert.Equal("NoSuchLifecycleConfiguration", (await server.Send("GET", $"/{bucket}?lifecycle")).Code);
    }

    [Fact]
    public async Task A_rule_of_the_older_form_keeps_it_and_gets_an_id()
    {
        var bucket = await Bucket("life-old");
        await Put(bucket, Rules(Rule("<Prefix>old/</Prefix>" + Days1), Rule("<ID></ID><Prefix/>" + Days1)));

        var got = await server.Send("GET", $"/{bucket}?lifecycle");

        Assert.Equal(["old/", ""], got.Elements("Prefix"));
        Assert.Empty(got.Elements("Filter"));
        Assert.Equal(2, got.Elements("ID").Where(id => id.Length > 0).Distinct().Count());
    }

    [Fact]
    public async Task Which_small_objects_are_moved_is_remembered()
    {
        const string Header = "x-amz-transition-default-minimum-object-size";
        var bucket = await Bucket("life-small");
        Assert.Equal("all_storage_classes_128K", (await Put(bucket, Filtered(""))).Header(Header));
        Assert.Equal("varies_by_storage_class", (await Put(bucket, Filtered(""), Header + ": varies_by_storage_class")).Header(Header));
        Assert.Equal("InvalidArgument", (await Put(bucket, Filtered(""), Header + ": tiny")).Code);
        Assert.Equal("varies_by_storage_class", (await server.Send("GET", $"/{bucket}?lifecycle")).Header(Header));
    }

    private static string Transition(string when, string storageClass = "GLACIER") => $"<Transition>{when}<StorageClass>{storageClass}</StorageClass></Transition>";

    public static TheoryData<string, string> Refused() => new()
    {
        { "", "MalformedXML" },
        { Rules(), "MalformedXML" },
        { Rules(Enumerable.Range(0, 1001).Select(i => Rule($"<ID>{i}</ID><Prefix>p</Prefix>" + Days1))), "MalformedXML" },
        { Rules(Rule("<Prefix>p</Prefix>" + Days1, "enabled")), "MalformedXML" },
        { Rules(Rule(Days1)), "MalformedXML" },
        { Rules(Rule("<Prefix>p</Prefix>")), "InvalidRequest" },
        { Rules(Rule("<Prefix>p</Prefix><Filter/>" + Days1)), "MalformedXML" },
        { Rules(Rule("<Prefix>p</Prefix>" + Days1), Rule("<Filter/>" + Days1)), "InvalidRequest" },
        { Rules(Rule($"<ID>{new string('i', 256)}</ID><Prefix>p</Prefix>" + Days1)), "InvalidArgument" },
        { Rules(Rule("<ID>i</ID><Prefix>p</Prefix>" + Days1), Rule("<ID>i</ID><Prefix>q</Prefix>" + Days1)), "InvalidArgument" },
        { Rules(Rule($"<Prefix>{new string('p', 1025)}</Prefix>" + Days1)), "InvalidRequest" },
        { Filtered("", "<Expiration/>"), "MalformedXML" },
        { Filtered("", "<Expiration><Days>0</Days></Expiration>"), "InvalidArgument" },
        { Filtered("", "<Expiration><Days>9999999999</Days></Expiration>"), "MalformedXML" },
        { Filtered("", "<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"), "MalformedXML" },
        { Filtered("", "<Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>"), "InvalidArgument" },
        { Filtered("", "<Expiration><Date>soon</Date></Expiration>"), "MalformedXML" },
        { Filtered(TagXml("k"), "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"), "InvalidRequest" },
        { Filtered(TagXml("k"), "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>"), "InvalidRequest" },
        { Filtered("", "<AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation></AbortIncompleteMultipartUpload>"), "InvalidArgument" },
        { Filtered("", "<AbortIncompleteMultipartUpload/>"), "MalformedXML" },
        { Filtered("<Prefix>p</Prefix>" + TagXml("k")), "MalformedXML" },
        { Filtered("<And><Prefix>p</Prefix></And>"), "MalformedXML" },
        { Filtered($"<And>{TagXml("k")}{TagXml("k")}</And>"), "InvalidRequest" },
        { Filtered(TagXml("aws:k")), "InvalidTag" },
        { Filtered("<And><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>5</ObjectSizeLessThan></And>"), "InvalidRequest" },
        { Filtered("<ObjectSizeGreaterThan>-1</ObjectSizeGreaterThan>"), "InvalidArgument" },
        { Filtered("", Transition("")), "MalformedXML" },
        { Filtered("", Transition("<Days>1</Days>", "ICE")), "MalformedXML" },
        { Filtered("", Transition("<Days>-1</Days>")), "InvalidArgument" },
        { Filtered("", Transition("<Days>1</Days>") + Transition("<Days>2</Days>")), "InvalidRequest" },
        { Filtered("", Transition("<Days>1</Days>") + Transition("<Date>2030-01-01T00:00:00Z</Date>", "disk")), "InvalidRequest" },
        { Filtered("", "<Expiration><Days>9</Days></Expiration>" + Transition("<Date>2030-01-01T00:00:00Z</Date>")), "InvalidRequest" },
        { Filtered("", "<Expiration><Days>9</Days></Expiration>" + Transition("<Days>9</Days>")), "InvalidArgument" },
        { Filtered("", "<NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>"), "InvalidArgument" },
        { Filtered("", "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>"), "InvalidArgument" },
        { Filtered("", "<NoncurrentVersionExpiration><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>"), "MalformedXML" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task What_is_not_allowed_leaves_the_rules_as_they_were(string document, string code)
    {
        await server.Send("PUT", "/life-strict");
        await Put("life-strict", Rules(Rule("<ID>kept</ID><Prefix/>" + Days1)));

        var refused = await Put("life-strict", document);

        Assert.Equal((400, code), (refused.Status, refused.Code));
        Assert.Equal(["kept"], (await server.Send("GET", "/life-strict?lifecycle")).Elements("ID"));
    }

    [Fact]
    public async Task An_object_that_will_expire_says_when_and_by_which_rule()
    {
        var bucket = await Bucket("life-header");
        await Put(bucket, Rules(
            Rule("<ID>later</ID><Filter><Prefix>a/</Prefix></Filter><Expiration><Days>9</Days></Expiration>"),
            Rule("<ID>by date &amp; hour</ID><Filter><Prefix>a/b/</Prefix></Filter><Expiration><Date>2020-01-01T00:00:00Z</Date></Expiration>"),
            Rule("<ID>off</ID><Filter/><Expiration><Days>1</Days></Expiration>", "Disabled")));

        var put = await server.Send("PUT", $"/{bucket}/a/x", "body");
        var written = DateTimeOffset.UtcNow;

        var header = put.Header("x-amz-expiration")!;
        Assert.EndsWith(", rule-id=\"later\"", header, StringComparison.Ordinal);
        var at = DateTimeOffset.Parse(header.Split('"')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(TimeSpan.Zero, at.TimeOfDay);
        Assert.Equal(9, (at - written).Days);
        Assert.Equal(header, (await server.Send("HEAD", $"/{bucket}/a/x")).Header("x-amz-expiration"));
        Assert.Equal(header, (await server.Send("GET", $"/{bucket}/a/x")).Header("x-amz-expiration"));
        Assert.Equal(
            "expiry-date=\"Wed, 01 Jan 2020 00:00:00 GMT\", rule-id=\"by%20date%20%26%20hour\"",
            (await server.Send("PUT", $"/{bucket}/a/b/x", "body")).Header("x-amz-expiration"));
        Assert.Null((await server.Send("PUT", $"/{bucket}/c", "body")).Header("x-amz-expiration"));
    }
}
