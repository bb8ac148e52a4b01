using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>A line of <see cref="ArmOperations.All"/> or <see cref="SignInOperations.All"/>.</summary>
/// <param name="Name">Unique.</param>
/// <param name="Verb">The HTTP method.</param>
/// <param name="Path">A template as that of <see cref="ManagementOperation"/>; its words in whatever case.</param>
/// <param name="Run">Answers a call that is permitted.</param>
public sealed record ArmOperation(string Name, string Verb, string Path, Func<ArmCall, CancellationToken, ValueTask<Reply>> Run)
{
    /// <summary>Parameters of the query without which the request is not this: a bucket of the path's name is left alone.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    /// <summary>Whether it is on the way to a token: nobody need have signed in.</summary>
    public bool IsSignIn { get; init; }

    /// <summary>Whether it takes a form, without whose Content-Type the request is not this.</summary>
    public bool TakesForm { get; init; }

    /// <summary>The action that policies know it by, as <c>zenko:…</c>; null where whoever signed in may ask.</summary>
    public string? Action { get; init; }

    /// <summary>The most bytes that its body may have.</summary>
    public int BodyBytes { get; init; } = 64 * 1024;

    /// <summary>How its path is recognised.</summary>
    internal PathTemplate Template { get; } = new(Path, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a request has what this needs besides its path.</summary>
    internal bool Fits(WireRequest request) =>
        request.Verb == Verb && Parameters.All(request.Query.Has)
        && (!TakesForm || request.Headers.ContentType.ToString().StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase));
}

/// <summary>A call: what an operation sees.</summary>
public sealed class ArmCall
{
    /// <summary>The request as it came.</summary>
    public required WireRequest Request { get; init; }

    /// <summary>The values of the names in the operation's path, decoded.</summary>
    public required IReadOnlyDictionary<string, string> Path { get; init; }

    /// <summary>The whole body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The domain.</summary>
    public required Installation Installation { get; init; }

    /// <summary>The domains of the installation, lower case.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    /// <summary>Who asks; null on the way to a token.</summary>
    public Principal? Caller { get; init; }

    /// <summary>The account that asks.</summary>
    public Account Account => Caller?.Account ?? throw new InvalidOperationException("Nobody signed in.");

    /// <summary>Host and port as the client wrote them.</summary>
    public string Host => Request.Headers.Host.ToString();

    /// <summary>The URL that the client knows the server by, without a slash at its end.</summary>
    public string Base => $"{(Request.IsHttps ? "https" : "http")}://{Host}";

    /// <summary>The subscription as the client names it.</summary>
    public string SubscriptionPath => "/subscriptions/" + Path["subscription"];

    /// <summary>Reads the body; throws InvalidRequestContent where it is no such document. An empty body is an empty document.</summary>
    public T Read<T>(JsonTypeInfo<T> type) where T : class, new()
    {
        if (Body.IsEmpty) return new();
        try
        {
            return JsonSerializer.Deserialize(Body.Span, type) ?? throw new S3Exception(ArmErrors.InvalidRequestContent);
        }
        catch (JsonException e)
        {
            throw new S3Exception(ArmErrors.InvalidRequestContent, $"The body is not the JSON document that is expected here: {e.Message}");
        }
    }
}
