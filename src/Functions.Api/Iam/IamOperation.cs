using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>
/// An operation of IAM or STS: one file under <c>Operations/</c> with its spec, its parsing, its handling and its answer's
/// shape; and one line in <see cref="IamOperations.All"/>.
/// </summary>
/// <param name="spec">How requests are recognised as it, and what the caller must be allowed to do.</param>
public abstract class IamOperation(IamSpec spec)
{
    private readonly XmlShape<IamDocument<Nothing>> done = IamDocument<Nothing>.Shape(spec, new(spec.Name + "Result", null));

    /// <summary>Its line of the table.</summary>
    public IamSpec Spec => spec;

    /// <summary>
    /// Answers a request that has been verified and authorised. Refuses by <see cref="IamCall.Refused{T}"/>, or, for malformed
    /// input, by throwing <see cref="S3Exception"/> with a line of <see cref="IamErrors"/>.
    /// </summary>
    public abstract ValueTask<Reply> Run(IamCall call, CancellationToken ct);

    /// <summary>The answer of an operation that has nothing to tell.</summary>
    protected Reply Done(IamCall call) => Reply.Document(done, new() { RequestId = call.RequestId });
}

/// <summary>An operation that has something to tell.</summary>
/// <typeparam name="T">Its result.</typeparam>
/// <param name="spec">As in <see cref="IamOperation"/>.</param>
/// <param name="result">The shape of its result.</param>
public abstract class IamOperation<T>(IamSpec spec, XmlShape<T> result) : IamOperation(spec) where T : class, new()
{
    private readonly XmlShape<IamDocument<T>> shape = IamDocument<T>.Shape(spec, result);

    /// <summary>The answer.</summary>
    protected Reply Answer(IamCall call, T result) => Reply.Document(shape, new() { Result = result, RequestId = call.RequestId });
}

/// <summary>What an operation is applied to; that is the resource which policies are asked about.</summary>
public enum IamTarget
{
    /// <summary>The caller itself, or what the operation finds out and asks about: no permission is needed to get that far.</summary>
    Caller,

    /// <summary>The users of the account.</summary>
    Users,

    /// <summary>The user that is to be made, named by UserName and Path.</summary>
    NewUser,

    /// <summary>The user in the parameter UserName.</summary>
    User,

    /// <summary>The user in UserName, or without it whoever calls.</summary>
    UserOrCaller,

    /// <summary>The roles of the account.</summary>
    Roles,

    /// <summary>The role that is to be made, named by RoleName and Path.</summary>
    NewRole,

    /// <summary>The role in the parameter RoleName.</summary>
    Role,
}

/// <summary>A line of the table of operations.</summary>
/// <param name="Service">Whose operation it is.</param>
/// <param name="Name">The operation's exact name, which requests carry as Action.</param>
/// <param name="Target">What it is applied to.</param>
public sealed record IamSpec(IamService Service, string Name, IamTarget Target)
{
    /// <summary>Parameters of capabilities that are not there: a request that uses one is refused. A list's name stands for its members.</summary>
    public IReadOnlyList<string> Unserved { get; init; } = [];

    /// <summary>Whether a client's certificate asks for it, and no signature.</summary>
    public bool IsByCertificate { get; init; }

    /// <summary>The action that policies allow: <c>iam:CreateUser</c>.</summary>
    public string Action => $"{Service.Name}:{Name}";
}
