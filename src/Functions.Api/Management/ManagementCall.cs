using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Management;

/// <summary>A verified and permitted call: what an operation sees.</summary>
public sealed class ManagementCall
{
    /// <summary>The operation.</summary>
    public required ManagementOperation Operation { get; init; }

    /// <summary>The values of the names in the operation's path, decoded.</summary>
    public required IReadOnlyDictionary<string, string> Path { get; init; }

    /// <summary>The query.</summary>
    public required QueryParameters Query { get; init; }

    /// <summary>The whole body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Who asks.</summary>
    public required Principal Caller { get; init; }

    /// <summary>The lasting key that signed all of it; null where it was signed otherwise, which operations with NeedsSigner never see.</summary>
    public AccessKey? Signer { get; init; }

    /// <summary>The domain.</summary>
    public required Installation Installation { get; init; }

    /// <summary>The URL of the console; null where there is none.</summary>
    public string? Console { get; init; }

    /// <summary>The path as it came, undecoded.</summary>
    public required string RawPath { get; init; }

    /// <summary>Reads the body; throws MalformedBody where it is no such document.</summary>
    public T Read<T>(JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Body.Span, type) ?? throw new S3Exception(ManagementErrors.MalformedBody);
        }
        catch (JsonException e)
        {
            throw new S3Exception(ManagementErrors.MalformedBody, $"The body is not the JSON document that is expected here: {e.Message}");
        }
    }

    /// <summary>The answer of a path that fits the operation's template but names nothing.</summary>
    public Reply NoRoute() => ManagementGateway.NoRoute(RawPath);
}
