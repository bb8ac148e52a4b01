using System.Net;
using System.Text;
using ZenkoFunctions.Api.Tests.Signatures;
using ZenkoFunctions.Hosting;
using ZenkoFunctions.HostDouble;

namespace ZenkoFunctions.Api.Tests;

/// <summary>What only the whole function apps can show.</summary>
public sealed class FunctionAppTests(FunctionApps apps) : IClassFixture<FunctionApps>
{
    private static readonly HttpClient Http = new();

    public static TheoryData<string> QueueFunctions => [.. Directory.GetDirectories(FunctionApps.Folder("Functions.Replication"), "Fx_*").Select(folder => Path.GetFileName(folder))];

    [Theory]
    [InlineData(5L << 30)]
    [InlineData(100L << 20)]
    public async Task A_body_that_the_host_would_not_let_through_is_refused_before_it_is_sent(long limit)
    {
        var own = limit == 5L << 30 ? null : await FunctionApps.Start("Functions.Api", limit);
        await using var _ = own;
        var host = own ?? apps.Api;
        var bucket = $"limit-{limit}";
        await FunctionApps.Send(host, "PUT", "/" + bucket);

        foreach (var (name, value) in new[] { ("Content-Length", $"{limit + 1}"), ("x-amz-decoded-content-length", $"{limit + 1}") })
        {
            var request = FunctionApps.Signer().Sign(new SignedRequest { Verb = "PUT", Path = $"/{bucket}/k" }.With("Host", host.Address.Authority).With(name, value));
            using var message = new HttpRequestMessage(HttpMethod.Put, new Uri(host.Address, request.Path)) { Content = new NeverSent() };
            message.Headers.ExpectContinue = true;
            message.Headers.TransferEncodingChunked = name != "Content-Length";
            foreach (var (header, values) in request.Headers)
                if (!message.Headers.TryAddWithoutValidation(header, values.ToString())) message.Content.Headers.TryAddWithoutValidation(header, values.ToString());
            using var refused = await Http.SendAsync(message);
            var text = await refused.Content.ReadAsStringAsync();
            Assert.Equal(400, (int)refused.StatusCode);
            Assert.Contains("<Code>EntityTooLarge</Code>", text, StringComparison.Ordinal);
            Assert.Contains("multipart upload", text, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("<Key>", await FunctionApps.Send(host, "GET", "/" + bucket), StringComparison.Ordinal);
        Assert.Equal(200, RawHttp.Status(await FunctionApps.Send(host, "PUT", $"/{bucket}/k", "fits")));
    }

    [Theory, MemberData(nameof(QueueFunctions))]
    public async Task A_client_that_imitates_the_hosts_call_of_a_function_runs_no_job(string function)
    {
        var called = apps.Jobs.Log.Count($"Functions.{function}'");

        using var asClient = await Http.SendAsync(Faults.ForgedCall(apps.Api.Address, function, QueueFunction.Binding, "{}"));
        Assert.InRange((int)asClient.StatusCode, 400, 499);
        Assert.True(asClient.Headers.Contains("x-amz-request-id"));
        using var atJobs = await Http.SendAsync(Faults.ForgedCall(apps.Jobs.Address, function, QueueFunction.Binding, "{}"));
        Assert.Equal(404, (int)atJobs.StatusCode);

        Assert.Equal(called, apps.Jobs.Log.Count($"Functions.{function}'"));
        Assert.Equal(0, apps.Api.Log.Count($"Functions.{function}'"));
    }

    [Theory]
    [InlineData("iam", "Action=ListUsers&Version=2010-05-08", "<ListUsersResult")]
    [InlineData("sts", "Action=GetCallerIdentity&Version=2011-06-15", "<Arn>")]
    public async Task IAM_and_STS_know_who_signed_for_a_host_that_was_replaced_on_the_way(string service, string form, string told)
    {
        foreach (var (signed, status) in new[] { (FunctionApps.PublicHost, 200), (apps.Api.Address.Authority, 200), ("elsewhere.example", 403) })
        {
            var request = new SignedRequest { Verb = "POST", Body = Encoding.UTF8.GetBytes(form) }
                .With("Host", signed).With("Content-Type", "application/x-www-form-urlencoded");
            var signer = FunctionApps.Signer();
            signer.Service = service;
            signer.Sign(request).With("Host", apps.Api.Address.Authority);
            var answer = await RawHttp.Exchange(apps.Api.Address, RawHttp.Bytes(request));
            Assert.Equal(status, RawHttp.Status(answer));
            Assert.Equal(status == 200, answer.Contains(told, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_presigned_address_of_the_public_host_is_good_behind_what_replaces_it()
    {
        await FunctionApps.Send(apps.Api, "PUT", "/presigned");
        await FunctionApps.Send(apps.Api, "PUT", "/presigned/k", "text");
        var presigned = FunctionApps.Signer().Presign(new SignedRequest { Path = "/presigned/k" }.With("Host", FunctionApps.PublicHost), 60);
        presigned.With("Host", apps.Api.Address.Authority);
        Assert.EndsWith("text", await RawHttp.Exchange(apps.Api.Address, RawHttp.Bytes(presigned)), StringComparison.Ordinal);
    }

    [Fact, Trait("Speed", "Slow")]
    public async Task A_deletion_of_a_bucket_that_the_host_sends_again_succeeds()
    {
        await FunctionApps.Send(apps.Api, "PUT", "/deleted-twice");
        var lost = apps.Api.Log.Count("injected");
        apps.Api.Faults.RepeatBodyless();
        Assert.Equal(204, RawHttp.Status(await FunctionApps.Send(apps.Api, "DELETE", "/deleted-twice")));
        Assert.Equal(lost + 1, apps.Api.Log.Count("injected"));
        Assert.Equal(404, RawHttp.Status(await FunctionApps.Send(apps.Api, "HEAD", "/deleted-twice")));
    }

    private sealed class NeverSent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            throw new InvalidOperationException("The body was asked for.");

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
