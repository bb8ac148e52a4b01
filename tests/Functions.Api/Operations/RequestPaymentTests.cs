using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Objects;
using Microsoft.AspNetCore.Http;

namespace ZenkoFunctions.Api.Tests.Operations;

public sealed class RequestPaymentTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    private static readonly Account Owner = BucketServer.Owner;

    private Task<Answer> Put(string bucket, string document) => server.Send(
        "PUT", $"/{bucket}?requestPayment", document, "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document))));

    private static string Payer(string payer) => $"<RequestPaymentConfiguration><Payer>{payer}</Payer></RequestPaymentConfiguration>";

    private async Task<string?> Payer() => (await server.Send("GET", "/paid?requestPayment")).Element("Payer");

    [Fact]
    public async Task The_owner_pays_until_it_says_otherwise()
    {
        await server.Send("PUT", "/paid");
        Assert.Equal("BucketOwner", await Payer());
        Assert.Equal(200, (await Put("paid", Payer("Requester"))).Status);
        Assert.Equal("Requester", await Payer());
        // The owner needs no header for its own bucket.
        Assert.Equal(200, (await server.Send("GET", "/paid")).Status);

        Assert.Equal("MalformedXML", (await Put("paid", Payer("Nobody"))).Code);
        Assert.Equal("MalformedXML", (await Put("paid", "<RequestPaymentConfiguration/>")).Code);
        Assert.Equal("Requester", await Payer());

        Assert.Equal(200, (await Put("paid", Payer("BucketOwner"))).Status);
        Assert.Equal("BucketOwner", await Payer());
    }

    [Fact]
    public async Task A_configuration_may_come_without_a_digest_but_not_with_a_wrong_one()
    {
        // As s3cmd sends it.
        await server.Send("PUT", "/undigested");
        Assert.Equal(200, (await server.Send("PUT", "/undigested?requestPayment", Payer("Requester"))).Status);
        var wrong = await server.Send("PUT", "/undigested?requestPayment", Payer("BucketOwner"), "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==");
        Assert.Equal("BadDigest", wrong.Code);
        Assert.Equal("Requester", (await server.Send("GET", "/undigested?requestPayment")).Element("Payer"));
    }

    [Theory]
    [InlineData(true, "owner", null, false, false)]
    [InlineData(true, "other", null, true, false)]
    [InlineData(true, "other", "requester", true, true)]
    [InlineData(true, "other", "somebody", true, false)]
    [InlineData(true, null, "requester", true, false)]
    [InlineData(false, "other", null, false, false)]
    public void Who_pays_must_say_so(bool requesterPays, string? account, string? header, bool charged, bool agreed)
    {
        var bucket = new Bucket
        {
            Name = "paid", Id = "i", OwnerId = Owner.Id, OwnerCanonicalId = Owner.CanonicalId, OwnerName = Owner.Name, Created = default,
            Settings = requesterPays ? BucketSettings.None.With(BucketSettings.RequestPayment, new()) : BucketSettings.None,
        };
        var sender = account switch
        {
            "owner" => new Principal(Owner, null, "K"),
            "other" => new Principal(BucketServer.Other, null, "K"),
            _ => Principal.Anonymous,
        };
        var headers = new HeaderDictionary();
        if (header is not null) headers["x-amz-request-payer"] = header;

        Assert.Equal(charged, Payment.IsRequesters(bucket, sender));
        if (charged) Assert.Equal(agreed, Payment.IsAgreed(sender, headers));
    }
}
