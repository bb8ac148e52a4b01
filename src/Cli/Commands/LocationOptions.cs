using System.CommandLine;
using ZenkoFunctions.Core.Locations.Configured;

namespace ZenkoFunctions.Cli.Commands;

/// <summary>What a location can be told on the command line.</summary>
internal static class LocationOptions
{
    /// <summary>The type of a new one.</summary>
    public static readonly Option<string> Type = new("--type") { Description = "Its type, by Zenko's name (location-aws-s3-v1) or short (aws-s3).", HelpName = "type", Required = true };

    private static readonly Option<string?> AccessKey = Text("--access-key", "id", "The id of its access key; of Azure the account's name.");
    private static readonly Option<string?> Bucket = Text("--bucket", "name", "Its bucket, or container. It has to exist.");
    private static readonly Option<string?> Url = Text("--url", "url", "Where it is served; the type's own where there is one.");
    private static readonly Option<string?> BucketRegion = Text("--bucket-region", "name", "The region that its requests are signed for; otherwise us-east-1.");
    private static readonly Option<string?> MpuBucket = Text("--mpu-bucket", "name", "Zenko's helper bucket of GCP; kept, and not used.");
    private static readonly Option<string?> Path = Text("--path", "directory", "The directory of a file location, absolute.");
    private static readonly Option<bool?> Encrypt = Flag("--encrypt", "Whether the service is asked to encrypt what is written.");
    private static readonly Option<bool?> BucketMatch = Flag("--bucket-match", "Whether keys go without the bucket's name before them. Such a location cannot be a destination of replication.");
    private static readonly Option<bool?> Transient = Flag("--transient", "Whether objects leave it once they are replicated.");
    private static readonly Option<bool?> Legacy = Flag("--legacy-aws-behavior", "Whether an owner may make a bucket in it again, as in AWS's oldest region.");
    private static readonly Option<long?> SizeLimit = new("--size-limit-gb") { Description = "The most that it may keep, in GB.", HelpName = "n" };
    private static readonly Option<long?> Bandwidth = new("--bandwidth") { Description = "The most bytes a second that replication sends there.", HelpName = "bytes" };
    private static readonly Option<int?> Concurrency = new("--concurrency") { Description = "How many objects are replicated there at a time, 1 to 64.", HelpName = "n" };

    private static readonly Option[] Changeable =
    [
        AccessKey, SecretKey.File, Bucket, Url, BucketRegion, MpuBucket, Path, Encrypt, BucketMatch, Transient, Legacy, SizeLimit, Bandwidth, Concurrency,
    ];

    /// <summary>Of a new one.</summary>
    public static IReadOnlyList<Option> ForAdd { get; } = [Type, .. Changeable];

    /// <summary>Of one that is changed.</summary>
    public static IReadOnlyList<Option> ForSet { get; } = Changeable;

    /// <summary>The configuration as the command line changes it.</summary>
    public static LocationConfig Apply(ParseResult parsed, LocationConfig config)
    {
        var details = config.Details;
        return config with
        {
            IsTransient = parsed.GetValue(Transient) ?? config.IsTransient,
            LegacyAwsBehavior = parsed.GetValue(Legacy) ?? config.LegacyAwsBehavior,
            SizeLimitGb = (parsed.GetValue(SizeLimit) ?? config.SizeLimitGb) is var size and not 0 ? size : null,
            BandwidthLimit = (parsed.GetValue(Bandwidth) ?? config.BandwidthLimit) is var bandwidth and not 0 ? bandwidth : null,
            Concurrency = (parsed.GetValue(Concurrency) ?? config.Concurrency) is var concurrency and not 0 ? concurrency : null,
            Details = details with
            {
                AccessKey = Given(parsed, AccessKey, details.AccessKey),
                BucketName = Given(parsed, Bucket, details.BucketName),
                Endpoint = Given(parsed, Url, details.Endpoint),
                Region = Given(parsed, BucketRegion, details.Region),
                MpuBucketName = Given(parsed, MpuBucket, details.MpuBucketName),
                Path = Given(parsed, Path, details.Path) is { } path ? System.IO.Path.GetFullPath(path) : null,
                ServerSideEncryption = parsed.GetValue(Encrypt) ?? details.ServerSideEncryption,
                BucketMatch = parsed.GetValue(BucketMatch) ?? details.BucketMatch,
            },
        };
    }

    private static string? Given(ParseResult parsed, Option<string?> option, string? before) => (parsed.GetValue(option) ?? before) is { Length: > 0 } value ? value : null;

    private static Option<string?> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };

    private static Option<bool?> Flag(string name, string description) => new(name) { Description = description, HelpName = "true|false", Arity = ArgumentArity.ZeroOrOne };
}
