using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>ostor's management API as its users call it: a function of bash, over curl.</summary>
public sealed class OstorTests(RunningServer server) : IClassFixture<RunningServer>
{
    private const string Script = """
        set -eu -o pipefail
        source ./s3_curl.sh
        user=$(s3_curl PUT '?ostor-users&emailAddress=curl@example.com')
        id=$(grep -o '"UserId":"[0-9a-f]*"' <<< "$user" | cut -d'"' -f4)
        s3_curl GET "$S3_ENDPOINT/?ostor-users&emailAddress=curl@example.com" | grep "$id" > /dev/null
        S3_CURL_OPTIONS='-w %{http_code}\n'
        s3_curl POST "?ostor-users&id=$id&genKey" | grep -o '200$'
        s3_curl POST "?ostor-accounts&id=$id&accountName=below" | grep -o '200$'
        s3_curl POST "?ostor-users&id=$id&disable"
        S3_UNSIGNED_PAYLOAD=1
        s3_curl POST "?ostor-users&id=$id&enable"
        s3_curl PUT '?ostor-users&id=1' | grep -o '<Code>.*</Code>'
        S3_SECRET=wrong s3_curl GET '?ostor-users' | grep -o '<Code>.*</Code>'
        s3_curl DELETE "?ostor-users&id=$id"
        S3_UNSIGNED_PAYLOAD=
        s3_curl PUT "$S3_ENDPOINT/by-s3-curl"
        s3_curl DELETE "$S3_ENDPOINT/by-s3-curl"
        """;

    [ClientFact(Client.Curl)]
    public async Task The_bash_function_manages_users_by_requests_without_a_length()
    {
        var ran = (await Shell.Run("bash", ["-c", Script], new Dictionary<string, string>
        {
            ["S3_ENDPOINT"] = server.Endpoint, ["S3_KEY"] = ServerProcess.AccessKey, ["S3_SECRET"] = ServerProcess.SecretKey,
        }, Repository.Tools)).Succeeded();
        Assert.Equal(
            ["200", "200", "200", "200", "<Code>InvalidRequest</Code>", "<Code>SignatureDoesNotMatch</Code>", "204", "200", "204"], ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
