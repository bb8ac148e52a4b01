using System.Diagnostics;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;
using S3Operations = ZenkoFunctions.Api.S3.Operations;

namespace ZenkoFunctions.Api.Tests.Ostor;

/// <summary>ostor-limits, and what they let in.</summary>
public sealed class OstorLimitTests(OstorServer server) : IClassFixture<OstorServer>
{
    private const string PublicRead = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::BUCKET/*"}]}""";

    private static (int, string?) Outcome(Answer answer) => (answer.Status, answer.Code);

    private async Task Ok(string verb, string target) => Assert.Equal((verb == "DELETE" ? 204 : 200, ""), await Empty(verb, target));

    private async Task<(int, string)> Empty(string verb, string target)
    {
        var answer = await server.Send(verb, target);
        return (answer.Status, answer.Text);
    }

    private static string Told(string usual, string get, string put, string list, string delete, string @out) =>
        $$"""{"ops:default":"{{usual}}","ops:get":"{{get}}","ops:put":"{{put}}","ops:list":"{{list}}","ops:delete":"{{delete}}","bandwidth:out":"{{@out}}"}""";

    [Theory]
    [InlineData("emailAddress=limited@example.com")]
    [InlineData("id={id}")]
    [InlineData("bucket=limits-bucket")]
    public async Task Limits_are_set_told_and_taken_away(string of)
    {
        if (await server.Installation.Accounts.FindByEmail("limited@example.com", default) is null)
        {
            await server.NewUser("limited@example.com");
            Assert.Null((await server.Installation.Buckets.Create("limits-bucket", server.System.Account, "", default)).Refusal);
        }
        var id = Api.Ostor.OstorIds.Of((await server.Installation.Accounts.FindByEmail("limited@example.com", default))!);
        var target = "/?ostor-limits&" + of.Replace("{id}", id, StringComparison.Ordinal);
        Assert.Equal((404, "NoSuchLimits"), Outcome(await server.Send("GET", target)));

        await Ok("PUT", target + "&ops&default=60");
        Assert.Equal(Told("60.00", "60.00", "60.00", "60.00", "60.00", "0"), (await server.Send("GET", target)).Text);
        await Ok("PUT", target + "&bandwidth&out=100");
        Assert.Equal(Told("60.00", "60.00", "60.00", "60.00", "60.00", "100"), (await server.Send("GET", target)).Text);
        // What is not said of requests is as the default, and what is not said of bytes is no limit.
        await Ok("PUT", target + "&ops&get=3600");
        Assert.Equal(Told("0.00", "3600.00", "0.00", "0.00", "0.00", "0"), (await server.Send("GET", target)).Text);
        await Ok("PUT", target + "&ops&default=0.5&list=2&delete=0");
        await Ok("PUT", target + "&bandwidth&out=3.33");
        Assert.Equal(Told("0.50", "0.50", "0.50", "2.00", "0.00", "3.33"), (await server.Send("GET", target)).Text);
        await Ok("PUT", target + "&bandwidth");
        Assert.Equal(Told("0.50", "0.50", "0.50", "2.00", "0.00", "0"), (await server.Send("GET", target)).Text);
        await Ok("DELETE", target);
        Assert.Equal((404, "NoSuchLimits"), Outcome(await server.Send("GET", target)));
        await Ok("DELETE", target);
        await Ok("PUT", target + "&bandwidth&out=1");
        Assert.Equal(Told("0.00", "0.00", "0.00", "0.00", "0.00", "1"), (await server.Send("GET", target)).Text);
        await Ok("DELETE", target);
    }

    [Fact]
    public async Task A_limit_refuses_S3_and_Azure_Blob_before_anything_is_done_and_survives_a_restart()
    {
        var (id, key) = await server.NewUser("throttled@example.com");
        var account = (await server.Installation.Accounts.FindByEmail("throttled@example.com", default))!;
        Assert.Null((await server.Installation.BlobAccounts.Create(new() { Name = "throttledacct", OwnerId = account.Id, Location = "", Created = default }, default)).Refusal);
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/throttled-bucket")).Status);
        Assert.Equal(200, (await server.SendAs(key, "PUT", "/throttled-bucket/key", "body")).Status);
        await Ok("PUT", $"/?ostor-limits&id={id}&ops&get=3&put=1&list=1&delete=1");
        await using (var first = await OstorServer.Serve(server.Installation)) await Both(first.Address);
        Assert.Equal(200, (await server.SendAs(server.System, "GET", "/")).Status); // another's requests are not limited

        await using var installed = new Restarted(server.Open());
        await using (var again = await OstorServer.Serve(installed.Installation)) await Both(again.Address);
        await Ok("DELETE", "/?ostor-limits&id=" + id);
        Assert.Equal(200, (await server.SendAs(key, "GET", "/throttled-bucket/key")).Status);
        Assert.Equal(404, (await server.SendAs(key, "GET", "/throttled-bucket/other")).Status);

        async Task Both(Uri to)
        {
            Assert.Equal(200, (await server.SendTo(to, key, "GET", "/throttled-bucket/key")).Status);
            Assert.Equal(200, (await Blob("GET", "key", to)).Status);
            Assert.Equal(404, (await server.SendTo(to, key, "HEAD", "/throttled-bucket/nothing")).Status);
            var refused = await server.SendTo(to, key, "GET", "/throttled-bucket/key");
            Assert.Equal((503, "SlowDown"), Outcome(refused));
            Assert.InRange(int.Parse(refused.Header("Retry-After")!, null), 1, 20);
            var busy = await Blob("GET", "key", to);
            Assert.Equal((503, "ServerBusy"), (busy.Status, busy.Header("x-ms-error-code")));
            // Kinds are limited each by itself.
            Assert.Equal(200, (await server.SendTo(to, key, "GET", "/throttled-bucket?list-type=2")).Status);
            Assert.Equal(503, (await server.SendTo(to, key, "GET", "/")).Status);
            Assert.Equal(200, (await server.SendTo(to, key, "PUT", "/throttled-bucket/key", "body")).Status);
            Assert.Equal((503, "SlowDown"), Outcome(await server.SendTo(to, key, "PUT", "/throttled-bucket/other", "body")));
            Assert.Equal(503, (await Blob("PUT", "other", to)).Status);
            Assert.Equal(204, (await server.SendTo(to, key, "DELETE", "/throttled-bucket/nothing")).Status);
            const string Keys = "<Delete><Object><Key>key</Key></Object></Delete>";
            Assert.Equal((503, "SlowDown"), Outcome(await server.SendTo(to, key, "POST", "/throttled-bucket?delete", Keys)));
        }

        Task<Answer> Blob(string verb, string name, Uri to) => server.SendBlob(to, verb, "/throttledacct/throttled-bucket/" + name, verb == "PUT" ? "body" : "");
    }

    [Fact]
    public void Every_operation_is_of_the_kind_that_its_name_says()
    {
        Assert.All(S3Operations.All.Select(each => each.Spec), spec => Assert.Equal(Expected(spec.Name, spec.Verb), Throttling.KindOf(spec.Verb, spec.Lists, spec.Removes)));
        Assert.All(BlobOperations.All.Select(each => each.Spec), spec => Assert.Equal(Expected(spec.Name, spec.Verb), Throttling.KindOf(spec.Verb, spec.Lists, removes: false)));

        static RequestKind Expected(string name, string verb) =>
            name.StartsWith("List", StringComparison.Ordinal) || name.StartsWith("Find", StringComparison.Ordinal) ? RequestKind.List
            : name.StartsWith("Delete", StringComparison.Ordinal) || name is "AbortMultipartUpload" or "EmptyBucket" or "CancelBucketEmptying" ? RequestKind.Delete
            : verb is "GET" or "HEAD" ? RequestKind.Get
            : RequestKind.Put;
    }

    [Fact]
    public async Task What_nobody_signs_counts_to_the_bucket()
    {
        Assert.Null((await server.Installation.Buckets.Create("open-bucket", server.System.Account, "", default)).Refusal);
        Assert.Equal(204, (await server.SendAs(server.System, "PUT", "/open-bucket?policy", PublicRead.Replace("BUCKET", "open-bucket", StringComparison.Ordinal))).Status);
        Assert.Equal(200, (await server.SendAs(server.System, "PUT", "/open-bucket/key", "body")).Status);
        await Ok("PUT", "/?ostor-limits&bucket=open-bucket&ops&get=2");
        Assert.Equal(200, (await server.Send(server.Request("GET", "/open-bucket/key"))).Status);
        Assert.Equal(200, (await server.SendAs(server.System, "GET", "/open-bucket/key")).Status);
        Assert.Equal((503, "SlowDown"), Outcome(await server.Send(server.Request("GET", "/open-bucket/key"))));
        Assert.Equal((503, "SlowDown"), Outcome(await server.SendAs(server.System, "GET", "/open-bucket/key")));
        // Who may not ask at all uses up nothing.
        await Ok("DELETE", "/?ostor-limits&bucket=open-bucket");
        await Ok("PUT", "/?ostor-limits&bucket=open-bucket&ops&delete=1");
        for (var i = 0; i < 3; i++) Assert.Equal((403, "AccessDenied"), Outcome(await server.Send(server.Request("DELETE", "/open-bucket/key"))));
        Assert.Equal(204, (await server.SendAs(server.System, "DELETE", "/open-bucket/key")).Status);
    }

    [Fact]
    public async Task Bytes_are_sent_no_faster_than_they_may_be()
    {
        Assert.Null((await server.Installation.Buckets.Create("slow-bucket", server.System.Account, "", default)).Refusal);
        var body = string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i:d99}\n"));
        foreach (var name in new[] { "one", "two" }) Assert.Equal(200, (await server.SendAs(server.System, "PUT", "/slow-bucket/" + name, body)).Status);
        // A second's bytes at once, the others as they flow, all readers together.
        await Ok("PUT", "/?ostor-limits&bucket=slow-bucket&bandwidth&out=100");
        var watch = Stopwatch.StartNew();
        var answers = await Task.WhenAll(server.SendAs(server.System, "GET", "/slow-bucket/one"), server.SendAs(server.System, "GET", "/slow-bucket/two"));
        Assert.All(answers, answer => Assert.Equal((200, body), (answer.Status, answer.Text)));
        Assert.InRange(watch.Elapsed.TotalSeconds, (200_000 / 102_400.0) - 1 - 0.1, 30);
        await Ok("DELETE", "/?ostor-limits&bucket=slow-bucket");
    }

    [Fact]
    public async Task Who_leaves_while_bytes_flow_slowly_leaves_nothing_behind()
    {
        await using var process = new Restarted(server.Open());
        await using var slow = await OstorServer.Serve(process.Installation);
        var bucket = (await process.Installation.Buckets.Create("left-bucket", server.System.Account, "", default)).Value;
        Assert.Equal(204, (await server.SendTo(slow.Address, server.System, "PUT", "/left-bucket?policy", PublicRead.Replace("BUCKET", "left-bucket", StringComparison.Ordinal))).Status);
        Assert.Equal(200, (await server.SendTo(slow.Address, server.System, "PUT", "/left-bucket/key", new('x', 2_000_000))).Status);
        Assert.Null((await process.Installation.Buckets.Change<RequestLimits>(bucket, BucketSettings.Limits, _ => new RequestLimits { Out = 1 }, default)).Refusal);
        using (var answer = await slow.Client.GetAsync("/left-bucket/key", HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(2_000_000, answer.Content.Headers.ContentLength);
            Assert.Equal(1, process.Installation.Requests.Count);
        }
        for (var i = 0; i < 12_000 && process.Installation.Requests.Count > 0; i++) await Task.Delay(10);
        Assert.Equal(0, process.Installation.Requests.Count);
    }

    [Fact]
    public async Task Two_processes_over_one_state_share_a_limit()
    {
        var (id, key) = await server.NewUser("shared@example.com");
        await Ok("PUT", $"/?ostor-limits&id={id}&ops&list=30");
        var consistency = Consistency.Shared(TimeSpan.FromSeconds(1));
        await using var one = new Restarted(server.Open(consistency));
        await using var other = new Restarted(server.Open(consistency));
        await using var here = await OstorServer.Serve(one.Installation);
        await using var there = await OstorServer.Serve(other.Installation);
        Assert.Equal(200, (await server.SendTo(there.Address, key, "GET", "/")).Status);
        var admitted = 1;
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 40; i++)
            if ((await server.SendTo(here.Address, key, "GET", "/")).Status == 200) admitted++;
        // The one has taken all there is; the other learns of it within two seconds, and lets in what comes to it by then: here ten a second.
        while ((await server.SendTo(there.Address, key, "GET", "/")).Status == 200)
        {
            admitted++;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "It never learned of it.");
            await Task.Delay(100);
        }
        Assert.InRange(admitted, 30, 30 + (watch.Elapsed.TotalSeconds * 0.5) + 25);
        await Ok("DELETE", "/?ostor-limits&id=" + id);
    }

    /// <summary>A process that ends when it is disposed.</summary>
    private sealed record Restarted(Core.Composition.Installation Installation) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Installation.Throttle.DisposeAsync();
            await Installation.Usage.DisposeAsync();
        }
    }
}
