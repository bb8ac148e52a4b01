using System.Globalization;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary>Object Lock by the aws CLI; the scripts of boto3 and minio-js have theirs.</summary>
[Trait("Speed", "Slow")]
public sealed class ObjectLockTests(RunningServer server) : IClassFixture<RunningServer>, IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [ClientFact(Client.Aws)]
    public async Task The_aws_CLI_locks_holds_and_bypasses()
    {
        var aws = new AwsCli(server);
        var bucket = server.NewBucketName("aws-lock");
        await File.WriteAllTextAsync(scratch["body"], "locked");
        await aws.Run("s3api", "create-bucket", "--bucket", bucket, "--object-lock-enabled-for-bucket");
        Assert.Equal("Enabled", await aws.Query("Status", "s3api", "get-bucket-versioning", "--bucket", bucket));
        await aws.Run(
            "s3api", "put-object-lock-configuration", "--bucket", bucket, "--object-lock-configuration",
            "ObjectLockEnabled=Enabled,Rule={DefaultRetention={Mode=GOVERNANCE,Days=1}}");
        Assert.Equal("1", await aws.Query(
            "ObjectLockConfiguration.Rule.DefaultRetention.Days", "s3api", "get-object-lock-configuration", "--bucket", bucket));

        // By the bucket's default. A plain deletion only marks; that of the version is refused without the bypass.
        var (governed, version) = await Put("governed");
        Assert.Equal("GOVERNANCE", await aws.Query("ObjectLockMode", ["s3api", "head-object", .. governed]));
        await aws.Refused("AccessDenied", ["s3api", "delete-object", .. governed, "--version-id", version]);
        await aws.Run("s3", "rm", $"s3://{bucket}/governed");
        string[] retain = ["s3api", "put-object-retention", .. governed, "--version-id", version, "--retention", $"Mode=GOVERNANCE,RetainUntilDate={Until(hours: 1)}"];
        await aws.Refused("AccessDenied", retain);
        await aws.Run([.. retain, "--bypass-governance-retention"]);
        await aws.Run(["s3api", "delete-object", .. governed, "--version-id", version, "--bypass-governance-retention"]);

        // A hold keeps a version for as long as it is on, whatever its retention.
        var (held, heldVersion) = await Put("held", "--object-lock-legal-hold-status", "ON");
        string[] deletion = ["s3api", "delete-object", .. held, "--version-id", heldVersion, "--bypass-governance-retention"];
        await aws.Refused("AccessDenied", deletion);
        Assert.Equal("ON", await aws.Query("LegalHold.Status", ["s3api", "get-object-legal-hold", .. held]));
        await aws.Run(["s3api", "put-object-legal-hold", .. held, "--legal-hold", "Status=OFF"]);
        await aws.Run(deletion);

        // Compliance cannot be bypassed nor shortened, only prolonged.
        var (compliant, compliantVersion) = await Put("compliant", "--object-lock-mode", "COMPLIANCE", "--object-lock-retain-until-date", Until(hours: 2));
        await aws.Refused("AccessDenied", ["s3api", "delete-object", .. compliant, "--version-id", compliantVersion, "--bypass-governance-retention"]);
        await aws.Refused("AccessDenied", ["s3api", "put-object-retention", .. compliant, "--bypass-governance-retention", "--retention", $"Mode=COMPLIANCE,RetainUntilDate={Until(hours: 1)}"]);
        await aws.Run(["s3api", "put-object-retention", .. compliant, "--retention", $"Mode=COMPLIANCE,RetainUntilDate={Until(hours: 3)}"]);

        await aws.Refused("InvalidBucketState", "s3api", "put-bucket-versioning", "--bucket", bucket, "--versioning-configuration", "Status=Suspended");

        async Task<(string[] At, string Version)> Put(string key, params string[] more)
        {
            string[] at = ["--bucket", bucket, "--key", key];
            return (at, await aws.Query("VersionId", ["s3api", "put-object", .. at, "--body", scratch["body"], .. more]));
        }
    }

    private static string Until(int hours) => DateTime.UtcNow.AddHours(hours).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
