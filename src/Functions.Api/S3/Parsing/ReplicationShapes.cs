namespace ZenkoFunctions.Api.S3.Parsing;

/// <summary>The shapes of a replication document.</summary>
internal static class ReplicationShapes
{
    private static readonly XmlShape<ReplicationMessages.And> And = new XmlShape<ReplicationMessages.And>("And")
        .Text("Prefix", a => a.Prefix, (a, v) => a.Prefix = v)
        .Many("Tag", TagSet.TagShape, a => a.Tags, (a, v) => a.Tags.Add(v));

    private static readonly XmlShape<ReplicationMessages.Filter> Filter = new XmlShape<ReplicationMessages.Filter>("Filter")
        .Text("Prefix", f => f.Prefix, (f, v) => f.Prefix = v)
        .Nested("Tag", TagSet.TagShape, f => f.Tag, (f, v) => f.Tag = v)
        .Nested("And", And, f => f.And, (f, v) => f.And = v);

    private static readonly XmlShape<ReplicationMessages.Switch> Switch = new XmlShape<ReplicationMessages.Switch>("Switch")
        .Text("Status", s => s.Status, (s, v) => s.Status = v, required: true);

    private static readonly XmlShape<ReplicationMessages.Source> Source = new XmlShape<ReplicationMessages.Source>("SourceSelectionCriteria")
        .Nested("ReplicaModifications", Switch, s => s.ReplicaModifications, (s, v) => s.ReplicaModifications = v)
        .Nested("SseKmsEncryptedObjects", Switch, s => s.KmsEncrypted, (s, v) => s.KmsEncrypted = v);

    private static readonly XmlShape<ReplicationMessages.Time> Time = new XmlShape<ReplicationMessages.Time>("Time")
        .Integer("Minutes", t => t.Minutes, (t, v) => t.Minutes = v, required: true);

    private static readonly XmlShape<ReplicationMessages.Translation> Translation =
        new XmlShape<ReplicationMessages.Translation>("AccessControlTranslation")
            .Text("Owner", t => t.Owner, (t, v) => t.Owner = v, required: true);

    private static readonly XmlShape<ReplicationMessages.Destination> Destination =
        new XmlShape<ReplicationMessages.Destination>("Destination")
            .Text("Bucket", d => d.Bucket, (d, v) => d.Bucket = v)
            .Text("Account", d => d.Account, (d, v) => d.Account = v)
            .Text("StorageClass", d => d.StorageClass, (d, v) => d.StorageClass = v)
            .Nested("AccessControlTranslation", Translation, d => d.Translation, (d, v) => d.Translation = v)
            .Unserved("EncryptionConfiguration")
            .Nested("ReplicationTime", Threshold("Time"), d => d.Time, (d, v) => d.Time = v)
            .Nested("Metrics", Threshold("EventThreshold"), d => d.Metrics, (d, v) => d.Metrics = v);

    private static readonly XmlShape<ReplicationMessages.Rule> Rule = new XmlShape<ReplicationMessages.Rule>("Rule")
        .Text("ID", r => r.Id, (r, v) => r.Id = v)
        .Integer("Priority", r => r.Priority, (r, v) => r.Priority = v)
        .Text("Prefix", r => r.Prefix, (r, v) => r.Prefix = v)
        .Nested("Filter", Filter, r => r.Filter, (r, v) => r.Filter = v)
        .Text("Status", r => r.Status, (r, v) => r.Status = v, required: true)
        .Nested("SourceSelectionCriteria", Source, r => r.Source, (r, v) => r.Source = v)
        .Nested("ExistingObjectReplication", Switch, r => r.ExistingObjects, (r, v) => r.ExistingObjects = v)
        .Nested("Destination", Destination, r => r.Destination, (r, v) => r.Destination = v, required: true)
        .Nested("DeleteMarkerReplication", Switch, r => r.DeleteMarkers, (r, v) => r.DeleteMarkers = v)
        .Nested("DeleteReplication", Switch, r => r.DeleteVersions, (r, v) => r.DeleteVersions = v);

    /// <summary>The whole document.</summary>
    public static readonly XmlShape<ReplicationMessages.Document> Document =
        new XmlShape<ReplicationMessages.Document>("ReplicationConfiguration")
            .Text("Role", d => d.Role, (d, v) => d.Role = v, required: true)
            .Many("Rule", Rule, d => d.Rules, (d, v) => d.Rules.Add(v), required: true);

    private static XmlShape<ReplicationMessages.Threshold> Threshold(string minutes) => new XmlShape<ReplicationMessages.Threshold>("Threshold")
        .Text("Status", t => t.Status, (t, v) => t.Status = v, required: true)
        .Nested(minutes, Time, t => t.Minutes, (t, v) => t.Minutes = v);
}

/// <summary>The messages of those shapes, named as their elements are.</summary>
internal static class ReplicationMessages
{
    public sealed class Document
    {
        public string Role { get; set; } = "";

        public List<Rule> Rules { get; } = [];
    }

    public sealed class Rule
    {
        public string? Id { get; set; }

        public long? Priority { get; set; }

        public string? Prefix { get; set; }

        public Filter? Filter { get; set; }

        public string Status { get; set; } = "";

        public Source? Source { get; set; }

        public Switch? ExistingObjects { get; set; }

        public Destination? Destination { get; set; }

        public Switch? DeleteMarkers { get; set; }

        /// <summary>DeleteReplication, which MinIO's clients send: whether deletions of versions go too.</summary>
        public Switch? DeleteVersions { get; set; }
    }

    public sealed class Filter
    {
        public string? Prefix { get; set; }

        public Tag? Tag { get; set; }

        public And? And { get; set; }
    }

    public sealed class And
    {
        public string? Prefix { get; set; }

        public List<Tag> Tags { get; } = [];
    }

    public sealed class Source
    {
        public Switch? ReplicaModifications { get; set; }

        public Switch? KmsEncrypted { get; set; }
    }

    public sealed class Destination
    {
        public string? Bucket { get; set; }

        public string? Account { get; set; }

        public string? StorageClass { get; set; }

        public Translation? Translation { get; set; }

        public Threshold? Time { get; set; }

        public Threshold? Metrics { get; set; }
    }

    public sealed class Translation
    {
        public string Owner { get; set; } = "";
    }

    public class Switch
    {
        public string Status { get; set; } = "";
    }

    public sealed class Threshold : Switch
    {
        public Time? Minutes { get; set; }
    }

    public sealed class Time
    {
        public long? Minutes { get; set; }
    }
}
