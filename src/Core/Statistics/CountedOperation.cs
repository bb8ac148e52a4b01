using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Statistics;

/// <summary>The kinds of operations that bills tell apart.</summary>
public enum OperationKind
{
    /// <summary>Everything else: deletions, and what browsers ask beforehand.</summary>
    [JsonStringEnumMemberName("other")]
    Other,

    /// <summary>Makes or changes something.</summary>
    [JsonStringEnumMemberName("put")]
    Put,

    /// <summary>Reads something, or asks about it.</summary>
    [JsonStringEnumMemberName("get")]
    Get,

    /// <summary>Lists buckets, objects, uploads or parts.</summary>
    [JsonStringEnumMemberName("list")]
    List,
}

/// <summary>An operation as it is counted.</summary>
/// <param name="Name">With its service: <c>s3:PutObject</c>.</param>
/// <param name="Kind">Its kind.</param>
public sealed record CountedOperation(string Name, OperationKind Kind)
{
    /// <summary>Whether what its bucket holds may be another amount afterwards.</summary>
    internal bool MayChange => Kind is OperationKind.Put or OperationKind.Other;
}

/// <summary>What was counted of an operation.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Count">How many were done.</param>
/// <param name="Uploaded">Bytes of the bodies of requests, those that failed, too.</param>
/// <param name="Downloaded">Bytes of the bodies of answers, as far as they were sent.</param>
public readonly record struct OperationTally(OperationKind Kind, long Count, long Uploaded, long Downloaded)
{
    /// <summary>Both together.</summary>
    public static OperationTally operator +(OperationTally a, OperationTally b) =>
        new(b.Kind, a.Count + b.Count, a.Uploaded + b.Uploaded, a.Downloaded + b.Downloaded);
}
