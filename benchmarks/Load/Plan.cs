namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>How much of everything. The same for every server of a run.</summary>
internal sealed record Plan
{
    /// <summary>
    /// How often each row is measured; the median is reported. Many short rounds in which the servers alternate stand up to
    /// a noisy machine better than a few long ones. A bucket is filled, and the 64 uploads are made, in the first only.
    /// </summary>
    public int Rounds { get; init; } = 5;

    /// <summary>How long each row of small objects is loaded.</summary>
    public double Seconds { get; init; } = 2.5;

    /// <summary>How many objects of 64 MiB a row writes.</summary>
    public int LargeObjects { get; init; } = 16;

    /// <summary>The size of the multipart upload.</summary>
    public int MultipartMiB { get; init; } = 1024;

    /// <summary>How many keys the listed bucket holds; a multiple of 1,000.</summary>
    public int Keys { get; init; } = 100_000;

    /// <summary>After how many seconds a listing is broken off.</summary>
    public double ListSeconds { get; init; } = 12;

    /// <summary>The size of each of the 64 concurrent uploads.</summary>
    public int UploadMiB { get; init; } = 128;

    /// <summary>Only groups whose name contains this.</summary>
    public string Only { get; init; } = "";

    /// <summary>About twenty minutes for three servers.</summary>
    public static Plan Full { get; } = new();

    /// <summary>About two minutes for three servers.</summary>
    public static Plan Quick { get; } = new() { Rounds = 1, Seconds = 1, LargeObjects = 6, MultipartMiB = 256, Keys = 10_000, ListSeconds = 3, UploadMiB = 16 };
}
