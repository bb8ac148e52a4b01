using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.Signatures;

public sealed class PresignedTests
{
    private static SignedRequest Get() => new() { Path = "/bucket/a%20key", Query = "response-content-type=text%2Fplain" };

    private static string? Field(S3Exception refused, string name) => refused.Fields.FirstOrDefault(field => field.Key == name).Value;

    [Fact]
    public async Task A_url_holds_until_its_last_second_and_then_has_expired()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Presign(Get(), 60);
        gate.Clock.Now = Gate.Day.AddSeconds(60);
        Assert.Equal(gate.Owner, (await gate.Verify(request)).Principal.Account);
        gate.Clock.Now = Gate.Day.AddSeconds(61);
        var refused = await gate.Refusal(request);
        Assert.Equal((S3Errors.AccessDenied, "Request has expired"), (refused.Error, refused.Message));
        Assert.Equal(("60", "2013-05-24T00:01:00Z", "2013-05-24T00:01:01Z"),
            (Field(refused, "X-Amz-Expires"), Field(refused, "Expires"), Field(refused, "ServerTime")));
    }

    [Fact]
    public async Task A_url_of_the_future_is_not_valid_yet()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Presign(Get(), 60);
        gate.Clock.Now = Gate.Day.AddSeconds(-900);
        await gate.Verify(request);
        gate.Clock.Now = Gate.Day.AddSeconds(-901);
        Assert.Equal(S3Errors.AccessDenied, (await gate.Refusal(request)).Error);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("-1000")]
    [InlineData("604801")]
    public async Task A_url_that_never_holds_or_holds_too_long_is_denied(string seconds)
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Presign(Get(), 60);
        request.Query = request.Query.Replace("X-Amz-Expires=60", $"X-Amz-Expires={seconds}", StringComparison.Ordinal);
        Assert.Equal(S3Errors.AccessDenied, (await gate.Refusal(request)).Error);
    }

    [Theory]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=soon")]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=99999999999999999999")]
    [InlineData("X-Amz-Expires=60", "")]
    [InlineData("X-Amz-Date=20130524T000000Z", "")]
    [InlineData("X-Amz-Date=20130524T000000Z", "X-Amz-Date=2013-05-24")]
    [InlineData("X-Amz-Date=20130524T000000Z", "X-Amz-Date=20130525T000000Z")]
    [InlineData("X-Amz-SignedHeaders=host", "")]
    [InlineData("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Bhost")]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256", "")]
    [InlineData("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4-HMAC-SHA1")]
    [InlineData("X-Amz-Signature=", "X-Amz-Expires=60&X-Amz-Signature=")]
    [InlineData("X-Amz-Signature=", "X-Amz-Other=")]
    [InlineData("%2Fus-east-1%2F", "%2Feu-west-1%2F")]
    [InlineData("%2Fs3%2F", "%2Fsts%2F")]
    [InlineData("aws4_request", "aws5_request")]
    [InlineData("20130524%2F", "20130525%2F")]
    public async Task Parameters_that_are_missing_or_out_of_bounds_are_refused(string part, string instead)
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Presign(Get(), 60);
        request.Query = request.Query.Replace(part, instead, StringComparison.Ordinal);
        Assert.Equal(S3Errors.AuthorizationQueryParametersError, (await gate.Refusal(request)).Error);
    }

    [Fact]
    public async Task More_signed_headers_than_a_request_can_have_are_refused()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Presign(Get(), 60);
        request.Query = request.Query.Replace("=host&", "=host" + string.Concat(Enumerable.Range(0, 200).Select(i => $"%3B{i}")) + "&", StringComparison.Ordinal);
        var refused = await gate.Refusal(request);
        Assert.Equal(S3Errors.AuthorizationQueryParametersError, refused.Error);
        Assert.Contains("200", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_region_is_named_with_the_right_one()
    {
        var gate = await Gate.Open();
        var signer = gate.Signer();
        signer.Region = "eu-west-1";
        Assert.Equal(Gate.Region, Field(await gate.Refusal(signer.Presign(Get(), 60)), "Region"));
    }

    [Theory]
    [InlineData("text%2Fplain", "text%2Fhtml")]
    [InlineData("X-Amz-Expires=60", "X-Amz-Expires=61")]
    [InlineData("response-", "responsf-")]
    [InlineData("X-Amz-Signature=", "versionId=1&X-Amz-Signature=")]
    public async Task A_changed_url_is_refused(string part, string instead)
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Presign(Get(), 60);
        request.Query = request.Query.Replace(part, instead, StringComparison.Ordinal);
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(request)).Error);
    }

    [Fact]
    public async Task The_longest_life_is_a_week()
    {
        var gate = await Gate.Open();
        await gate.Verify(gate.Signer().Presign(Get(), 604_800));
        await gate.Verify(gate.Signer().Presign(Get(), 1));
    }

    [Fact]
    public async Task A_url_that_leaves_the_body_open_takes_any_body_in_any_framing()
    {
        var gate = await Gate.Open();
        var put = gate.Signer().Presign(new() { Verb = "PUT", Path = "/b/k" }, 60);
        put.Body = [1, 2, 3];
        Assert.Equal([1, 2, 3], (await gate.Receive(put)).Payload);

        put.With("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        Assert.Equal("HeadersNotSigned", (await gate.Refusal(put.Copy().With("x-amz-decoded-content-length", "3"))).Fields[0].Key);

        var framed = gate.Signer().Presign(new SignedRequest { Verb = "PUT", Path = "/b/k" }.With("x-amz-decoded-content-length", "3"), 60);
        framed.Body = "3\r\nabc\r\n0\r\n\r\n"u8.ToArray();
        framed.With("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        Assert.Equal("abc"u8.ToArray(), (await gate.Receive(framed)).Payload);
    }

    [Fact]
    public async Task A_url_that_covers_the_bodys_hash_holds_the_body_to_it()
    {
        var gate = await Gate.Open();
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([1, 2, 3]));
        var put = gate.Signer().Presign(new SignedRequest { Verb = "PUT", Path = "/b/k" }.With("x-amz-content-sha256", hash), 60);
        put.Body = [1, 2, 3];
        Assert.Equal([1, 2, 3], (await gate.Receive(put)).Payload);
        put.Body = [1, 2, 4];
        Assert.Equal(S3Errors.XAmzContentSHA256Mismatch, (await gate.Refusal(put)).Error);
        Assert.Equal(S3Errors.SignatureDoesNotMatch, (await gate.Refusal(put.With("x-amz-content-sha256", "UNSIGNED-PAYLOAD"))).Error);
    }

    [Fact]
    public async Task Amz_headers_that_the_url_does_not_cover_are_refused()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Presign(Get(), 60).With("x-amz-acl", "public-read");
        Assert.Equal("x-amz-acl", Field(await gate.Refusal(request), "HeadersNotSigned"));
    }
}
