using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.S3;

public sealed class BoundedBodyTests
{
    private static readonly byte[] Ten = [.. Enumerable.Range(0, 10).Select(i => (byte)i)];

    [Theory]
    [InlineData(10, 3)]
    [InlineData(11, 10)]
    public async Task A_body_that_is_not_too_long_passes_unchanged(int most, int segment) =>
        Assert.Equal(Ten, await Gate.ReadAll(new BoundedBody(new SteppedPipeReader(Ten, segment), most)));

    [Theory]
    [InlineData(9, 3)]
    [InlineData(9, 10)]
    [InlineData(0, 1)]
    public async Task A_body_that_is_too_long_ends_where_it_is_seen(int most, int segment)
    {
        var reader = new BoundedBody(new SteppedPipeReader(Ten, segment), most);
        Assert.Equal(S3Errors.EntityTooLarge, (await Assert.ThrowsAsync<S3Exception>(() => Gate.ReadAll(reader))).Error);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(10L, false)]
    public void A_body_to_be_stored_is_bounded_where_its_length_is_not_known(long? length, bool isBounded)
    {
        var request = new SignedRequest { Verb = "PUT", Path = "/b/k" }.ToWire();
        var sender = new Authenticated(Principal.Anonymous, request.Body, length, _ => null);
        var call = new S3Call
        {
            Request = request, Sender = sender, Spec = new PutObject().Spec, BucketName = "b", Key = "k", RequestId = "",
            Services = null!, May = (_, _) => new(true), Permitting = question => question.Bucket!,
        };
        Assert.Equal(isBounded, Payload.Content(call).Body is BoundedBody);
    }
}
