using System.Collections.Frozen;
using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Limits;
using ZenkoFunctions.Core.Monitoring;
using ZenkoFunctions.Core.Statistics;

namespace ZenkoFunctions.Api;

/// <summary>Tells the statistics of the requests that are billed: those of S3 and Azure Blob.</summary>
/// <param name="statistics">Where they are counted.</param>
public sealed class CountedRequests(UsageStatistics statistics)
{
    private static readonly FrozenDictionary<(string Protocol, string Operation), CountedOperation> Operations =
        S3.Operations.All.Select(operation => Line("s3", operation.Spec.Name, Kind(operation.Spec.Verb, operation.Spec.Lists, operation.Spec.Removes)))
            .Concat(BlobOperations.All.Select(operation => Line("blob", operation.Spec.Name, Kind(operation.Spec.Verb, operation.Spec.Lists, removes: false))))
            .Concat([Line("s3", RequestCounts.Unknown, OperationKind.Other), Line("blob", RequestCounts.Unknown, OperationKind.Other)])
            .DistinctBy(line => line.Key).ToFrozenDictionary();

    /// <summary>Counts a request that has come to its end.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="status">How it was answered.</param>
    /// <param name="uploaded">Bytes of its body that were taken.</param>
    public void Add(Exchange exchange, int status, long uploaded)
    {
        if (!statistics.IsOn || !Operations.TryGetValue((exchange.Protocol, exchange.Operation ?? RequestCounts.Unknown), out var operation)) return;
        // Nobody pays for whom nobody let in.
        if (exchange.Sender is null or { IsAnonymous: true } && status is >= 400 and < OperationCounts.ClientGone) return;
        statistics.Add(exchange.Bucket, exchange.Sender, operation, status < 400, uploaded, exchange.Sent);
    }

    /// <summary>As limits have it; what they call a deletion is told with what is none of them.</summary>
    private static OperationKind Kind(string verb, bool lists, bool removes) => verb == "OPTIONS" ? OperationKind.Other : Throttling.KindOf(verb, lists, removes) switch
    {
        RequestKind.Get => OperationKind.Get,
        RequestKind.Put => OperationKind.Put,
        RequestKind.List => OperationKind.List,
        _ => OperationKind.Other,
    };

    private static KeyValuePair<(string, string), CountedOperation> Line(string protocol, string name, OperationKind kind) => new((protocol, name), new($"{protocol}:{name}", kind));
}
