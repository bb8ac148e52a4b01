using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Azure;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>
/// What the documents of Zenko, ostor and CloudStack have their readers type, as it stands there but for addresses and keys: users come
/// with these lines in their scripts.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class SeedTests(RunningServer server, AzServer azure) : IClassFixture<RunningServer>, IClassFixture<AzServer>
{
    private const string Curl = """
        set -eu -o pipefail
        source ./s3_curl.sh
        s3_curl PUT "http://$HOST/?ostor-users&emailAddress=user1@email.com"
        s3_curl POST "http://$HOST/?ostor-users&emailAddress=user1@email.com&genKey"
        s3_curl POST "http://$HOST/?ostor-users&emailAddress=user1@email.com&disable"
        s3_curl POST "http://$HOST/?ostor-users&emailAddress=user1@email.com&enable"
        s3_curl GET "http://$HOST/?ostor-users&emailAddress=user1@email.com"
        s3_curl PUT "http://$HOST/?ostor-limits&emailAddress=user1@email.com&ops&default=3600&get=120&put=60"
        s3_curl GET "http://$HOST/?ostor-limits&emailAddress=user1@email.com"
        s3_curl DELETE "http://$HOST/?ostor-limits&emailAddress=user1@email.com"
        s3_curl PUT "http://$HOST/?ostor-quotas&emailAddress=user1@email.com&quota-size=1024"
        s3_curl GET "http://$HOST/?ostor-quotas&emailAddress=user1@email.com"
        s3_curl GET "http://$HOST/?ostor-buckets"
        s3_curl GET "http://$HOST/?ostor-usage"
        s3_curl DELETE "http://$HOST/?ostor-users&emailAddress=user1@email.com"
        """;

    private const string Aws4 = """
        import aws4 from "aws4";
        import http from "node:http";
        import assert from "node:assert/strict";
        const { host, hostname, port } = new URL(process.env.ENDPOINT);
        const search = `/seed-search?search=${encodeURIComponent("x-amz-meta-color=blue")}`;
        const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY };
        const options = aws4.sign({ host, path: search, service: "s3", region: "us-east-1", signQuery: false, method: "GET" }, credentials);
        http.request({ ...options, hostname, port }, (answer) => {
          let text = "";
          answer.on("data", (piece) => { text += piece; });
          answer.on("end", () => { assert.equal(answer.statusCode, 200, text); assert.deepEqual([...text.matchAll(/<Key>([^<]*)</g)].map((key) => key[1]), ["sky"]); });
        }).end();
        """;

    private const string Boto = """
        import os, boto, boto.s3.connection
        connection = boto.connect_s3(
            aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
            host="127.0.0.1", port=int(os.environ["PORT"]), is_secure=False, calling_format=boto.s3.connection.OrdinaryCallingFormat())
        bucket = connection.create_bucket("seed-boto")
        key = bucket.new_key("hello.txt")
        key.set_contents_from_string("Hello World!")
        assert [each.name for each in connection.get_all_buckets() if each.name == "seed-boto"] == ["seed-boto"]
        assert key.get_contents_as_string() == b"Hello World!"
        key.delete()
        connection.delete_bucket("seed-boto")
        """;

    private string Host => new Uri(server.Endpoint).Authority;

    private Dictionary<string, string> Environment => new()
    {
        ["S3_KEY"] = ServerProcess.AccessKey, ["S3_SECRET"] = ServerProcess.SecretKey, ["HOST"] = Host, ["PORT"] = Host.Split(':')[1], ["ENDPOINT"] = server.Endpoint,
        ["AWS_ACCESS_KEY_ID"] = ServerProcess.AccessKey, ["AWS_SECRET_ACCESS_KEY"] = ServerProcess.SecretKey, ["AWS_DEFAULT_REGION"] = "us-east-1", ["BOTO_CONFIG"] = "/dev/null",
    };

    [ClientFact(Client.Curl)]
    public async Task S3_curl_manages_users_limits_and_quotas_and_reads_usage()
    {
        var ran = (await Shell.Run("bash", ["-c", Curl], Environment, Repository.Tools)).Succeeded();
        Assert.DoesNotContain("<Error>", ran.Out, StringComparison.Ordinal);
        foreach (var told in new[] { "\"UserEmail\":\"user1@email.com\"", "\"ops:get\":\"120.00\"", "\"size\":\"1024\"", "\"Buckets\":[", "\"nr_items\":" })
            Assert.Contains(told, ran.Out, StringComparison.Ordinal);
    }

    [ClientFact(Client.Aws)]
    public async Task Aws_makes_versioned_buckets_with_rules_of_replication_and_reads_what_it_put()
    {
        var rules = """{"Role":"arn:aws:iam::root:role/s3-replication-role","Rules":[{"Prefix":"","Status":"Enabled","Destination":{"Bucket":"arn:aws:s3:::seed-source","StorageClass":"nowhere"}}]}""";
        await Aws("s3api", "create-bucket", "--bucket", "seed-source");
        await Aws("s3api", "put-bucket-versioning", "--bucket", "seed-source", "--versioning-configuration", "Status=Enabled");
        // The location has to be there first; that is told, and nothing is set.
        Assert.Contains("nowhere", (await Try("s3api", "put-bucket-replication", "--bucket", "seed-source", "--replication-configuration", rules)).Failed().Err, StringComparison.Ordinal);
        await Aws("s3api", "put-object", "--bucket", "seed-source", "--key", "hello", "--metadata", "color=blue");
        Assert.Equal("blue", JsonDocument.Parse(await Aws("s3api", "head-object", "--bucket", "seed-source", "--key", "hello")).RootElement.GetProperty("Metadata").GetProperty("color").GetString());
        Assert.Contains("hello", await Aws("s3", "ls", "s3://seed-source"), StringComparison.Ordinal);
    }

    [ClientFact(Client.Node)]
    public async Task Node_searches_metadata_by_a_request_that_aws4_signs()
    {
        using (var s3 = Sdk.Client(server.Endpoint))
        {
            await s3.PutBucketAsync("seed-search");
            foreach (var (key, colour) in new[] { ("sky", "blue"), ("grass", "green") })
            {
                var put = new Amazon.S3.Model.PutObjectRequest { BucketName = "seed-search", Key = key, ContentBody = "" };
                put.Metadata["color"] = colour;
                await s3.PutObjectAsync(put);
            }
        }
        (await Shell.Run("node", ["--input-type=module", "-e", Aws4], Environment, Repository.NodeScripts)).Succeeded();
    }

    [ClientFact(Client.Boto2)]
    public async Task Boto_in_its_ordinary_calling_format_over_plain_HTTP() =>
        (await Shell.Run(Installed.PythonOfBoto2!, ["-c", Boto], Environment)).Succeeded();

    [ClientFact(Client.Az)]
    public async Task Az_makes_a_storage_account_and_lists_its_containers()
    {
        using var az = azure.Az();
        await az.Register();
        await az.Run("login", "--service-principal", "-u", ServerProcess.AccessKey, "-p", ServerProcess.SecretKey, "--tenant", "adfs", "--allow-no-subscriptions");
        var made = await az.Json("storage", "account", "create", "-g", "default", "-l", "us-east-1", "--name", "myAccount");
        Assert.Equal("myAccount", made.GetProperty("name").GetString());
        Assert.Equal("Succeeded", made.GetProperty("provisioningState").GetString());
        Assert.Contains((await az.Json("storage", "account", "list")).EnumerateArray(), each => each.GetProperty("name").GetString() == "myAccount");
        Assert.Equal("us-east-1", (await az.Json("storage", "account", "show", "--name", "myAccount")).GetProperty("location").GetString());
        var updated = await az.Json("storage", "account", "update", "-n", "myAccount", "-g", "default", "--tags", "team=a");
        Assert.Equal("a", updated.GetProperty("tags").GetProperty("team").GetString());
        var check = await az.Json("storage", "account", "check-name", "--name", "myaccount");
        Assert.False(check.GetProperty("nameAvailable").GetBoolean());

        var before = (await az.Json("storage", "account", "keys", "list", "-n", "myAccount")).EnumerateArray().Select(key => key.GetProperty("value").GetString()).ToList();
        var after = (await az.Json("storage", "account", "keys", "renew", "-n", "myAccount", "--key", "primary")).EnumerateArray().Select(key => key.GetProperty("value").GetString()).ToList();
        Assert.NotEqual(before[0], after[0]);
        Assert.Equal(before[1], after[1]);

        var connection = (await az.Json("storage", "account", "show-connection-string", "--name", "myAccount")).GetProperty("connectionString").GetString()!;
        Assert.StartsWith($"DefaultEndpointsProtocol=https;EndpointSuffix=localhost:{azure.Port};AccountName=myAccount;AccountKey={after[0]}", connection, StringComparison.Ordinal);
        Assert.Equal(0, (await az.Json("storage", "container", "list", "--connection-string", connection)).GetArrayLength());
        // By name alone: az asks the Resource Manager for the keys, and goes to myaccount.blob.localhost.
        Assert.Equal(0, (await az.Json("storage", "container", "list", "--account-name", "myAccount")).GetArrayLength());
        // By token.
        Assert.Equal(0, (await az.Json("storage", "container", "list", "--account-name", "myAccount", "--auth-mode", "login")).GetArrayLength());

        Assert.Equal("default", (await az.Json("group", "list"))[0].GetProperty("name").GetString());
        Assert.Contains((await az.Json("account", "list-locations")).EnumerateArray(), each => each.GetProperty("name").GetString() == "us-east-1");
        await az.Run("storage", "account", "delete", "-n", "myAccount", "-g", "default", "--yes");
        Assert.Equal(0, (await az.Json("storage", "account", "list")).GetArrayLength());
        Assert.Contains("ResourceNotFound", (await az.Try("storage", "account", "show", "-n", "myAccount", "-g", "default")).Failed().Err, StringComparison.Ordinal);
    }

    private async Task<string> Aws(params string[] arguments) => (await Try(arguments)).Succeeded().Out;

    private Task<Ran> Try(params string[] arguments) => Shell.Run(Installed.Aws[0], [.. arguments, "--endpoint-url", server.Endpoint], Environment);
}
