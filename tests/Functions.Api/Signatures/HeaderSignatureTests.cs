using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>Version 4 in the Authorization header: what is refused, with which code and which fields.</summary>
public sealed class HeaderSignatureTests
{
    private static SignedRequest Put() => new SignedRequest { Verb = "PUT", Path = "/bucket/key", Query = "x-id=PutObject", Body = [1, 2, 3] }
        .With("Content-Type", "text/plain").With("x-amz-meta-a", "b");

    private static string? Field(S3Exception refused, string name) => refused.Fields.FirstOrDefault(field => field.Key == name).Value;

    [Fact]
    public async Task A_wrong_secret_is_answered_with_what_the_server_calculated()
    {
        var gate = await Gate.Open();
        var request = gate.Signer(secret: "another").Sign(Put());
        var refused = await gate.Refusal(request);
        Assert.Equal(S3Errors.SignatureDoesNotMatch, refused.Error);
        Assert.Equal(Gate.KeyId, Field(refused, "AWSAccessKeyId"));
        Assert.Equal(request.Headers.Authorization.ToString()[^64..], Field(refused, "SignatureProvided"));
        var canonical = Field(refused, "CanonicalRequest")!;
        Assert.Equal(
            "PUT\n/bucket/key\nx-id=PutObject\ncontent-type:text/plain\nhost:s3.example.com\n"
            + $"x-amz-content-sha256:{request.Headers["x-amz-content-sha256"]}\nx-amz-date:20130524T000000Z\nx-amz-meta-a:b\n\n"
            + $"content-type;host;x-amz-content-sha256;x-amz-date;x-amz-meta-a\n{request.Headers["x-amz-content-sha256"]}", canonical);
        Assert.StartsWith("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n", Field(refused, "StringToSign"), StringComparison.Ordinal);
        Assert.StartsWith("41 57 53 34 2d", Field(refused, "StringToSignBytes"), StringComparison.Ordinal);
        Assert.StartsWith("50 55 54 0a 2f", Field(refused, "CanonicalRequestBytes"), StringComparison.Ordinal);
        Assert.Equal((canonical.Length * 3) - 1, Field(refused, "CanonicalRequestBytes")!.Length);
    }

    [Fact]
    public async Task An_unknown_and_a_disabled_key_are_refused_alike()
    {
        var gate = await Gate.Open();
        var unknown = await gate.Refusal(gate.Signer("NOSUCHKEY").Sign(Put()));
        Assert.Equal((S3Errors.InvalidAccessKeyId, "NOSUCHKEY"), (unknown.Error, Field(unknown, "AWSAccessKeyId")));
        Assert.Equal(S3Errors.InvalidAccessKeyId, (await gate.Refusal(gate.Signer("no#such?key").Sign(Put()))).Error);

        await gate.Verify(gate.Signer().Sign(Put()));
        _ = (await gate.Accounts.EnableKey(Gate.KeyId, false, default)).Value;
        Assert.Equal(S3Errors.InvalidAccessKeyId, (await gate.Refusal(gate.Signer().Sign(Put()))).Error);
        _ = (await gate.Accounts.EnableKey(Gate.KeyId, true, default)).Value;
        await gate.Verify(gate.Signer().Sign(Put()));
    }

    [Fact]
    public async Task A_user_is_the_principal_of_the_users_key()
    {
        var gate = await Gate.Open();
        var user = (await gate.Accounts.CreateUser(gate.Owner, "carol", default)).Value;
        var key = (await gate.Accounts.CreateKey(gate.Owner, user, null, null, default)).Value;
        var sender = await gate.Verify(gate.Signer(key.Id, key.Secret).Sign(Put()));
        Assert.Equal((gate.Owner, user, key.Id), (sender.Principal.Account, sender.Principal.User, sender.Principal.AccessKeyId));
    }

    [Theory]
    [InlineData("eu-west-1", "s3", "aws4_request", "eu-west-1")]
    [InlineData("us-east-1", "sts", "aws4_request", "sts")]
    [InlineData("us-east-1", "s3", "aws5_request", "aws5_request")]
    public async Task Another_region_service_or_terminator_is_refused(string region, string service, string terminator, string named)
    {
        var gate = await Gate.Open();
        var signer = gate.Signer();
        (signer.Region, signer.Service, signer.Terminator) = (region, service, terminator);
        var refused = await gate.Refusal(signer.Sign(Put()));
        Assert.Equal(S3Errors.AuthorizationHeaderMalformed, refused.Error);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        // SDKs try again in the region that the field names.
        Assert.Equal(region == Gate.Region ? null : Gate.Region, Field(refused, "Region"));
    }

