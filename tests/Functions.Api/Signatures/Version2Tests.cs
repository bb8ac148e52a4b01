using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.Signatures;

public sealed class Version2Tests
{
    private static string? Field(S3Exception refused, string name) => refused.Fields.FirstOrDefault(field => field.Key == name).Value;

    /// <summary>A storage vendor's published sample, computed with another implementation.</summary>
    [Theory]
    [InlineData("5CNVwXA7vFfXCNVI3JmTlSQR/U4=", false)]
    [InlineData("+y+Edohf0lhgKcscB6BKaeFcrAk=", true)]
    public async Task A_published_signature_verifies(string signature, bool unsignedPayload)
    {
        var gate = await Gate.Open("a14040e0b2ef8b28FZZ8", "dbwTnQTW602aAAdq8DQVFzB6yrTCFTNiGB8C8RFA");
        gate.Clock.Now = new(2016, 4, 7, 13, 1, 3, TimeSpan.Zero);
        var request = new SignedRequest { Verb = "DELETE", Path = "/bucketname" }
            .With("Date", "Thu, 07 Apr 2016 16:01:03 +0300").With("Authorization", $"AWS a14040e0b2ef8b28FZZ8:{signature}");
        if (unsignedPayload) request.With("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        Assert.Equal(gate.Owner, (await gate.Verify(request)).Principal.Account);
    }

    /// <summary>The examples of AWS's description of version 2.</summary>
    [Theory]
    [InlineData("GET", "/photos/puppy.jpg", "", "Tue, 27 Mar 2007 19:36:42 +0000", "", "qgk2+6Sv9/oM7G3qLEjTH1a1l1g=")]
    [InlineData("PUT", "/photos/puppy.jpg", "", "Tue, 27 Mar 2007 21:15:45 +0000", "image/jpeg", "iqRzw+ileNPu1fhspnRs8nOjjIA=")]
    [InlineData("GET", "/", "prefix=photos&max-keys=50&marker=puppy", "Tue, 27 Mar 2007 19:42:41 +0000", "", "m0WP8eCtspQl5Ahe6L1SozdX9YA=")]
    [InlineData("GET", "/", "acl", "Tue, 27 Mar 2007 19:44:46 +0000", "", "82ZHiFIjc+WbcwFKGUVEQspPn+0=")]
    public async Task Amazons_examples_verify(string verb, string path, string query, string date, string type, string signature)
    {
        var gate = await Gate.Open();
        gate.Clock.Now = DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture);
        var request = new SignedRequest { Verb = verb, Path = path, Query = query }.With("Host", "awsexamplebucket1.us-west-1.s3.amazonaws.com")
            .With("Date", date).With("Authorization", $"AWS {Gate.KeyId}:{signature}");
        if (type.Length > 0) request.With("Content-Type", type);
        Assert.Equal(gate.Owner, (await gate.Verify(request, "awsexamplebucket1")).Principal.Account);
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(request, "another")).Error);
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(request)).Error);
    }

    private static SignedRequest Put() => new SignedRequest { Verb = "PUT", Path = "/b/a%20key", Query = "partNumber=1&uploadId=u%2F1&x=y", Body = [1, 2] }
        .With("Content-Type", "text/plain").With("Content-MD5", "v9/gJEtbxcJ+ZzKRUYF3Jg==").With("x-amz-meta-b", "2").With("x-amz-meta-a", "1");

    [Fact]
    public async Task Header_and_query_signatures_verify()
    {
        var gate = await Gate.Open();
        Assert.Equal([1, 2], (await gate.Receive(gate.Signer().SignV2(Put()))).Payload);
        Assert.Equal([1, 2], (await gate.Receive(gate.Signer().PresignV2(Put(), 60))).Payload);
        var dated = gate.Signer().SignV2(Put().With("x-amz-date", "Fri, 24 May 2013 00:00:00 GMT").With("Date", "Thu, 01 Jan 1970 00:00:00 GMT"));
        Assert.Equal([1, 2], (await gate.Receive(dated)).Payload);
    }

    [Theory]
    [InlineData("PartNumber")]
    [InlineData("partNumber=2")]
    [InlineData("acl&partNumber=1")]
    [InlineData("retention&partNumber=1")]
    public async Task A_changed_sub_resource_is_refused(string instead)
    {
        var gate = await Gate.Open();
        foreach (var request in new[] { gate.Signer().SignV2(Put()), gate.Signer().PresignV2(Put(), 60) })
        {
            request.Query = request.Query.Replace("partNumber=1", instead, StringComparison.Ordinal);
            var refused = await gate.Refusal(request);
            Assert.Equal(S3Errors.SignatureDoesNotMatch, refused.Error);
            Assert.Equal(Gate.KeyId, Field(refused, "AWSAccessKeyId"));
            Assert.StartsWith("PUT\nv9/gJEtbxcJ+ZzKRUYF3Jg==\ntext/plain\n", Field(refused, "StringToSign"), StringComparison.Ordinal);
            Assert.StartsWith("50 55 54 0a", Field(refused, "StringToSignBytes"), StringComparison.Ordinal);
            Assert.NotNull(Field(refused, "SignatureProvided"));
        }
    }

    [Fact]
    public async Task Every_parameter_that_selects_an_operation_is_covered()
    {
        var gate = await Gate.Open();
        // "list-type" chooses between two forms of one listing; "id" names a configuration of its own sub-resource.
        foreach (var name in ZenkoFunctions.Api.S3.Operations.All.SelectMany(operation => operation.Spec.Query)
            .Concat(UnimplementedOperations.All.SelectMany(operation => operation.Query)).Select(query => query.Split('=')[0])
            .Distinct().Except(["list-type", "id"]))
        {
            var request = gate.Signer().SignV2(new() { Verb = "PUT", Path = "/b/k" });
            request.Query = name;
            Assert.True((await gate.Refusal(request)).Error == S3Errors.SignatureDoesNotMatch, name);
        }
    }

    [Theory]
    [InlineData("AWS ")]
    [InlineData("AWS key")]
    [InlineData("AWS :sig")]
    [InlineData("AWS key:")]
    public async Task A_malformed_header_is_refused(string authorization)
    {
        var gate = await Gate.Open();
        Assert.Equal(S3Errors.InvalidArgument, (await gate.Refusal(gate.Signer().SignV2(Put()).With("Authorization", authorization))).Error);
    }

    [Fact]
    public async Task Skew_and_a_missing_date_are_refused()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().SignV2(Put());
        gate.Clock.Now = Gate.Day.AddSeconds(901);
        Assert.Equal(S3Errors.RequestTimeTooSkewed, (await gate.Refusal(request)).Error);
        request.Headers.Remove("Date");
        Assert.Equal(S3Errors.AccessDenied, (await gate.Refusal(request)).Error);
    }

    [Fact]
    public async Task A_url_expires_and_needs_its_three_parameters()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().PresignV2(new() { Path = "/b/k" }, 60);
        gate.Clock.Now = Gate.Day.AddSeconds(60);
        await gate.Verify(request);
        gate.Clock.Now = Gate.Day.AddSeconds(61);
        var refused = await gate.Refusal(request);
        Assert.Equal((S3Errors.AccessDenied, "Request has expired", "2013-05-24T00:01:00Z"), (refused.Error, refused.Message, Field(refused, "Expires")));
        foreach (var part in new[] { "Expires=", "Signature=" })
        {
            var broken = request.Copy();
            broken.Query = broken.Query.Replace(part, "X=", StringComparison.Ordinal);
            Assert.Equal(S3Errors.AccessDenied, (await gate.Refusal(broken)).Error);
        }
        request.Query = request.Query.Replace("Expires=", "Expires=x", StringComparison.Ordinal);
        Assert.Equal(S3Errors.AccessDenied, (await gate.Refusal(request)).Error);
    }

    [Fact]
    public async Task Unknown_and_wrong_keys_are_refused()
    {
        var gate = await Gate.Open();
        Assert.Equal(S3Errors.InvalidAccessKeyId, (await gate.Refusal(gate.Signer("NOSUCHKEY").SignV2(Put()))).Error);
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(gate.Signer(secret: "another").SignV2(Put()))).Error);
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(gate.Signer().SignV2(Put()).With("Authorization", $"AWS {Gate.KeyId}:~~~"))).Error);
    }

    [Fact]
    public async Task Signed_chunks_need_version_4_and_unsigned_chunks_do_not()
    {
        var gate = await Gate.Open();
        var signed = gate.Signer().SignV2(Put().With("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"));
        Assert.Equal(S3Errors.InvalidArgument, (await gate.Refusal(signed)).Error);
        var framed = Put().With("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER").With("x-amz-decoded-content-length", "3");
        framed.Body = "3\r\nabc\r\n0\r\n\r\n"u8.ToArray();
        Assert.Equal("abc"u8.ToArray(), (await gate.Receive(gate.Signer().SignV2(framed))).Payload);
    }
}
