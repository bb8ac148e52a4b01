using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>The routing table, derived from the operations: target, verb, <c>restype</c> and <c>comp</c> first, then headers.</summary>
/// <param name="operations">Those that there are.</param>
public sealed class BlobRouter(IEnumerable<BlobOperation> operations)
{
    private readonly ILookup<(Target, string Verb, string? Restype, string? Comp), BlobOperation> lines = operations
        .OrderByDescending(operation => operation.Spec.Headers.Count)
        .ToLookup(operation => (operation.Spec.Target, operation.Spec.Verb, operation.Spec.Restype, operation.Spec.Comp));

    /// <summary>Recognises a request; throws where there is no such operation.</summary>
    public BlobOperation Resolve(Target target, WireRequest request)
    {
        var (restype, comp) = (Parameter(request, "restype"), Parameter(request, "comp"));
        foreach (var operation in lines[(target, request.Verb, restype, comp)])
            if (operation.Spec.Headers.All(header => Has(request, header))) return operation;
        if (lines[(target, request.Verb, restype, comp)].Any())
            throw new S3Exception(BlobErrors.MissingRequiredHeader, $"One of these headers is needed: {string.Join(", ", lines[(target, request.Verb, restype, comp)].SelectMany(o => o.Spec.Headers))}.");
        if (lines.Any(line => line.Key.Item1 == target && line.Key.Restype == restype && line.Key.Comp == comp)) throw new S3Exception(BlobErrors.UnsupportedHttpVerb);
        if (comp is not null && !lines.Any(line => line.Key.Comp == comp)) throw new S3Exception(BlobErrors.InvalidQueryParameterValue, $"There is no comp={comp}.");
        throw new S3Exception(BlobErrors.UnsupportedQueryParameter);
    }

    private static string? Parameter(WireRequest request, string name) => request.Query[name] is { Length: > 0 } value ? value.ToLowerInvariant() : null;

    private static bool Has(WireRequest request, string header)
    {
        var equals = header.IndexOf('=', StringComparison.Ordinal);
        return equals < 0
            ? request.Headers.ContainsKey(header)
            : string.Equals(request.Headers[header[..equals]].ToString(), header[(equals + 1)..], StringComparison.OrdinalIgnoreCase);
    }
}
