using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.BlobAccounts;

namespace ZenkoFunctions.Api.Blob;

/// <summary>The document of an account's Blob service, and what it may hold.</summary>
internal static class ServiceDocument
{
    private const int MaxRules = 5, MaxDays = 365;

    private static readonly string[] Methods = ["DELETE", "GET", "HEAD", "MERGE", "OPTIONS", "PATCH", "POST", "PUT"];

    private static readonly XmlShape<BlobRetention> Retention = new XmlShape<BlobRetention>("RetentionPolicy", xmlns: null)
        .Flag("Enabled", r => r.Enabled, (r, v) => r.Enabled = v, required: true)
        .Integer("Days", r => r.Days, (r, v) => r.Days = v is >= 1 and <= MaxDays ? (int)v : throw Wrong($"Days must be 1 to {MaxDays}."))
        .Flag("AllowPermanentDelete", r => r.AllowPermanentDelete, (r, v) => r.AllowPermanentDelete = v);

    private static readonly XmlShape<BlobLogging> Logging = new XmlShape<BlobLogging>("Logging", xmlns: null)
        .Text("Version", l => l.Version, (l, v) => l.Version = v, required: true)
        .Flag("Delete", l => l.Delete, (l, v) => l.Delete = v, required: true)
        .Flag("Read", l => l.Read, (l, v) => l.Read = v, required: true)
        .Flag("Write", l => l.Write, (l, v) => l.Write = v, required: true)
        .Nested("RetentionPolicy", Retention, l => l.Retention, (l, v) => l.Retention = v, required: true);

    private static readonly XmlShape<BlobMetrics> Metrics = new XmlShape<BlobMetrics>("Metrics", xmlns: null)
        .Text("Version", m => m.Version, (m, v) => m.Version = v)
        .Flag("Enabled", m => m.Enabled, (m, v) => m.Enabled = v, required: true)
        .Flag("IncludeAPIs", m => m.IncludeApis, (m, v) => m.IncludeApis = v)
        .Nested("RetentionPolicy", Retention, m => m.Retention, (m, v) => m.Retention = v);

    private static readonly XmlShape<BlobCorsRule> Rule = new XmlShape<BlobCorsRule>("CorsRule", xmlns: null)
        .Text("AllowedOrigins", r => r.Origins, (r, v) => r.Origins = v, required: true)
        .Text("AllowedMethods", r => r.Methods, (r, v) => r.Methods = v, required: true)
        .Integer("MaxAgeInSeconds", r => r.MaxAgeSeconds, (r, v) => r.MaxAgeSeconds = v is >= 0 and <= int.MaxValue ? (int)v : throw Wrong("MaxAgeInSeconds must be a number of seconds."), required: true)
        .Text("ExposedHeaders", r => r.Exposed, (r, v) => r.Exposed = v, required: true)
        .Text("AllowedHeaders", r => r.Headers, (r, v) => r.Headers = v, required: true);

    private static readonly XmlShape<BlobWebsite> Website = new XmlShape<BlobWebsite>("StaticWebsite", xmlns: null)
        .Flag("Enabled", w => w.Enabled, (w, v) => w.Enabled = v, required: true)
        .Text("IndexDocument", w => w.IndexDocument, (w, v) => w.IndexDocument = v)
        .Text("DefaultIndexDocumentPath", w => w.DefaultIndexDocumentPath, (w, v) => w.DefaultIndexDocumentPath = v)
        .Text("ErrorDocument404Path", w => w.ErrorDocument404Path, (w, v) => w.ErrorDocument404Path = v);

    /// <summary>StorageServiceProperties.</summary>
    public static readonly XmlShape<BlobService> Shape = new XmlShape<BlobService>("StorageServiceProperties", xmlns: null)
        .Nested("Logging", Logging, s => s.Logging, (s, v) => s.Logging = v)
        .Nested("HourMetrics", Metrics, s => s.HourMetrics, (s, v) => s.HourMetrics = v)
        .Nested("MinuteMetrics", Metrics, s => s.MinuteMetrics, (s, v) => s.MinuteMetrics = v)
        .Nested("Cors", new XmlShape<Rules>("Cors", xmlns: null).Many("CorsRule", Rule, r => r.All, (r, v) => r.All.Add(v)), s => s.Cors is null ? null : new() { All = s.Cors }, (s, v) => s.Cors = v.All)
        .Text("DefaultServiceVersion", s => s.DefaultServiceVersion, (s, v) => s.DefaultServiceVersion = v)
        .Nested("DeleteRetentionPolicy", Retention, s => s.DeleteRetention, (s, v) => s.DeleteRetention = v)
        .Nested("StaticWebsite", Website, s => s.StaticWebsite, (s, v) => s.StaticWebsite = v);

    /// <summary>What Azure tells of a service whose properties nobody ever set; what was set takes its place.</summary>
    public static BlobService Told(BlobService set) => set with
    {
        Logging = set.Logging ?? new() { Version = "1.0" },
        HourMetrics = set.HourMetrics ?? new() { Version = "1.0", Retention = new() },
        MinuteMetrics = set.MinuteMetrics ?? new() { Version = "1.0", Retention = new() },
        Cors = set.Cors ?? [],
        DeleteRetention = set.DeleteRetention ?? new(),
        StaticWebsite = set.StaticWebsite ?? new(),
    };

    /// <summary>Refuses what a service cannot have; InvalidXmlNodeValue, InvalidXmlDocument.</summary>
    public static void Check(BlobService service)
    {
        if (service.Cors?.Count > MaxRules) throw new S3Exception(BlobErrors.InvalidXmlDocument, $"There are at most {MaxRules} rules of CORS.");
        foreach (var rule in service.Cors ?? [])
        {
            if (List(rule.Origins).Length == 0) throw Wrong("AllowedOrigins must not be empty.");
            if (List(rule.Methods) is not { Length: > 0 } methods || methods.Except(Methods).Any()) throw Wrong($"AllowedMethods must be of {string.Join(", ", Methods)}.");
        }
        if (service.DefaultServiceVersion is { Length: > 0 } version && !BlobDialect.IsVersion(version)) throw Wrong("DefaultServiceVersion must be a version of the protocol.");
        foreach (var retention in new[] { service.DeleteRetention, service.Logging?.Retention, service.HourMetrics?.Retention, service.MinuteMetrics?.Retention })
            if (retention is { Enabled: true, Days: null }) throw Wrong("A retention that is enabled needs Days.");
    }

    /// <summary>The pieces of a list in the document.</summary>
    public static string[] List(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static S3Exception Wrong(string detail) => new(BlobErrors.InvalidXmlNodeValue, detail);

    private sealed class Rules
    {
        public List<BlobCorsRule> All { get; init; } = [];
    }
}
