using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>A list of what users or roles have at AWS and cannot have here, so that it is empty. Tools ask before they delete one.</summary>
/// <param name="name">The operation's exact name.</param>
/// <param name="target">Whose they would be.</param>
/// <param name="element">The element around the list.</param>
public sealed class EmptyList(string name, IamTarget target, string element) : IamOperation<IamPage<string>>(
    new(IamService.Iam, name, target), IamPage.Shape(element, IamShapes.Name))
{
    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct) => new(Answer(call, new()));
}