    [Theory]
    [InlineData("AWS4-HMAC-SHA256")]
    [InlineData("AWS4-HMAC-SHA256 ")]
    [InlineData("AWS4-HMAC-SHA256X Credential=a/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,SignedHeaders=host")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 SignedHeaders=host,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0,Signature=1")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0,More=1")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3,SignedHeaders=host,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/b/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=/20130524/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/2013052x/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130523/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;;x-amz-date,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;host;x-amz-date,Signature=0")]
    [InlineData("AWS4-HMAC-SHA256 Credential=a/20130524/us-east-1/s3/aws4_request,SignedHeaders=Host;x-amz-date,Signature=0")]
    public async Task A_malformed_header_is_refused(string authorization)
    {
        var gate = await Gate.Open();
        Assert.Equal(S3Errors.AuthorizationHeaderMalformed, (await gate.Refusal(gate.Signer().Sign(Put()).With("Authorization", authorization))).Error);
        var longer = authorization + new string(',', 9000);
        Assert.Equal(S3Errors.AuthorizationHeaderMalformed, (await gate.Refusal(gate.Signer().Sign(Put()).With("Authorization", longer))).Error);
    }

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz", "InvalidArgument")]
    [InlineData("Bearer token", "InvalidArgument")]
    [InlineData("", "InvalidArgument")]
    [InlineData("AWS4-ECDSA-P256-SHA256 Credential=a/b", "NotImplemented")]
    public async Task Another_type_of_authorization_is_refused(string authorization, string code)
    {
        var gate = await Gate.Open();
        Assert.Equal(code, (await gate.Refusal(Put().With("Authorization", authorization))).Error.Code);
    }

    [Theory]
    [InlineData(-900, true)]
    [InlineData(900, true)]
    [InlineData(-901, false)]
    [InlineData(901, false)]
    public async Task A_clock_may_be_fifteen_minutes_off(int seconds, bool passes)
    {
        var gate = await Gate.Open();
        gate.Clock.Now = Gate.Day.AddHours(12);
        var signer = gate.Signer();
        signer.Time = gate.Clock.Now.AddSeconds(seconds);
        var request = signer.Sign(Put());
        if (passes)
        {
            await gate.Verify(request);
            return;
        }
        var refused = await gate.Refusal(request);
        Assert.Equal(S3Errors.RequestTimeTooSkewed, refused.Error);
        Assert.Equal(request.Headers["x-amz-date"], Field(refused, "RequestTime"));
        Assert.Equal("2013-05-24T12:00:00Z", Field(refused, "ServerTime"));
        Assert.Equal("900000", Field(refused, "MaxAllowedSkewMilliseconds"));
    }

    [Theory]
    [InlineData("Date", "20130524T000000Z")]
    [InlineData("Date", "Fri, 24 May 2013 00:00:00 GMT")]
    [InlineData("Date", "Fri, 24 May 2013 03:00:00 +0300")]
    [InlineData("Date", "2013-05-24T00:00:00Z")]
    public async Task The_date_header_serves_where_there_is_no_x_amz_date(string name, string value)
    {
        var gate = await Gate.Open();
        Assert.Equal(Gate.KeyId, (await gate.Verify(gate.Signer().Sign(Put().With(name, value)))).Principal.AccessKeyId);
    }

    [Fact]
    public async Task A_request_without_a_date_or_with_two_is_refused()
    {
        var gate = await Gate.Open();
        var none = gate.Signer().Sign(Put());
        none.Headers.Remove("x-amz-date");
        Assert.Equal(S3Errors.AccessDenied, (await gate.Refusal(none)).Error);
        var garbage = gate.Signer().Sign(Put()).With("x-amz-date", "yesterday");
        Assert.Equal(S3Errors.AccessDenied, (await gate.Refusal(garbage)).Error);
        var two = gate.Signer().Sign(Put());
        two.Headers["x-amz-date"] = new([two.Headers["x-amz-date"].ToString(), "20130524T000001Z"]);
        Assert.Equal(S3Errors.AccessDenied, (await gate.Refusal(two)).Error);
    }

