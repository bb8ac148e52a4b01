namespace ZenkoFunctions.Api.S3;

/// <summary>The message of a bucket's encryption.</summary>
internal sealed class EncryptionConfiguration
{
    private static readonly XmlShape<ByDefault> DefaultShape = new XmlShape<ByDefault>("ApplyServerSideEncryptionByDefault")
        .Text("SSEAlgorithm", d => d.Algorithm, (d, value) => d.Algorithm = value, required: true)
        .Text("KMSMasterKeyID", d => d.KmsKey, (d, value) => d.KmsKey = value);

    private static readonly XmlShape<Rule> RuleShape = new XmlShape<Rule>("Rule")
        .Nested("ApplyServerSideEncryptionByDefault", DefaultShape, r => r.Default, (r, value) => r.Default = value)
        .Flag("BucketKeyEnabled", r => r.BucketKey, (r, value) => r.BucketKey = value)
        .Unserved("BlockedEncryptionTypes");

    public static readonly XmlShape<EncryptionConfiguration> Shape =
        new XmlShape<EncryptionConfiguration>("ServerSideEncryptionConfiguration")
            .Many("Rule", RuleShape, c => c.Rules, (c, rule) => c.Rules.Add(rule), required: true);

    public List<Rule> Rules { get; } = [];

    public sealed class Rule
    {
        public ByDefault? Default { get; set; }

        public bool? BucketKey { get; set; }
    }

    public sealed class ByDefault
    {
        public string Algorithm { get; set; } = "";

        public string? KmsKey { get; set; }
    }
}
