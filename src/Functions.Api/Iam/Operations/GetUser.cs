using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>A user, or the caller.</summary>
public sealed class GetUser() : IamOperation<Item<User>>(
    new(IamService.Iam, "GetUser", IamTarget.UserOrCaller), IamShapes.Only("User", Shape))
{
    // As a user's, but that a root's ARN is another.
    private static readonly XmlShape<Item<User>> Shape = new XmlShape<Item<User>>("User", null)
        .Text("Path", u => u.Value.Path)
        .Text("UserName", u => u.Value.Name)
        .Text("UserId", u => u.Value.Id)
        .Text("Arn", u => IsRoot(u.Value) ? $"arn:aws:iam::{u.Value.Id}:root" : u.Value.Arn)
        .Date("CreateDate", u => u.Value.Created);

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(IamCall call, CancellationToken ct) =>
        new(Answer(call, new(call.UserOrRoot ?? new(call.Account.Id, call.Account.Id, call.Account.Name) { Created = call.Caller.Created })));

    private static bool IsRoot(User user) => user.Id == user.AccountId;
}
