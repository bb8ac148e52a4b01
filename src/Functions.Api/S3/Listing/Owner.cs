using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.S3.Listing;

/// <summary>An account in a reply.</summary>
public sealed record Owner(string Id, string DisplayName)
{
    /// <summary>For the shape; not to be sent.</summary>
    public Owner() : this("", "") { }

    /// <summary>ID and DisplayName.</summary>
    public static readonly XmlShape<Owner> Shape = new XmlShape<Owner>("Owner")
        .Text("ID", o => o.Id)
        .Text("DisplayName", o => o.DisplayName);

    /// <summary>Who wrote something.</summary>
    public static Owner? Of(Writer? writer) => writer is null ? null : new(writer.CanonicalId, writer.Name);

    /// <summary>The owner of a bucket.</summary>
    public static Owner Of(Bucket bucket) => new(bucket.OwnerCanonicalId, bucket.OwnerName);
}
