using System.Net.Http.Headers;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Uploads by a browser's form.</summary>
public sealed class PostObjectTests(ObjectServer server) : IClassFixture<ObjectServer>, IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    public void Dispose() => client.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_signed_form_stores_its_file_as_the_fields_say(int version)
    {
        var form = new PostForm { File = Encoding.UTF8.GetBytes("hällo") }
            .With("KEY", "dir/é.txt").With("content-type", "text/plain").With("Cache-Control", "no-store").With("x-amz-meta-Who", "me")
            .With("x-amz-storage-class", "STANDARD_IA").With("acl", "private").With("x-ignore-me", "anything");
        var conditions = """{"bucket": "bkt"}, ["starts-with", "$key", "dir/"], ["eq", "$Content-Type", "text/plain"], """
            + """["starts-with", "$cache-control", ""], {"x-amz-meta-who": "me"}, {"x-amz-storage-class": "STANDARD_IA"}, {"ACL": "private"}, """
            + """["content-length-range", 1, 100]""";
        var answer = await Post(version == 2 ? form.SignV2(server.Key, PostForm.Policy(conditions)) : form.SignV4(server.Key, conditions));

        Assert.Equal(204, answer.Status);
        Assert.Empty(answer.Body);
        Assert.Equal($"{Way.Scheme}://{server.Address.Authority}/bkt/dir%2F%C3%A9.txt", answer.Header("Location"));
        var stored = await server.Send("GET", "/bkt/dir/%C3%A9.txt");
        Assert.Equal("hällo", stored.Text);
        Assert.Equal(answer.Header("ETag"), stored.Header("ETag"));
        Assert.Equal("text/plain", stored.Header("Content-Type"));
        Assert.Equal("no-store", stored.Header("Cache-Control"));
        Assert.Equal("me", stored.Header("x-amz-meta-who"));
        Assert.Equal("STANDARD_IA", stored.Header("x-amz-storage-class"));
    }

    [Theory]
    [InlineData(2, "{\"StringNotEquals\":{\"s3:signatureversion\":\"AWS4-HMAC-SHA256\"}}", 403)]
    [InlineData(4, "{\"StringNotEquals\":{\"s3:signatureversion\":\"AWS4-HMAC-SHA256\"}}", 204)]
    [InlineData(4, "{\"NumericGreaterThan\":{\"s3:signatureAge\":\"600000\"}}", 204)]
    [InlineData(4, "{\"NumericLessThanEquals\":{\"s3:signatureAge\":\"600000\"}}", 403)]
    [InlineData(4, "{\"StringEquals\":{\"s3:authType\":\"POST\"}}", 403)]
    public async Task A_policy_sees_how_and_when_a_form_was_signed(int version, string denial, int status)
    {
        await server.Send("PUT", "/form-signed");
        await server.Send("PUT", "/form-signed?policy", $$"""
            {"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::form-signed/*","Condition":{{denial}} } }
            """.Trim());
        var form = new PostForm().With("key", "k");
        const string Conditions = """{"bucket": "form-signed"}, {"key": "k"}""";
        if (version == 2) form.SignV2(server.Key, PostForm.Policy(Conditions));
        else form.SignV4(server.Key, Conditions);
        // A header beside the form is not signed, and does not count.
        Assert.Equal(status, (await Post(form, "/form-signed", null, ("x-amz-date", "20200101T000000Z"))).Status);
    }

    [Theory]
    [InlineData("http://else.test/\r\nSet-Cookie: a=b")]
    [InlineData("http://else.test/\nx")]
    [InlineData("http://else.test/ü")]
    [InlineData("//else.test/")]
    [InlineData("javascript:alert(1)")]
    public async Task Where_a_form_sends_the_browser_ends_no_header(string target)
    {
        var form = new PostForm().With("key", "redirected").With("success_action_redirect", target);
        var answer = await Post(form.SignV4(server.Key, """{"bucket": "bkt"}, {"key": "redirected"}, ["starts-with", "$success_action_redirect", ""]"""));
        Assert.Contains(answer.Status, (int[])[204, 303]);
        Assert.Null(answer.Header("Set-Cookie"));
        Assert.StartsWith("http", answer.Header("Location"), StringComparison.Ordinal);
        Assert.True(System.Text.Ascii.IsValid(answer.Header("Location")));
    }

    [Fact]
    public async Task A_large_file_is_stored_byte_by_byte_and_the_connection_serves_on()
    {
        var file = new byte[5_000_003];
        new Random(7).NextBytes(file);
        // What looks like the boundary must not end it.
        "\r\n------WebKitFormBoundary7MA4"u8.CopyTo(file.AsSpan(131_060));
        for (var round = 0; round < 3; round++)
        {
            var answer = await Post(Signed("large", file: file));
            Assert.Equal(204, answer.Status);
            Assert.False(answer.Headers.ConnectionClose ?? false);
        }
        Assert.Equal(file, (await server.Send("GET", "/bkt/large")).Body);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("1024")]
    [InlineData("1025")]
    [InlineData("131072")]
    public async Task Files_of_all_sizes_come_through(string size)
    {
        var file = Encoding.ASCII.GetBytes(new string('-', int.Parse(size, System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(204, (await Post(Signed($"size-{size}", file: file))).Status);
        Assert.Equal(file, (await server.Send("GET", $"/bkt/size-{size}")).Body);
    }

    [Theory]
    [InlineData("holiday.jpg", "up/holiday.jpg")]
    [InlineData(@"C:\pictures\holiday.jpg", "up/holiday.jpg")]
    [InlineData("ürlaub.jpg", "up/ürlaub.jpg")]
    public async Task The_key_may_hold_the_files_name(string fileName, string key)
    {
        var form = new PostForm { FileName = fileName }.With("key", "up/${filename}").With("success_action_status", "201");
        var answer = await Post(form.SignV2(server.Key, PostForm.Policy("""{"bucket": "bkt"}, ["starts-with", "$key", "up/"], {"success_action_status": "201"}""")));
        Assert.Equal(201, answer.Status);
        Assert.Equal(("bkt", key), (answer.Element("Bucket"), answer.Element("Key")));
        Assert.Equal(answer.Header("ETag"), answer.Element("ETag"));
        Assert.Equal(answer.Header("Location"), answer.Element("Location"));
        Assert.DoesNotContain("xmlns", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("200", 200)]
    [InlineData("204", 204)]
    [InlineData("404", 204)]
    [InlineData("", 204)]
    public async Task Success_is_told_by_the_status_that_the_form_asks_for(string asked, int status)
    {
        var answer = await Post(Signed("status", ("success_action_status", asked)));
        Assert.Equal(status, answer.Status);
        Assert.Empty(answer.Body);
    }

    [Theory]
    [InlineData("success_action_redirect", "http://pages.test/done", "http://pages.test/done?bucket=bkt&key=a%26b%2Fc&etag=%2237b51d194a7513e45b56f6524f2d51f2%22")]
    [InlineData("redirect", "https://pages.test/?a=b", "https://pages.test/?a=b&bucket=bkt&key=a%26b%2Fc&etag=%2237b51d194a7513e45b56f6524f2d51f2%22")]
    [InlineData("success_action_redirect", "not an address", null)]
    [InlineData("success_action_redirect", "javascript:alert(1)", null)]
    public async Task Success_may_send_the_browser_on(string field, string asked, string? location)
    {
        var answer = await Post(Signed("a&b/c", (field, asked)));
        Assert.Equal(location is null ? 204 : 303, answer.Status);
        if (location is not null) Assert.Equal(location, answer.Header("Location"));
    }

    [Fact]
    public async Task Checksums_in_fields_are_verified()
    {
        Assert.Equal(204, (await Post(Signed("sum", ("x-amz-checksum-crc32", "dv+Mqg==")))).Status);
        Assert.Equal("dv+Mqg==", (await server.Send("GET", "/bkt/sum", "", "x-amz-checksum-mode: ENABLED")).Header("x-amz-checksum-crc32"));
        Assert.Equal("BadDigest", (await Post(Signed("bad", ("x-amz-checksum-crc32", "AAAAAA==")))).Code);
        Assert.Equal("BadDigest", (await Post(Signed("bad", ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")))).Code);
        Assert.Equal("InvalidRequest", (await Post(Signed("bad", ("x-amz-checksum-crc32", "!")))).Code);
        Assert.Equal(404, (await server.Send("GET", "/bkt/bad")).Status);
    }

    [Fact]
    public async Task What_comes_behind_the_file_is_passed_over()
    {
        var form = Signed("behind");
        form.After = PostForm.Part("x-amz-meta-late", "1");
        Assert.Equal(204, (await Post(form)).Status);
        Assert.Null((await server.Send("GET", "/bkt/behind")).Header("x-amz-meta-late"));
    }

    [Theory]
    // Conditions that the form (key=ok, x-amz-meta-a=1, a file of three bytes) does not fulfil.
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}""", null)]
    [InlineData("""{"bUCket": "bkt"}, {"kEy": "ok"}, ["StArTs-with", "$X-aMz-meta-A", ""]""", null)]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, ["content-length-range", "3", "3"]""", null)]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, ["starts-with", "$acl", ""]""", null)]
    [InlineData("""{"key": "ok"}, {"x-amz-meta-a": "1"}""", "AccessDenied")]
    [InlineData("""{"bucket": "other"}, {"key": "ok"}, {"x-amz-meta-a": "1"}""", "AccessDenied")]
    [InlineData("""{"bucket": "bkt"}, {"key": "OK"}, {"x-amz-meta-a": "1"}""", "AccessDenied")]
    [InlineData("""{"bucket": "bkt"}, ["starts-with", "$key", "okk"], {"x-amz-meta-a": "1"}""", "AccessDenied")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}""", "AccessDenied")]
    [InlineData("""{"bucket": "bkt"}, {"x-amz-meta-a": "1"}""", "AccessDenied")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, {"acl": "private"}""", "AccessDenied")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, ["starts-with", "$acl", "p"]""", "AccessDenied")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, {"x-amz-meta-a": "2"}""", "AccessDenied")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, ["content-length-range", 0, 2]""", "EntityTooLarge")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, ["content-length-range", 4, 10]""", "EntityTooSmall")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, ["content-length-range", 0, 9], ["content-length-range", 0, 2]""", "EntityTooLarge")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, ["content-length-range", 0]""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, ["content-length-range", -1, 0]""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, ["content-length-range", 0, 1.5]""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": "1"}, {}""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt", "key": "ok"}, {"x-amz-meta-a": "1"}""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, {"x-amz-meta-a": 1}""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, ["ends-with", "$x-amz-meta-a", "1"]""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, ["eq", "x-amz-meta-a", "1"]""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, {"key": "ok"}, ["eq", "$", "1"]""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, "key" """, "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, [[[[[1]]]]]""", "InvalidPolicyDocument")]
    [InlineData("""{"bucket": "bkt"}, """, "InvalidPolicyDocument")]
    public async Task Every_condition_must_hold_and_every_field_must_have_one(string conditions, string? code)
    {
        await server.Send("DELETE", "/bkt/ok");
        var form = new PostForm().With("key", "ok").With("x-amz-meta-a", "1");
        var answer = await Post(form.SignV2(server.Key, PostForm.Policy(conditions)));
        Assert.Equal(code, answer.Code);
        Assert.Equal(code switch { null => 204, "AccessDenied" => 403, _ => 400 }, answer.Status);
        Assert.Equal(code is null ? 200 : 404, (await server.Send("HEAD", "/bkt/ok")).Status);
    }

    [Theory]
    [InlineData("""{"expiration": "2099-01-01T00:00:00Z", "conditions": [{"bucket": "bkt"}, {"key": "ok"}]}""", null)]
    [InlineData("""{"expiration": "2099-01-01T00:00:00.000Z", "conditions": [{"bucket": "bkt"}, {"key": "ok"}]}""", null)]
    [InlineData("""{"expiration": "2009-01-01T00:00:00Z", "conditions": [{"bucket": "bkt"}, {"key": "ok"}]}""", "AccessDenied")]
    [InlineData("""{"expiration": "2099-01-01 00:00:00+00:00", "conditions": [{"bucket": "bkt"}, {"key": "ok"}]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration": 4070908800, "conditions": [{"bucket": "bkt"}, {"key": "ok"}]}""", "InvalidPolicyDocument")]
    [InlineData("""{"EXPIRATION": "2099-01-01T00:00:00Z", "conditions": [{"bucket": "bkt"}, {"key": "ok"}]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration": "2099-01-01T00:00:00Z", "Conditions": [{"bucket": "bkt"}, {"key": "ok"}]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration": "2099-01-01T00:00:00Z", "conditions": [{"bucket": "bkt"}, {"key": "ok"}], "more": 1}""", "InvalidPolicyDocument")]
    [InlineData("""{"conditions": [{"bucket": "bkt"}, {"key": "ok"}]}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration": "2099-01-01T00:00:00Z"}""", "InvalidPolicyDocument")]
    [InlineData("""{"expiration": "2099-01-01T00:00:00Z", "conditions": {"bucket": "bkt"}}""", "InvalidPolicyDocument")]
    [InlineData("[]", "InvalidPolicyDocument")]
    [InlineData("", "InvalidArgument")]
    public async Task A_policy_has_an_expiration_and_conditions(string policy, string? code) =>
        Assert.Equal(code, (await Post(new PostForm().With("key", "ok").SignV2(server.Key, policy))).Code);

    [Theory]
    [InlineData("image/png", true)]
    [InlineData("image/png, image/jpeg", true)]
    [InlineData("image/png,text/html", false)]
    public async Task Each_of_a_list_of_types_must_begin_as_the_policy_says(string type, bool allowed)
    {
        var form = new PostForm().With("key", "ok").With("Content-Type", type);
        var answer = await Post(form.SignV2(server.Key, PostForm.Policy("""{"bucket": "bkt"}, {"key": "ok"}, ["starts-with", "$Content-Type", "image/"]""")));
        Assert.Equal(allowed ? 204 : 403, answer.Status);
    }

    [Theory]
    [InlineData("signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "SignatureDoesNotMatch")]
    [InlineData("signature", "no base64", "SignatureDoesNotMatch")]
    [InlineData("signature", null, "InvalidArgument")]
    [InlineData("AWSAccessKeyId", "NOBODY", "InvalidAccessKeyId")]
    [InlineData("AWSAccessKeyId", null, "InvalidArgument")]
    [InlineData("policy", "e30=", "SignatureDoesNotMatch")]
    [InlineData("policy", null, "InvalidArgument")]
    public async Task A_form_of_version_2_with_a_field_changed_is_refused(string field, string? value, string code) =>
        Assert.Equal(code, (await Post(Changed(Signed("sig"), field, value))).Code);

    [Theory]
    [InlineData("x-amz-signature", "0000000000000000000000000000000000000000000000000000000000000000", "SignatureDoesNotMatch")]
    [InlineData("x-amz-signature", "x", "SignatureDoesNotMatch")]
    [InlineData("x-amz-signature", null, "InvalidArgument")]
    [InlineData("x-amz-algorithm", "AWS4-HMAC-SHA1", "InvalidArgument")]
    [InlineData("x-amz-algorithm", null, "InvalidArgument")]
    [InlineData("x-amz-credential", null, "InvalidArgument")]
    [InlineData("x-amz-credential", "a/b", "AuthorizationQueryParametersError")]
    [InlineData("x-amz-date", "20200101T000000Z", "InvalidArgument")]
    [InlineData("x-amz-date", "today", "InvalidArgument")]
    [InlineData("AWSAccessKeyId", "too", "InvalidArgument")]
    public async Task A_form_of_version_4_with_a_field_changed_is_refused(string field, string? value, string code) =>
        Assert.Equal(code, (await Post(Changed(
            new PostForm().With("key", "sig4").SignV4(server.Key, """{"bucket": "bkt"}, {"key": "sig4"}"""), field, value))).Code);

    [Fact]
    public async Task Another_region_than_the_servers_is_refused() => Assert.Equal(
        "AuthorizationQueryParametersError",
        (await Post(new PostForm().With("key", "k").SignV4(server.Key, """{"bucket": "bkt"}, {"key": "k"}""", region: "eu-west-1"))).Code);

    [Fact]
    public async Task An_unsigned_form_gets_as_far_as_the_policy() => Assert.Equal(
        (403, "AccessDenied"), Told(await Post(new PostForm().With("key", "open"))));

    [Fact]
    public async Task An_unsigned_form_is_stored_where_everybody_may_write()
    {
        Assert.Equal(200, (await server.Send("PUT", "/post-open", "", "x-amz-acl: public-read-write", "x-amz-object-ownership: ObjectWriter")).Status);
        var tags = "<Tagging><TagSet><Tag><Key>a b</Key><Value>c=d+é</Value></Tag></TagSet></Tagging>";
        var answer = await Post(new PostForm().With("key", "open").With("acl", "public-read").With("tagging", tags).With("submit", "Go"), "/post-open");
        Assert.Equal(204, answer.Status);
        Assert.Equal("bar", (await server.SendUnsigned("GET", "/post-open/open")).Text);
        var stored = await server.Send("GET", "/post-open/open?tagging");
        Assert.Equal(("a b", "c=d+é"), (stored.Element("Key"), stored.Element("Value")));
        Assert.Equal((400, "MalformedXML"), Told(await Post(new PostForm().With("key", "open").With("tagging", "a=b"), "/post-open")));
    }

    [Fact]
    public async Task A_form_without_a_bucket_to_go_to_is_refused() => Assert.Equal(
        (404, "NoSuchBucket"), Told(await Post(Signed("k"), "/nowhere-at-all", patch: f => f.SignV2(server.Key, PostForm.Policy("""{"bucket": "nowhere-at-all"}, {"key": "k"}"""))))); 

    [Fact]
    public async Task A_form_needs_a_key_and_a_file_and_each_field_once()
    {
        Assert.Equal((400, "InvalidArgument"), Told(await Post(new PostForm().SignV2(server.Key, PostForm.Policy("""{"bucket": "bkt"}""")))));
        Assert.Equal((400, "InvalidArgument"), Told(await Post(Signed(""))));
        var without = Signed("k");
        without.FileName = null;
        Assert.Equal((400, "InvalidArgument"), Told(await Post(without)));
        Assert.Equal((400, "InvalidArgument"), Told(await Post(Signed("k").With("Key", "l"))));
        Assert.Equal((400, "KeyTooLongError"), Told(await Post(Signed(new string('k', 1025)))));
        Assert.Equal((400, "InvalidArgument"), Told(await Post(Signed("k", ("x-amz-meta-a", "a\nb")))));
    }

    [Fact]
    public async Task What_is_no_form_is_refused()
    {
        var form = Signed("k");
        form.ContentType = "application/x-www-form-urlencoded";
        Assert.Equal((412, "PreconditionFailed"), Told(await Post(form)));
        form.ContentType = "multipart/form-data";
        Assert.Equal((400, "MalformedPOSTRequest"), Told(await Post(form)));
        form.ContentType = $"multipart/form-data; boundary={new string('b', 71)}";
        Assert.Equal((400, "MalformedPOSTRequest"), Told(await Post(form)));
        form.ContentType = "multipart/form-data; boundary=another";
        Assert.Equal((400, "MalformedPOSTRequest"), Told(await Post(form)));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(150)]
    [InlineData(-40)]
    [InlineData(-2000)]
    public async Task A_form_that_breaks_off_is_refused_and_stores_nothing(int at)
    {
        var body = Signed("cut", file: new byte[9000]).Bytes();
        var answer = await Send("/bkt", body[..(at < 0 ? body.Length + at : at)], Signed("cut").ContentType);
        Assert.Equal((400, "MalformedPOSTRequest"), Told(answer));
        Assert.Equal(404, (await server.Send("HEAD", "/bkt/cut")).Status);
    }

    [Fact]
    public async Task The_fields_before_the_file_are_bounded()
    {
        Assert.Equal("MaxPostPreDataLengthExceededError", (await Post(Signed("k", ("x-ignore-much", new string('m', 20_480))))).Code);
        var many = Signed("k");
        for (var i = 0; i < 3000; i++) many.With($"x-ignore-{i}", "");
        Assert.Equal("MaxPostPreDataLengthExceededError", (await Post(many)).Code);
    }

    [Fact]
    public async Task A_header_says_nothing_of_the_object_since_no_policy_covers_it()
    {
        foreach (var name in new[] { "x-amz-acl", "x-amz-meta-a", "x-amz-storage-class", "x-amz-tagging" })
            Assert.Equal("InvalidArgument", (await Post(Signed("k"), headers: (name, "private"))).Code);
        Assert.Equal("InvalidArgument", (await Post(Signed("k"), headers: ("Authorization", "AWS a:b"))).Code);
        Assert.Equal("InvalidArgument", (await Post(Signed("k"), "/bkt?X-Amz-Signature=0")).Code);
    }

    private static (int, string?) Told(Answer answer) => (answer.Status, answer.Code);

    private static PostForm Changed(PostForm form, string field, string? value)
    {
        form.Fields.RemoveAll(f => f.Name == field);
        return value is null ? form : form.With(field, value);
    }

    private PostForm Signed(string key, params (string Name, string Value)[] fields) => Signed(key, "bar"u8.ToArray(), fields);

    private PostForm Signed(string key, byte[] file, params (string Name, string Value)[] fields)
    {
        var form = new PostForm { File = file, Fields = [("key", key), .. fields] };
        return form.SignV2(server.Key, PostForm.Policy(form.ExactConditions("bkt", key)));
    }

    private Task<Answer> Post(
        PostForm form, string target = "/bkt", Func<PostForm, PostForm>? patch = null, params (string Name, string Value)[] headers)
    {
        if (patch is not null) form = patch(new PostForm { Fields = [.. form.Fields.Where(f => f.Name == "key")] });
        return Send(target, form.Bytes(), form.ContentType, headers);
    }

    private async Task<Answer> Send(string target, byte[] body, string contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, target)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Answer.Of(await client.SendAsync(request));
    }
}