    [Theory]
    [InlineData("host", "host")]
    [InlineData("x-amz-meta-a", "x-amz-meta-a")]
    [InlineData("x-amz-content-sha256", "x-amz-content-sha256")]
    [InlineData("x-amz-date", "x-amz-date")]
    public async Task Host_and_every_amz_header_must_be_signed(string left, string named)
    {
        var gate = await Gate.Open();
        var signer = gate.Signer();
        signer.Leave.Add(left);
        var refused = await gate.Refusal(signer.Sign(Put()));
        Assert.Equal((S3Errors.AccessDenied, named), (refused.Error, Field(refused, "HeadersNotSigned")));
    }

    [Fact]
    public async Task An_amz_header_that_was_added_on_the_way_is_refused_and_another_header_is_not()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Sign(Put());
        await gate.Verify(request.Copy().With("X-Forwarded-For", "10.0.0.1"));
        var refused = await gate.Refusal(request.Copy().With("X-Amz-Acl", "public-read"));
        Assert.Equal((S3Errors.AccessDenied, "x-amz-acl"), (refused.Error, Field(refused, "HeadersNotSigned")));
    }

    [Theory]
    [InlineData("x-amz-meta-a", "c")]
    [InlineData("Content-Type", "text/html")]
    [InlineData("Host", "s3.example.org")]
    [InlineData("x-amz-date", "20130524T000001Z")]
    [InlineData("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]
    public async Task A_changed_header_is_refused(string name, string value)
    {
        var gate = await Gate.Open();
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(gate.Signer().Sign(Put()).With(name, value))).Error);
    }

    [Fact]
    public async Task Both_ways_of_signing_at_once_are_refused()
    {
        var gate = await Gate.Open();
        var presigned = gate.Signer().Presign(new() { Path = "/b/k" }, 60);
        Assert.Equal(S3Errors.InvalidArgument, (await gate.Refusal(gate.Signer().Sign(presigned.Copy()))).Error);
        Assert.Equal(S3Errors.InvalidArgument, (await gate.Refusal(gate.Signer().PresignV2(presigned.Copy(), 60))).Error);
        var twice = gate.Signer().Sign(Put());
        twice.Headers.Authorization = new([twice.Headers.Authorization.ToString(), twice.Headers.Authorization.ToString()]);
        Assert.Equal(S3Errors.InvalidArgument, (await gate.Refusal(twice)).Error);
    }

    [Fact]
    public async Task A_session_token_is_refused_and_a_missing_payload_hash_too()
    {
        var gate = await Gate.Open();
        Assert.Equal(S3Errors.InvalidToken, (await gate.Refusal(gate.Signer().Sign(Put().With("x-amz-security-token", "t")))).Error);
        var bare = gate.Signer().Sign(Put());
        bare.Headers.Remove("x-amz-content-sha256");
        var refused = await gate.Refusal(bare);
        Assert.Equal(S3Errors.InvalidRequest, refused.Error);
        Assert.Contains("x-amz-content-sha256", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replaced_secret_counts_at_once()
    {
        var gate = await Gate.Open();
        await gate.Verify(gate.Signer().Sign(Put()));
        await gate.Accounts.DeleteKey(Gate.KeyId, default);
        _ = (await gate.Accounts.CreateKey(gate.Owner, null, Gate.KeyId, "another", default)).Value;
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(gate.Signer().Sign(Put()))).Error);
        await gate.Verify(gate.Signer(secret: "another").Sign(Put()));
    }

    [Fact]
    public async Task Unsigned_requests_are_nobodys()
    {
        var gate = await Gate.Open();
        var (sender, payload) = await gate.Receive(new() { Verb = "PUT", Path = "/b/k", Body = [1, 2, 3] });
        Assert.True(sender.Principal.IsAnonymous);
        Assert.Equal([1, 2, 3], payload);
        Assert.Equal(3, sender.Length);
    }

    [Fact]
    public async Task Tomorrows_requests_are_signed_with_tomorrows_key()
    {
        var gate = await Gate.Open();
        for (var day = 0; day < 40; day++)
        {
            gate.Clock.Now = Gate.Day.AddDays(day);
            Assert.Equal(Gate.KeyId, (await gate.Verify(gate.Signer().Sign(Put()))).Principal.AccessKeyId);
        }
    }
}
