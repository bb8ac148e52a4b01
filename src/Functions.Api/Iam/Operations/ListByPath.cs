using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>ListUsers, ListRoles: those of the caller's account by name, or those of them below a path.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="element">The element around the list.</param>
/// <param name="target">All of them.</param>
/// <param name="shape">The shape of one.</param>
/// <param name="all">Reads them, ordered by name in lower case.</param>
/// <param name="of">Path and name of one.</param>
public sealed class ListByPath<T>(
    string element, IamTarget target, XmlShape<Item<T>> shape, Func<IamCall, CancellationToken, IAsyncEnumerable<T>> all,
    Func<T, (string Path, string Name)> of)
    : IamOperation<IamPage<T>>(new(IamService.Iam, "List" + element, target), IamPage.Shape(element, shape))
{
    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var prefix = call.Form["PathPrefix"] ?? "/";
        var below = all(call, ct).Where(one => of(one).Path.StartsWith(prefix, StringComparison.Ordinal));
        return Answer(call, await IamPage.Take(below, one => of(one).Name.ToLowerInvariant(), call.Form, ct));
    }
}
