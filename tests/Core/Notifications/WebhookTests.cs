using System.Net;
using System.Text;
using ZenkoFunctions.Core.Notifications;

namespace ZenkoFunctions.Core.Tests.Notifications;

public sealed class WebhookTests
{
    private static readonly byte[] Document = Encoding.UTF8.GetBytes("{\"a\":1}");
    private static readonly Uri Url = new("http://hook.test/path");

    [Fact]
    public async Task A_hook_gets_the_document_and_a_signature_of_it()
    {
        using var hook = new Hook(HttpStatusCode.Accepted);
        using var client = new HttpClient(hook);

        await new Webhook(client, Url, "secret"u8.ToArray(), TimeProvider.System).Deliver(Document, default);

        Assert.Equal("{\"a\":1}", hook.Body);
        Assert.Equal("application/json", hook.Type);
        var time = hook.Signature!.Split(',')[0][2..];
        Assert.Equal(Webhook.Sign(Document, "secret"u8.ToArray(), long.Parse(time, System.Globalization.CultureInfo.InvariantCulture)), hook.Signature);
        Assert.NotEqual(Webhook.Sign(Document, "other"u8.ToArray(), long.Parse(time, System.Globalization.CultureInfo.InvariantCulture)), hook.Signature);
    }

    [Fact]
    public void The_signature_is_the_hmac_of_time_and_body() => Assert.Equal(
        // printf '1.{"a":1}' | openssl dgst -sha256 -hmac secret
        "t=1,v1=7900dcfa0dd8e32ee0ef71db511fc5d7b91ed98221ea7eb400f3072f0d7dd39d",
        Webhook.Sign(Document, "secret"u8.ToArray(), 1));

    [Fact]
    public async Task Without_a_secret_there_is_no_signature()
    {
        using var hook = new Hook(HttpStatusCode.OK);
        using var client = new HttpClient(hook);

        await new Webhook(client, Url, null, TimeProvider.System).Deliver(Document, default);

        Assert.Null(hook.Signature);
    }

    [Theory]
    [InlineData(HttpStatusCode.Found)]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task Any_other_answer_than_success_is_a_failure(HttpStatusCode status)
    {
        using var hook = new Hook(status);
        using var client = new HttpClient(hook);
        await Assert.ThrowsAsync<DeliveryException>(() => new Webhook(client, Url, null, TimeProvider.System).Deliver(Document, default).AsTask());
    }

    private sealed class Hook(HttpStatusCode status) : HttpMessageHandler
    {
        public string? Body { get; private set; }

        public string? Type { get; private set; }

        public string? Signature { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Body = await request.Content!.ReadAsStringAsync(cancellationToken);
            Type = request.Content.Headers.ContentType!.MediaType;
            Signature = request.Headers.TryGetValues(Webhook.SignatureHeader, out var values) ? values.Single() : null;
            return new(status);
        }
    }
}
