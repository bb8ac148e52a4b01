using System.Globalization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Blob;

/// <summary>The document of a container's stored access policies.</summary>
internal sealed class SignedIdentifiers
{
    private const int MaxPolicies = 5, MaxId = 64;

    private static readonly XmlShape<Policy> PolicyShape = new XmlShape<Policy>("AccessPolicy", xmlns: null)
        .Text("Start", p => p.Start, (p, v) => p.Start = v)
        .Text("Expiry", p => p.Expiry, (p, v) => p.Expiry = v)
        .Text("Permission", p => p.Permission, (p, v) => p.Permission = v);

    private static readonly XmlShape<Identifier> IdentifierShape = new XmlShape<Identifier>("SignedIdentifier", xmlns: null)
        .Text("Id", i => i.Id, (i, v) => i.Id = v, required: true)
        .Nested("AccessPolicy", PolicyShape, i => i.Policy, (i, v) => i.Policy = v);

    public static readonly XmlShape<SignedIdentifiers> Shape = new XmlShape<SignedIdentifiers>("SignedIdentifiers", xmlns: null)
        .Many("SignedIdentifier", IdentifierShape, s => s.All, (s, v) => s.All.Add(v));

    private List<Identifier> All { get; } = [];

    public static SignedIdentifiers Of(IReadOnlyList<StoredAccessPolicy> policies)
    {
        var document = new SignedIdentifiers();
        foreach (var (id, permissions, start, expiry) in policies)
            document.All.Add(new() { Id = id, Policy = new() { Start = Text(start), Expiry = Text(expiry), Permission = permissions } });
        return document;
    }

    /// <summary>The policies; InvalidXmlDocument for more than five, or two of one id; InvalidXmlNodeValue for a value that is none.</summary>
    public IReadOnlyList<StoredAccessPolicy> Checked()
    {
        if (All.Count > MaxPolicies) throw new S3Exception(BlobErrors.InvalidXmlDocument, $"A container has at most {MaxPolicies} stored access policies.");
        if (All.DistinctBy(each => each.Id).Count() < All.Count) throw new S3Exception(BlobErrors.InvalidXmlDocument, "Each policy has an Id of its own.");
        return [.. All.Select(Checked)];
    }

    private static StoredAccessPolicy Checked(Identifier identifier)
    {
        if (identifier.Id.Length is 0 or > MaxId) throw new S3Exception(BlobErrors.InvalidXmlNodeValue, $"A policy's Id has 1 to {MaxId} characters.");
        var permissions = identifier.Policy?.Permission is { Length: > 0 } letters ? letters : null;
        if (permissions?.All(char.IsAsciiLetter) == false) throw new S3Exception(BlobErrors.InvalidXmlNodeValue, "A policy's Permission holds letters.");
        return new(identifier.Id, permissions, Time(identifier.Policy?.Start), Time(identifier.Policy?.Expiry));
    }

    private static DateTimeOffset? Time(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time
        : throw new S3Exception(BlobErrors.InvalidXmlNodeValue, "Start and Expiry are dates as in 2026-01-31T12:00:00Z.");

    private static string? Text(DateTimeOffset? time) => time is { } at ? BlobTimes.Format(at) : null;

    private sealed class Identifier
    {
        public string Id { get; set; } = "";
        public Policy? Policy { get; set; }
    }

    private sealed class Policy
    {
        public string? Start { get; set; }
        public string? Expiry { get; set; }
        public string? Permission { get; set; }
    }
}
