using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>The keys of a user, or of the caller, by id, without their secrets.</summary>
public sealed class ListAccessKeys() : IamOperation<IamPage<AccessKey>>(
    new(IamService.Iam, "ListAccessKeys", IamTarget.UserOrCaller), IamPage.Shape("AccessKeyMetadata", Shape))
{
    private static readonly XmlShape<Item<AccessKey>> Shape = new XmlShape<Item<AccessKey>>("member", null)
        .Text("UserName", k => k.Value.User?.Name)
        .Text("AccessKeyId", k => k.Value.Id)
        .Text("Status", k => k.Value.Enabled ? "Active" : "Inactive")
        .Date("CreateDate", k => k.Value.Created);

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct) =>
        Answer(call, await IamPage.Take(call.Accounts.Keys(call.Account, call.UserOrRoot, ct), key => key.Id, call.Form, ct));
}
