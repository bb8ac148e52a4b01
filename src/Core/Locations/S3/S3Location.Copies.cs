namespace ZenkoFunctions.Core.Locations.S3;

/// <summary>Copies are CopyObject. What is longer than it takes (5 GiB) is read and put.</summary>
public sealed partial class S3Location : ICopies
{
    private const long MostToCopy = 5L << 30;

    /// <inheritdoc/>
    /// <remarks>Throws <see cref="IOException"/> for an outage.</remarks>
    public async ValueTask<Stored?> Copy(Stored source, string name, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        StoredNames.Require(source.Name);
        StoredNames.Require(name);
        if (source.Length > MostToCopy) return null;
        try
        {
            await service.Ask(
                (s3, token) => s3.CopyObjectAsync(
                    new()
                    {
                        SourceBucket = place.Bucket,
                        SourceKey = KeyOf(source.Name),
                        DestinationBucket = place.Bucket,
                        DestinationKey = KeyOf(name),
                        ServerSideEncryptionMethod = Encryption,
                    },
                    token),
                ct, Watch.PatienceFor(source.Length));
            return source with { Location = this.name, Name = name };
        }
        catch (Exception e)
        {
            if (S3Faults.Is(e, ct) && S3Faults.IsMissing(e)) return null;
            await Try(token => Remove(KeyOf(name), token));
            if (!S3Faults.Is(e, ct)) throw;
            throw faults.Owned(e, $"{source.Name} could not be copied");
        }
    }
}
