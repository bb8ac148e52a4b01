using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>A service of AWS's query protocol: actions as forms, answers as XML.</summary>
/// <param name="name">Its name in credentials and actions.</param>
/// <param name="version">The only version of its API.</param>
/// <param name="xmlns">The namespace of its answers.</param>
public sealed class IamService(string name, string version, string xmlns)
{
    /// <summary>Users, keys, roles and policies.</summary>
    public static readonly IamService Iam = new("iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/");

    /// <summary>Sessions.</summary>
    public static readonly IamService Sts = new("sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/");

    private readonly XmlShape<IamErrorDocument> errors = IamErrorDocument.Shape(xmlns);

    /// <summary>Its name in credentials and actions.</summary>
    public string Name => name;

    /// <summary>The only version of its API.</summary>
    public string Version => version;

    /// <summary>The namespace of its answers.</summary>
    public string Xmlns => xmlns;

    /// <summary>Which service's credential a request names; null where it is none of these, or not where their requests go.</summary>
    public static IamService? Of(WireRequest request)
    {
        if (request is not { RawPath: "/", Verb: "POST" or "GET" }) return null;
        // Within the process nobody signs: what is asked stands beside who asks.
        if (request.SignedIn is not null) return request.SignedInService == Iam.Name ? Iam : null;
        if (IsByCertificate(request)) return Sts;
        var credential = request.Headers.Authorization.Count > 0
            ? request.Headers.Authorization.ToString()
            : request.Query["X-Amz-Credential"] ?? "";
        return Iam.IsNamedIn(credential) ? Iam : Sts.IsNamedIn(credential) ? Sts : null;
    }

    /// <summary>Whether it asks for what a certificate is enough for: AssumeRoleWithCertificate, in the query as MinIO's clients have it, unsigned.</summary>
    public static bool IsByCertificate(WireRequest request) =>
        request is { RawPath: "/", Verb: "POST", SignedIn: null } && request.Headers.Authorization.Count == 0 && request.Query["Action"] == "AssumeRoleWithCertificate"
        && !request.Query.Has("X-Amz-Algorithm") && !request.Query.Has("AWSAccessKeyId");

    /// <summary>An error in the document that this service's clients read.</summary>
    public Reply Refused(S3Error error, string? detail, string requestId) =>
        Reply.Refused(error, errors, new IamErrorDocument { Error = error, Message = detail ?? error.Message, RequestId = requestId }, detail);

    private bool IsNamedIn(string credential) => credential.Contains($"/{name}/aws4_request", StringComparison.Ordinal);
}
