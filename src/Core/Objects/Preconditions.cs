namespace ZenkoFunctions.Core.Objects;

/// <summary>The conditional headers against what is there: pure, RFC 9110 section 13.2.2.</summary>
internal static class Preconditions
{
    /// <summary>For a read: null where it may go on.</summary>
    public static Refusal? ForRead(Conditions conditions, ObjectVersion version)
    {
        if (conditions.IfTags is { } tags && !tags.Holds(version.Tags)) return Refusal.PreconditionFailed;
        var modified = WholeSeconds(conditions.IsBlob ? version.BlobModified : version.Modified);
        if (conditions.IfMatch is { } match)
        {
            if (!Names(match, version, conditions.IsBlob)) return Refusal.PreconditionFailed;
        }
        else if (conditions.IfUnmodifiedSince is { } unmodified && modified > unmodified)
        {
            return Refusal.PreconditionFailed;
        }
        if (conditions.IfNoneMatch is { } noneMatch)
            return Names(noneMatch, version, conditions.IsBlob) ? Refusal.NotModified : null;
        return conditions.IfModifiedSince is { } since && modified <= since ? Refusal.NotModified : null;
    }

    /// <summary>For the source of a copy: as a read, but there is no "not modified".</summary>
    public static Refusal? ForCopySource(Conditions conditions, ObjectVersion version) =>
        ForRead(conditions, version) is null ? null : Refusal.PreconditionFailed;

    /// <summary>
    /// For a delete, given the version that it is about (null where there is none). A delete marker counts as a version here,
    /// one without ETag and bytes.
    /// </summary>
    public static Refusal? ForDelete(Conditions conditions, ObjectVersion? version)
    {
        if (conditions.IsBlob) return version is null or { IsDeleteMarker: true } ? Refusal.NoSuchKey : ForWrite(conditions, version);
        if (!AnyForWrite(conditions)) return null;
        if (version is null) return Refusal.NoSuchKey;
        var holds = (conditions.IfMatch is not { } match || Names(match, version))
            && (conditions.IfLastModified is not { } modified || modified == WholeSeconds(version.Modified))
            && (conditions.IfSize is not { } size || size == version.Size)
            && (conditions.IfVersion is not { } id || id == version.Id);
        return holds ? null : Refusal.PreconditionFailed;
    }

    /// <summary>For a write, given the current object (null where there is none).</summary>
    public static Refusal? ForWrite(Conditions conditions, ObjectVersion? current)
    {
        if (conditions.IsBlob)
        {
            // What is not there has no ETag and no date: only a condition on its ETag fails.
            var holds = current is null ? conditions is { IfMatch: null, IfTags: null } : ForRead(conditions, current) is null;
            if (!holds) return Refusal.PreconditionFailed;
            return current is not null && conditions.OfType is { } type && type != (current.Blob?.Type ?? BlobType.BlockBlob) ? Refusal.WrongBlobType : null;
        }
        if (conditions.IfMatch is { } match)
        {
            if (current is null) return Refusal.NoSuchKey;
            if (!Names(match, current)) return Refusal.PreconditionFailed;
        }
        if (conditions.IfNoneMatch is { } noneMatch && current is not null && Names(noneMatch, current))
            return Refusal.PreconditionFailed;
        return null;
    }

    /// <summary>Whether a range that If-Range guards is of this version (RFC 9110 section 13.1.5).</summary>
    public static bool ForRange(RangeValidator validator, ObjectVersion version) =>
        validator.ETag is { } etag ? Names([etag], version) : validator.Modified == WholeSeconds(version.Modified);

    /// <summary>Whether a write is worth a look before its body is taken in.</summary>
    public static bool AnyForWrite(Conditions conditions) =>
        conditions.IfMatch is not null || conditions.IfNoneMatch is not null || conditions.IfLastModified is not null || conditions.IfSize is not null
        || conditions.IfVersion is not null
        || (conditions.IsBlob && (conditions.LeaseId is not null || conditions.OfType is not null || conditions.IfTags is not null || conditions.IfModifiedSince is not null || conditions.IfUnmodifiedSince is not null));

    /// <summary>Whether a race with another writer has to be reported instead of being tried again: in Azure's protocol the conditions are looked at again.</summary>
    public static bool ReportsRaces(Conditions conditions) => !conditions.IsBlob && AnyForWrite(conditions);

    private static bool Names(IReadOnlyList<string> etags, ObjectVersion version, bool isBlob = false)
    {
        var own = isBlob ? version.BlobETag : version.ETag;
        foreach (var etag in etags)
            if (etag == "*" || string.Equals(etag, own, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
}
