using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>What all answers have around their result.</summary>
/// <typeparam name="T">The result.</typeparam>
public sealed class IamDocument<T> where T : class, new()
{
    private static readonly XmlShape<IamDocument<T>> Metadata =
        new XmlShape<IamDocument<T>>("ResponseMetadata", null).Text("RequestId", document => document.RequestId);

    /// <summary>The result; null for an operation that has nothing to tell.</summary>
    public T? Result { get; init; }

    /// <summary>As sent in x-amz-request-id.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>The document of an operation.</summary>
    internal static XmlShape<IamDocument<T>> Shape(IamSpec spec, XmlShape<T> result) =>
        new XmlShape<IamDocument<T>>(spec.Name + "Response", spec.Service.Xmlns)
            .Nested(spec.Name + "Result", result, document => document.Result)
            .Nested("ResponseMetadata", Metadata, document => document);
}

/// <summary>No result at all.</summary>
public sealed class Nothing;

/// <summary>A value that shapes can write though it cannot be made out of nothing.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class Item<T>(T value)
{
    /// <summary>For messages that are read; these are not.</summary>
    public Item() : this(default!)
    {
    }

    /// <summary>The value.</summary>
    public T Value => value;
}

/// <summary>The answer to a request that was refused.</summary>
public sealed record IamErrorDocument
{
    private static readonly XmlShape<IamErrorDocument> ErrorShape = new XmlShape<IamErrorDocument>("Error", null)
        .Text("Type", e => e.Error.Status < 500 ? "Sender" : "Receiver")
        .Text("Code", e => e.Error.Code)
        .Text("Message", e => e.Message);

    /// <summary>The error.</summary>
    public S3Error Error { get; init; } = IamErrors.InternalFailure;

    /// <summary>What is said about it.</summary>
    public string Message { get; init; } = "";

    /// <summary>As sent in x-amz-request-id.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>The document in the namespace of a service.</summary>
    internal static XmlShape<IamErrorDocument> Shape(string xmlns) =>
        new XmlShape<IamErrorDocument>("ErrorResponse", xmlns)
            .Nested("Error", ErrorShape, e => e)
            .Text("RequestId", e => e.RequestId);
}
