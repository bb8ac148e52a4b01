namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class NotificationTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    internal const string Hook = "arn:aws:sqs:us-east-1:000000000001:hook";

    internal static string Queue(string content, string arn = Hook) => $"<QueueConfiguration>{content}<Queue>{arn}</Queue></QueueConfiguration>";

    internal static string Configuration(params IEnumerable<string> rules) => $"<NotificationConfiguration>{string.Concat(rules)}</NotificationConfiguration>";

    private static string Created(string? id = null, string filter = "") =>
        (id is null ? "" : $"<Id>{id}</Id>") + "<Event>s3:ObjectCreated:*</Event>" + filter;

    private static string Filter(string name, string value) =>
        $"<Filter><S3Key><FilterRule><Name>{name}</Name><Value>{value}</Value></FilterRule></S3Key></Filter>";

    private Task<Answer> Put(string bucket, string document, params string[] headers) =>
        server.Send("PUT", $"/{bucket}?notification", document, headers);

    [Fact]
    public async Task Configurations_are_put_got_and_emptied()
    {
        await server.Send("PUT", "/notes-crud");
        var none = await server.Send("GET", "/notes-crud?notification");
        Assert.Equal((200, 0), (none.Status, none.Elements("Event").Count));

        var put = await Put("notes-crud", Configuration(
            "<TopicConfiguration><Id>t</Id><Topic>arn:aws:sns:us-east-1:1:other</Topic><Event>s3:ObjectRemoved:Delete</Event></TopicConfiguration>",
            Queue(Created("q", "<Filter><S3Key><FilterRule><Name>suffix</Name><Value>.jpg</Value></FilterRule><FilterRule><Name>Prefix</Name><Value>in/</Value></FilterRule></S3Key></Filter>")),
            "<CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:us-east-1:1:function:hook</CloudFunction><Event>s3:ObjectTagging:Put</Event></CloudFunctionConfiguration>",
            "<EventBridgeConfiguration/>"));

        Assert.Equal(200, put.Status);
        var got = await server.Send("GET", "/notes-crud?notification");
        Assert.Equal("arn:aws:sns:us-east-1:1:other", got.Element("Topic"));
        Assert.Equal(Hook, got.Element("Queue"));
        Assert.Equal("arn:aws:lambda:us-east-1:1:function:hook", got.Element("CloudFunction"));
        Assert.Equal(["s3:ObjectRemoved:Delete", "s3:ObjectCreated:*", "s3:ObjectTagging:Put"], got.Elements("Event"));
        Assert.Equal(["Prefix", "Suffix"], got.Elements("Name"));
        Assert.Equal(["in/", ".jpg"], got.Elements("Value"));
        Assert.Single(got.Elements("EventBridgeConfiguration"));
        Assert.Equal(["t", "q"], got.Elements("Id").Take(2));
        Assert.NotEqual("", got.Elements("Id")[2]);

        Assert.Equal(200, (await Put("notes-crud", Configuration())).Status);
        Assert.Empty((await server.Send("GET", "/notes-crud?notification")).Elements("Event"));
    }

    [Fact]
    public async Task A_target_that_the_server_does_not_know_is_refused_unless_it_is_not_to_be_checked()
    {
        await server.Send("PUT", "/notes-unknown");
        var document = Configuration(Queue(Created(), "arn:aws:sqs:us-east-1:1:nobody"));

        Assert.Equal("InvalidArgument", (await Put("notes-unknown", document)).Code);
        Assert.Equal(200, (await Put("notes-unknown", document, "x-amz-skip-destination-validation: true")).Status);
    }

    [Fact]
    public async Task Zenkos_form_of_a_destination_is_taken()
    {
        await server.Send("PUT", "/notes-zenko");
        Assert.Equal(200, (await Put("notes-zenko", Configuration(Queue(Created(), "arn:scality:bucketnotif:::hook")))).Status);
    }

    public static TheoryData<string, string> Refused() => new()
    {
        { "", "MalformedXML" },
        { Configuration(Queue("")), "MalformedXML" },
        { Configuration("<QueueConfiguration><Event>s3:ObjectCreated:*</Event></QueueConfiguration>"), "MalformedXML" },
        { Configuration(Queue("<Event>s3:ObjectCreated:Get</Event>")), "InvalidArgument" },
        { Configuration(Queue("<Event>s3:*</Event>")), "InvalidArgument" },
        { Configuration(Queue(Created(), "hook")), "InvalidArgument" },
        { Configuration(Queue(Created(), "arn:aws:sns:us-east-1:1:hook")), "InvalidArgument" },
        { Configuration(Queue(Created(new string('i', 256)))), "InvalidArgument" },
        { Configuration(Queue(Created("i")), Queue("<Id>i</Id><Event>s3:ObjectRemoved:*</Event>")), "InvalidArgument" },
        { Configuration(Queue(Created(null, Filter("middle", "x")))), "InvalidArgument" },
        { Configuration(Queue(Created(null, Filter("prefix", new string('p', 1025))))), "InvalidArgument" },
        { Configuration(Queue(Created(null, "<Filter><S3Key><FilterRule><Name>prefix</Name><Value>a</Value></FilterRule><FilterRule><Name>Prefix</Name><Value>b</Value></FilterRule></S3Key></Filter>"))), "InvalidArgument" },
        { Configuration(Queue(Created(null, Filter("prefix", "a"))), Queue("<Event>s3:ObjectCreated:Put</Event>" + Filter("prefix", "ab"))), "InvalidArgument" },
        { Configuration(Queue(Created()), Queue("<Event>s3:ObjectCreated:Put</Event>" + Filter("suffix", "b"))), "InvalidArgument" },
        { Configuration(Enumerable.Range(0, 101).Select(i => Queue(Created(null, Filter("prefix", $"{i:000}"))))), "InvalidArgument" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task What_is_not_allowed_leaves_the_configuration_as_it_was(string document, string code)
    {
        await server.Send("PUT", "/notes-strict");
        await Put("notes-strict", Configuration(Queue(Created("kept"))));

        var refused = await Put("notes-strict", document);

        Assert.Equal((400, code), (refused.Status, refused.Code));
        Assert.Equal(["kept"], (await server.Send("GET", "/notes-strict?notification")).Elements("Id"));
    }

    [Fact]
    public async Task Rules_that_share_no_key_may_share_an_event()
    {
        await server.Send("PUT", "/notes-apart");
        Assert.Equal(200, (await Put("notes-apart", Configuration(
            Queue(Created(null, Filter("prefix", "a"))), Queue(Created(null, Filter("prefix", "b")))))).Status);
    }

    [Fact]
    public async Task A_destination_is_told_when_it_is_configured_even_if_it_fails_at_first()
    {
        await server.Send("PUT", "/notes-test");
        server.Target.Failures = 1;
        await Put("notes-test", Configuration(Queue(Created())));

        var test = await server.Target.Next("notes-test");

        Assert.Equal("s3:TestEvent", test.GetProperty("Event").GetString());
        Assert.Equal("Amazon S3", test.GetProperty("Service").GetString());
    }
}
