using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Who calls. Nobody can be denied this.</summary>
public sealed class GetCallerIdentity() : IamOperation<Item<AccessKey>>(new(IamService.Sts, "GetCallerIdentity", IamTarget.Caller), Shape)
{
    private static readonly XmlShape<Item<AccessKey>> Shape = new XmlShape<Item<AccessKey>>("Result", null)
        .Text("Arn", k => k.Value.Principal.Arn)
        .Text("UserId", k => k.Value.Principal.UserId)
        .Text("Account", k => k.Value.Account.Id);

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct) => new(Answer(call, new(call.Caller)));
}
