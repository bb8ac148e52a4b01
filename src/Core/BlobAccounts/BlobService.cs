namespace ZenkoFunctions.Core.BlobAccounts;

/// <summary>
/// The properties of an account's Blob service, as its document has them; null where nobody ever set one. It and its parts are filled in
/// while the document is read, and not changed any more.
/// </summary>
public sealed record BlobService
{
    /// <summary>The format of the row; it only grows.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Which requests are to be logged: kept and told, without effect.</summary>
    public BlobLogging? Logging { get; set; }

    /// <summary>What is to be counted by the hour: kept and told, without effect.</summary>
    public BlobMetrics? HourMetrics { get; set; }

    /// <summary>What is to be counted by the minute: kept and told, without effect.</summary>
    public BlobMetrics? MinuteMetrics { get; set; }

    /// <summary>What pages of other origins may ask: at most five rules, of which the first that fits counts.</summary>
    public List<BlobCorsRule>? Cors { get; set; }

    /// <summary>The version of requests that name none: kept and told.</summary>
    public string? DefaultServiceVersion { get; set; }

    /// <summary>For how long deleted blobs can be brought back.</summary>
    public BlobRetention? DeleteRetention { get; set; }

    /// <summary>The container $web as a website: kept and told, without effect.</summary>
    public BlobWebsite? StaticWebsite { get; set; }
}

/// <summary>For how long something is kept.</summary>
public sealed record BlobRetention
{
    /// <summary>Whether at all.</summary>
    public bool Enabled { get; set; }

    /// <summary>1 to 365; null where it is not enabled.</summary>
    public int? Days { get; set; }

    /// <summary>Whether it may be removed for good earlier; null where nobody said.</summary>
    public bool? AllowPermanentDelete { get; set; }
}

/// <summary>Which requests are to be logged.</summary>
public sealed record BlobLogging
{
    /// <summary>1.0.</summary>
    public string Version { get; set; } = "";

    /// <summary>Deletions.</summary>
    public bool Delete { get; set; }

    /// <summary>Reads.</summary>
    public bool Read { get; set; }

    /// <summary>Writes.</summary>
    public bool Write { get; set; }

    /// <summary>For how long.</summary>
    public BlobRetention Retention { get; set; } = new();
}

/// <summary>What is to be counted.</summary>
public sealed record BlobMetrics
{
    /// <summary>1.0.</summary>
    public string? Version { get; set; }

    /// <summary>Whether at all.</summary>
    public bool Enabled { get; set; }

    /// <summary>Whether by operation.</summary>
    public bool? IncludeApis { get; set; }

    /// <summary>For how long.</summary>
    public BlobRetention? Retention { get; set; }
}

/// <summary>A rule of cross-origin access; lists are joined by commas, as in the document.</summary>
public sealed record BlobCorsRule
{
    /// <summary>Origins, in which <c>*</c> stands for any text.</summary>
    public string Origins { get; set; } = "";

    /// <summary>Methods.</summary>
    public string Methods { get; set; } = "";

    /// <summary>Headers that requests may have; prefixes end in <c>*</c>.</summary>
    public string Headers { get; set; } = "";

    /// <summary>Headers that pages may read.</summary>
    public string Exposed { get; set; } = "";

    /// <summary>For how long a browser may remember a preflight.</summary>
    public int MaxAgeSeconds { get; set; }
}

/// <summary>A website.</summary>
public sealed record BlobWebsite
{
    /// <summary>Whether there is one.</summary>
    public bool Enabled { get; set; }

    /// <summary>The page of each directory.</summary>
    public string? IndexDocument { get; set; }

    /// <summary>The page of the root.</summary>
    public string? DefaultIndexDocumentPath { get; set; }

    /// <summary>The page of what is not there.</summary>
    public string? ErrorDocument404Path { get; set; }
}
