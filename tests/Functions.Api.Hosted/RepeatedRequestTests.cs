using ZenkoFunctions.Api.Tests.Operations;

namespace ZenkoFunctions.Api.Tests;

/// <summary>The host sends a request without a body again where its answer was lost: what it did, it did once.</summary>
public sealed class RepeatedRequestTests(ObjectServer server) : IClassFixture<ObjectServer>
{
    [Fact]
    public async Task An_empty_object_becomes_one_version() =>
        Assert.Equal((await Twice("PUT", $"/{await Versioned("rep-put")}/k")).Header("x-amz-version-id"), Assert.Single(await Versions("rep-put")));

    [Fact]
    public async Task A_copy_becomes_one_version()
    {
        await server.Send("PUT", "/bkt/rep-source", "four");
        var copied = await Twice("PUT", $"/{await Versioned("rep-copy")}/k", 200, "x-amz-copy-source: /bkt/rep-source");
        Assert.Equal(copied.Header("x-amz-version-id"), Assert.Single(await Versions("rep-copy")));
    }

    [Fact]
    public async Task A_conditional_copy_is_not_refused_for_its_own_version()
    {
        await server.Send("PUT", "/bkt/rep-source-if", "four");
        await Twice("PUT", $"/{await Versioned("rep-copy-if")}/k", 200, "x-amz-copy-source: /bkt/rep-source-if", "If-None-Match: *");
        Assert.Single(await Versions("rep-copy-if"));
    }

    [Fact]
    public async Task A_deletion_leaves_one_marker()
    {
        await server.Send("PUT", $"/{await Versioned("rep-delete")}/k", "x");
        var marker = await Twice("DELETE", "/rep-delete/k", 204);
        Assert.Equal(marker.Header("x-amz-version-id"), (await Versions("rep-delete"))[0]);
        Assert.Equal(2, (await Versions("rep-delete")).Count);
        Assert.Equal("true", marker.Header("x-amz-delete-marker"));
    }

    [Fact]
    public async Task A_version_that_is_removed_is_gone_and_no_other()
    {
        var kept = (await server.Send("PUT", $"/{await Versioned("rep-remove")}/k", "x")).Header("x-amz-version-id");
        var removed = (await server.Send("PUT", "/rep-remove/k", "y")).Header("x-amz-version-id");
        await Twice("DELETE", $"/rep-remove/k?versionId={removed}", 204);
        Assert.Equal(kept, Assert.Single(await Versions("rep-remove")));
    }

    [Fact]
    public async Task One_upload_is_started_given_its_part_and_aborted()
    {
        await server.Send("PUT", "/rep-upload");
        await server.Send("PUT", "/bkt/rep-part", "a part");
        var id = (await Twice("POST", "/rep-upload/k?uploads")).Element("UploadId")!;
        Assert.Equal([id], (await server.Send("GET", "/rep-upload?uploads")).Elements("UploadId"));

        await Twice("PUT", $"/rep-upload/k?partNumber=1&uploadId={id}", 200, "x-amz-copy-source: /bkt/rep-part");
        Assert.Equal(["6"], (await server.Send("GET", $"/rep-upload/k?uploadId={id}")).Elements("Size"));

        await Twice("DELETE", $"/rep-upload/k?uploadId={id}", 204);
        Assert.Empty((await server.Send("GET", "/rep-upload?uploads")).Elements("UploadId"));
    }

    [Fact]
    public async Task A_bucket_is_made()
    {
        await Twice("PUT", "/rep-bucket");
        Assert.Equal(200, (await server.Send("HEAD", "/rep-bucket")).Status);
    }

    [Fact]
    public async Task Settings_are_removed_and_things_are_read_to_the_same_effect()
    {
        await server.Send("PUT", "/bkt/rep-tagged", "x", "x-amz-tagging: a=b");
        await Twice("DELETE", "/bkt/rep-tagged?tagging", 204);
        Assert.Empty((await Twice("GET", "/bkt/rep-tagged?tagging")).Elements("Key"));
        await Twice("PUT", "/bkt?acl", 200, "x-amz-acl: private");
        await Twice("DELETE", "/bkt?lifecycle", 204);
        Assert.Equal("x", (await Twice("GET", "/bkt/rep-tagged")).Text);
        Assert.Equal(1, (await Twice("HEAD", "/bkt/rep-tagged")).ContentHeaders.ContentLength);
        Assert.Contains("rep-tagged", (await Twice("GET", "/bkt?list-type=2")).Elements("Key"));
    }

    /// <summary>Sends a request whose first answer the host loses; its second.</summary>
    private async Task<Answer> Twice(string verb, string target, int status = 200, params string[] headers)
    {
        var host = Way.HostAt(server.Address);
        var lost = host.Log.Count("injected");
        host.Faults.RepeatBodyless();
        var answer = await server.Send(verb, target, "", headers);
        Assert.Equal((status, lost + 1), (answer.Status, host.Log.Count("injected")));
        return answer;
    }

    private async Task<string> Versioned(string bucket)
    {
        await server.Send("PUT", "/" + bucket);
        await server.Send("PUT", $"/{bucket}?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
        return bucket;
    }

    private async Task<IReadOnlyList<string>> Versions(string bucket) => (await server.Send("GET", $"/{bucket}?versions")).Elements("VersionId");
}
