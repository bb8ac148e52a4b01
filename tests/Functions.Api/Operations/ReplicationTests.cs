using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>The rules of a bucket's replication, over the wire.</summary>
public sealed class ReplicationTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private const string Role = "<Role>arn:aws:iam::123456789012:role/copy</Role>";
    private const string There = "<Destination><StorageClass>site</StorageClass></Destination>";
    private const string NoMarkers = "<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>";

    private static string Document(params IEnumerable<string> rules) => $"<ReplicationConfiguration>{Role}{string.Concat(rules)}</ReplicationConfiguration>";

    private static string Rule(string content, string destination = There, string status = "Enabled") =>
        $"<Rule>{content}<Status>{status}</Status>{destination}</Rule>";

    private static string Filtered(string filter, string more = NoMarkers, string destination = There, int priority = 1) =>
        $"<Rule><ID>r{priority}</ID><Priority>{priority}</Priority><Filter>{filter}</Filter><Status>Enabled</Status>{destination}{more}</Rule>";

    private static string To(string content) => $"<Destination>{content}</Destination>";

    private static string Class(string storageClass) => To($"<StorageClass>{storageClass}</StorageClass>");

    private static string TagXml(string key) => $"<Tag><Key>{key}</Key><Value>v</Value></Tag>";

    private Task<Answer> Put(string bucket, string document) => server.Send(
        "PUT", $"/{bucket}?replication", document, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document))));

    private async Task<string> Bucket(string name)
    {
        Assert.Equal(200, (await server.Send("PUT", "/" + name)).Status);
        Assert.Equal(200, (await Versioning(name, "Enabled")).Status);
        return name;
    }

    private Task<Answer> Versioning(string bucket, string status) =>
        server.Send("PUT", $"/{bucket}?versioning", $"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");

    private async Task<string> Got(string bucket)
    {
        var got = XDocument.Parse((await server.Send("GET", $"/{bucket}?replication")).Text).Root!;
        foreach (var element in got.DescendantsAndSelf()) element.Name = element.Name.LocalName;
        got.RemoveAttributes();
        return got.ToString(SaveOptions.DisableFormatting).Replace(" />", "/>", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1", "<Rule><ID>a</ID><Prefix>p/</Prefix><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::there</Bucket><StorageClass>site:preferred_read,other</StorageClass></Destination></Rule><Rule><ID>b</ID><Prefix>q/</Prefix><Status>Disabled</Status><Destination><Bucket>arn:aws:s3:::there</Bucket><StorageClass>other</StorageClass></Destination></Rule>")]
    [InlineData("v2", "<Rule><ID>a</ID><Priority>2</Priority><Filter><And><Prefix>p/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Status>Enabled</Status><SourceSelectionCriteria><ReplicaModifications><Status>Disabled</Status></ReplicaModifications><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects></SourceSelectionCriteria><ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication><Destination><Bucket>arn:aws:s3:::there</Bucket><Account>123456789012</Account><StorageClass>site</StorageClass><AccessControlTranslation><Owner>Destination</Owner></AccessControlTranslation><ReplicationTime><Status>Disabled</Status><Time><Minutes>15</Minutes></Time></ReplicationTime><Metrics><Status>Enabled</Status><EventThreshold><Minutes>15</Minutes></EventThreshold></Metrics></Destination><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication></Rule>"
        + "<Rule><ID>b</ID><Priority>1</Priority><Filter><Prefix></Prefix></Filter><Status>Enabled</Status><Destination><StorageClass>other</StorageClass></Destination><DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication></Rule>"
        + "<Rule><ID>c</ID><Priority>0</Priority><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><Status>Disabled</Status><Destination><StorageClass>site,other</StorageClass></Destination><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication></Rule>")]
    public async Task Rules_are_put_got_and_removed(string form, string rules)
    {
        var bucket = await Bucket("crr-" + form);
        Assert.Equal((404, "ReplicationConfigurationNotFoundError"), await Error(server.Send("GET", $"/{bucket}?replication")));

        Assert.Equal(200, (await Put(bucket, Document(rules))).Status);

        Assert.Equal(Document(rules), await Got(bucket));
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}?replication")).Status);
        Assert.Equal(204, (await server.Send("DELETE", $"/{bucket}?replication")).Status);
        Assert.Equal("ReplicationConfigurationNotFoundError", (await server.Send("GET", $"/{bucket}?replication")).Code);
    }

    [Fact]
    public async Task Rules_without_an_id_get_one_and_two_roles_are_taken_as_Zenko_writes_them()
    {
        var bucket = await Bucket("crr-ids");
        var roles = "arn:aws:iam::1234:role/source,arn:aws:iam::*:role/target";
        var document = Document(Rule("<Prefix>a</Prefix>"), Rule("<ID></ID><Prefix>b</Prefix>")).Replace("arn:aws:iam::123456789012:role/copy", roles, StringComparison.Ordinal);

        Assert.Equal(200, (await Put(bucket, document)).Status);

        var got = await server.Send("GET", $"/{bucket}?replication");
        Assert.Equal(2, got.Elements("ID").Where(id => id.Length > 0).Distinct().Count());
        Assert.Equal(roles, got.Element("Role"));
    }

    [Fact]
    public async Task Only_a_versioned_bucket_is_replicated_and_it_stays_one()
    {
        Assert.Equal(200, (await server.Send("PUT", "/crr-plain")).Status);
        Assert.Equal((400, "InvalidRequest"), await Error(Put("crr-plain", Document(Rule("<Prefix/>")))));
        var bucket = await Bucket("crr-versioned");
        await Versioning(bucket, "Suspended");
        Assert.Equal((400, "InvalidRequest"), await Error(Put(bucket, Document(Rule("<Prefix/>")))));
        await Versioning(bucket, "Enabled");
        Assert.Equal(200, (await Put(bucket, Document(Rule("<Prefix/>")))).Status);

        Assert.Equal((409, "InvalidBucketState"), await Error(Versioning(bucket, "Suspended")));
        Assert.Equal(200, (await Versioning(bucket, "Enabled")).Status);
        await server.Send("DELETE", $"/{bucket}?replication");
        Assert.Equal(200, (await Versioning(bucket, "Suspended")).Status);
    }

    public static TheoryData<string, string> Refused() => new()
    {
        { "", "MalformedXML" },
        { "<ReplicationConfiguration>" + Role + "</ReplicationConfiguration>", "MalformedXML" },
        { $"<ReplicationConfiguration>{Rule("<Prefix/>")}</ReplicationConfiguration>", "MalformedXML" },
        { Document(Rule("<Prefix/>")).Replace(Role, "<Role></Role>", StringComparison.Ordinal), "InvalidArgument" },
        { Document(Rule("<Prefix/>")).Replace(":role/copy", ":user/copy", StringComparison.Ordinal), "InvalidArgument" },
        { Document(Rule("<Prefix/>")).Replace("iam::123456789012", "iam::", StringComparison.Ordinal), "InvalidArgument" },
        { Document(Rule("<Prefix/>")).Replace("role/copy", "role/a,arn:aws:iam::1:role/b,arn:aws:iam::1:role/c", StringComparison.Ordinal), "InvalidArgument" },
        { Document(Enumerable.Range(0, 1001).Select(i => Rule($"<ID>{i}</ID><Prefix>{i:d4}</Prefix>"))), "InvalidRequest" },
        { Document(Rule("")), "MalformedXML" },
        { Document(Rule("<Prefix/>", There, "enabled")), "MalformedXML" },
        { Document($"<Rule><Prefix/>{There}</Rule>"), "MalformedXML" },
        { Document("<Rule><Prefix/><Status>Enabled</Status></Rule>"), "MalformedXML" },
        { Document(Rule($"<Prefix>{new string('p', 1025)}</Prefix>")), "InvalidArgument" },
        { Document(Rule("<Prefix>a</Prefix>"), Rule("<Prefix>b</Prefix>"), Rule("<Prefix>ab</Prefix>")), "InvalidRequest" },
        { Document(Rule("<Prefix>b</Prefix>"), Rule("<Prefix></Prefix>")), "InvalidRequest" },
        { Document(Rule($"<ID>{new string('i', 256)}</ID><Prefix/>")), "InvalidArgument" },
        { Document(Rule("<ID>i</ID><Prefix>a</Prefix>"), Rule("<ID>i</ID><Prefix>b</Prefix>")), "InvalidRequest" },
        { Document(Rule("<Prefix/>", To("<Bucket></Bucket><StorageClass>site</StorageClass>"))), "InvalidArgument" },
        { Document(Rule("<Prefix/>", To("<Bucket>there</Bucket><StorageClass>site</StorageClass>"))), "InvalidArgument" },
        { Document(Rule("<Prefix/>", To("<Bucket>arn:aws:s3:::NO</Bucket><StorageClass>site</StorageClass>"))), "InvalidArgument" },
        {
            Document(
                Rule("<Prefix>a</Prefix>", To("<Bucket>arn:aws:s3:::one</Bucket><StorageClass>site</StorageClass>")),
                Rule("<Prefix>b</Prefix>", To("<Bucket>arn:aws:s3:::two</Bucket><StorageClass>site</StorageClass>"))),
            "InvalidRequest"
        },
        { Document(Rule("<Prefix/>", Class("mars"))), "MalformedXML" },
        { Document(Rule("<Prefix/>", Class("disk"))), "MalformedXML" }, // keeps no replicas
        { Document(Rule("<Prefix/>", Class(""))), "MalformedXML" },
        { Document(Rule("<Prefix/>", Class("site,mars"))), "MalformedXML" },
        { Document(Rule("<Prefix/>", Class("site:preferred_write"))), "MalformedXML" },
        { Document(Rule("<Prefix/>", Class("site:preferred_read,other:preferred_read"))), "MalformedXML" },
        { Document(Rule("<Prefix/>", Class("matched"))), "InvalidRequest" },
        { Document(Rule("<Prefix/>", Class("STANDARD"))), "InvalidRequest" }, // which of the two sites?
        { Document(Rule("<Prefix/>", To("<Bucket>arn:aws:s3:::there</Bucket>"))), "InvalidRequest" },
        { Document(Rule("<Prefix/>"), Filtered("")), "InvalidRequest" },
        { Document(Rule("<Prefix/><Filter/>" + NoMarkers + "<Priority>1</Priority>")), "MalformedXML" },
        { Document(Rule("<Prefix/><Priority>1</Priority>")), "InvalidRequest" },
        { Document(Rule("<Prefix/>" + NoMarkers)), "InvalidRequest" },
        { Document(Rule("<Filter/>" + NoMarkers)), "InvalidRequest" },
        { Document(Filtered("", "")), "InvalidRequest" },
        { Document(Filtered("", priority: -1)), "InvalidArgument" },
        { Document(Filtered("<Prefix>a</Prefix>"), Filtered("<Prefix>b</Prefix>").Replace("r1", "r2", StringComparison.Ordinal)), "InvalidRequest" },
        { Document(Filtered("<Prefix>a</Prefix>" + TagXml("k"))), "MalformedXML" },
        { Document(Filtered("<And><Prefix>a</Prefix></And>")), "MalformedXML" },
        { Document(Filtered($"<And>{TagXml("k")}{TagXml("k")}</And>")), "InvalidRequest" },
        { Document(Filtered(TagXml("aws:k"))), "InvalidTag" },
        { Document(Filtered(TagXml("k"), NoMarkers.Replace("Disabled", "Enabled", StringComparison.Ordinal))), "InvalidRequest" },
        { Document(Filtered("", NoMarkers.Replace("Disabled", "On", StringComparison.Ordinal))), "MalformedXML" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task What_is_not_allowed_leaves_the_rules_as_they_were(string document, string code)
    {
        await server.Send("PUT", "/crr-strict");
        await Versioning("crr-strict", "Enabled");
        await Put("crr-strict", Document(Rule("<ID>kept</ID><Prefix/>")));

        Assert.Equal((400, code), await Error(Put("crr-strict", document)));

        Assert.Equal(["kept"], (await server.Send("GET", "/crr-strict?replication")).Elements("ID"));
    }

    [Theory]
    [InlineData("<DeleteReplication><Status>Enabled</Status></DeleteReplication>", "")]
    [InlineData("<SourceSelectionCriteria><ReplicaModifications><Status>Enabled</Status></ReplicaModifications></SourceSelectionCriteria>", "")]
    [InlineData("", "<ReplicationTime><Status>Enabled</Status><Time><Minutes>15</Minutes></Time></ReplicationTime>")]
    [InlineData("", "<EncryptionConfiguration><ReplicaKmsKeyID>k</ReplicaKmsKeyID></EncryptionConfiguration>")]
    public async Task Promises_that_would_not_be_kept_are_not_made(string ofRule, string ofDestination)
    {
        var bucket = "crr-promises";
        await server.Send("PUT", "/" + bucket);
        await Versioning(bucket, "Enabled");

        Assert.Equal((501, "NotImplemented"), await Error(Put(bucket, Document(Filtered("", NoMarkers + ofRule, To("<StorageClass>site</StorageClass>" + ofDestination))))));
        var declined = Filtered("", NoMarkers + ofRule.Replace("Enabled", "Disabled", StringComparison.Ordinal));
        Assert.Equal(200, (await Put(bucket, Document(declined))).Status);
    }

    [Fact]
    public async Task A_bucket_that_keeps_nothing_says_where_to_read_from()
    {
        Assert.Equal(200, (await server.Send(
            "PUT", "/crr-transient", "<CreateBucketConfiguration><LocationConstraint>passing</LocationConstraint></CreateBucketConfiguration>")).Status);
        await Versioning("crr-transient", "Enabled");
        Assert.Equal((400, "InvalidRequest"), await Error(Put("crr-transient", Document(Rule("<Prefix/>", Class("site,other"))))));
        Assert.Equal(200, (await Put("crr-transient", Document(Rule("<Prefix/>", Class("site,other:preferred_read"))))).Status);
    }

    private async Task<string> Copied(string bucket, string key, params SiteState[] sites)
    {
        var version = await server.Objects.Amend((await server.Buckets.Find(bucket, default))!, key, null, version => version with { Replication = new() { Sites = sites } }, default);
        Assert.Null(version.Refusal);
        return $"/{bucket}/{key}";
    }

    [Fact]
    public async Task A_read_tells_how_far_the_copies_are_and_user_metadata_cannot()
    {
        var bucket = await Bucket("crr-told");
        await server.Send(
            "PUT", $"/{bucket}/key", "body",
            "x-amz-meta-site-replication-status: COMPLETED", "x-amz-meta-site-version-id: forged", "x-amz-meta-other-version-id: forged", "x-amz-meta-third-version-id: own");
        Assert.Null((await server.Send("HEAD", $"/{bucket}/key")).Header("x-amz-replication-status"));
        await Put(bucket, Document(Rule("<Prefix/>", Class("other"))));
        var target = await Copied(
            bucket, "key", new("site", ReplicationStatus.Pending), new("done", ReplicationStatus.Completed) { VersionId = "there", ETag = "e" });

        foreach (var verb in new[] { "HEAD", "GET" })
        {
            var read = await server.Send(verb, target);
            Assert.Equal("PROCESSING", read.Header("x-amz-replication-status"));
            Assert.Equal(("PENDING", null), (read.Header("x-amz-meta-site-replication-status"), read.Header("x-amz-meta-site-version-id")));
            Assert.Equal(("COMPLETED", "there"), (read.Header("x-amz-meta-done-replication-status"), read.Header("x-amz-meta-done-version-id")));
            Assert.Equal((null, "own"), (read.Header("x-amz-meta-other-version-id"), read.Header("x-amz-meta-third-version-id")));
        }
        await Copied(bucket, "key", new("site", ReplicationStatus.Failed), new("done", ReplicationStatus.Completed));
        Assert.Equal("FAILED", (await server.Send("HEAD", target)).Header("x-amz-replication-status"));
        await Copied(bucket, "key", new SiteState("done", ReplicationStatus.Completed));
        Assert.Equal("COMPLETED", (await server.Send("HEAD", target)).Header("x-amz-replication-status"));
    }

    [Fact]
    public async Task A_version_that_is_a_copy_says_so_and_other_answers_tell_nothing()
    {
        var bucket = await Bucket("crr-replica");
        await server.Send("PUT", $"/{bucket}/key", "body", "x-amz-meta-scal-replication-status: REPLICA", "x-amz-meta-scal-version-id: v");
        var head = await server.Send("HEAD", $"/{bucket}/key");
        Assert.Equal(("REPLICA", "v"), (head.Header("x-amz-replication-status"), head.Header("x-amz-meta-scal-version-id")));
        foreach (var target in new[] { $"/{bucket}/key?attributes", $"/{bucket}?list-type=2", $"/{bucket}?versions" })
        {
            var answer = await server.Send("GET", target, "", "x-amz-object-attributes: ETag");
            Assert.Equal((200, null), (answer.Status, answer.Header("x-amz-replication-status")));
            Assert.DoesNotContain("REPLICA", answer.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_reader_names_the_site_whose_copy_it_wants()
    {
        var bucket = await Bucket("crr-read");
        await server.Send("PUT", $"/{bucket}/key", "source");
        var copy = Encoding.UTF8.GetBytes("copied");
        var replica = await server.Site.Put(new() { Key = $"{bucket}/key", Size = 6 }, System.IO.Pipelines.PipeReader.Create(new MemoryStream(copy)), default);
        var target = await Copied(bucket, "key", new SiteState("site", ReplicationStatus.Completed) { VersionId = replica.VersionId, ETag = replica.ETag });
        const string Site = "x-amz-location-constraint: site";

        Assert.Equal("copied", (await server.Send("GET", target, "", Site)).Text);
        var range = await server.Send("GET", target, "", Site, "Range: bytes=1-3");
        Assert.Equal((206, "opi", "bytes 1-3/6"), (range.Status, range.Text, range.Header("Content-Range")));
        Assert.Equal(304, (await server.Send("GET", target, "", Site, "If-None-Match: " + range.Header("ETag"))).Status);
        Assert.Equal("source", (await server.Send("GET", target)).Text);
        Assert.Equal((400, "InvalidLocationConstraint"), await Error(server.Send("GET", target, "", "x-amz-location-constraint: other")));
        await Put(bucket, Document(Rule("<Prefix/>", Class("site:preferred_read"))));
        Assert.Equal("copied", (await server.Send("GET", target)).Text);
        Assert.Equal("source", (await server.Send("GET", target, "", "x-amz-location-constraint: us-east-1")).Text);
        Assert.Equal("source", await Text(server.Send("PUT", $"/{bucket}/again", "", $"x-amz-copy-source: {bucket}/key"), $"/{bucket}/again"));
    }

    private async Task<string> Text(Task<Answer> writing, string target)
    {
        Assert.Equal(200, (await writing).Status);
        return (await server.Send("GET", target, "", "x-amz-location-constraint: us-east-1")).Text;
    }

    [Theory]
    [InlineData("<Bucket>arn:aws:s3:::bkt</Bucket>", true)]
    [InlineData("<Bucket>arn:aws:s3:::bkt</Bucket><StorageClass>STANDARD_IA</StorageClass>", true)]
    [InlineData("<Bucket>arn:aws:s3:::bkt</Bucket><StorageClass>only:preferred_read</StorageClass>", false)]
    [InlineData("<StorageClass>STANDARD</StorageClass>", false)]
    public void The_only_location_that_can_have_copies_is_meant_where_none_is_named(string destination, bool isAlone)
    {
        var sites = new Dictionary<string, IReplicas> { ["only"] = new MemorySite() };
        var setting = ReplicationDocument.Parse(Encoding.UTF8.GetBytes(Document(Rule("<Prefix/>", To(destination)))), sites);
        Assert.Equal(["only"], setting.Rules[0].Sites);
        Assert.Equal(isAlone ? ["bkt"] : [], ReplicationDocument.BucketsAlone(setting, sites));
    }

    private static async Task<(int, string?)> Error(Task<Answer> sending)
    {
        var answer = await sending;
        return (answer.Status, answer.Code);
    }
}
