using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Shapes that several operations write.</summary>
internal static class IamShapes
{
    public static readonly XmlShape<Item<User>> User = new XmlShape<Item<User>>("User", null)
        .Text("Path", u => u.Value.Path)
        .Text("UserName", u => u.Value.Name)
        .Text("UserId", u => u.Value.Id)
        .Text("Arn", u => u.Value.Arn)
        .Date("CreateDate", u => u.Value.Created);

    public static readonly XmlShape<Item<Role>> Role = new XmlShape<Item<Role>>("Role", null)
        .Text("Path", r => r.Value.Path)
        .Text("RoleName", r => r.Value.Name)
        .Text("RoleId", r => r.Value.Id)
        .Text("Arn", r => r.Value.Arn)
        .Date("CreateDate", r => r.Value.Created)
        .Text("AssumeRolePolicyDocument", r => Document(r.Value.TrustPolicy))
        .Text("Description", r => r.Value.Description)
        .Integer("MaxSessionDuration", r => (long)r.Value.LongestSession.TotalSeconds);

    public static readonly XmlShape<Item<string>> Name = new XmlShape<Item<string>>("member", null).Content(n => n.Value);

    public static readonly XmlShape<Item<SessionCredentials>> Credentials = new XmlShape<Item<SessionCredentials>>("Credentials", null)
        .Text("AccessKeyId", c => c.Value.AccessKeyId)
        .Text("SecretAccessKey", c => c.Value.Secret)
        .Text("SessionToken", c => c.Value.Token)
        .Date("Expiration", c => c.Value.Expires);

    /// <summary>A result that is a user, a role or credentials alone.</summary>
    public static XmlShape<Item<T>> Only<T>(string element, XmlShape<Item<T>> shape) =>
        new XmlShape<Item<T>>("Result", null).Nested(element, shape, item => item);

    /// <summary>A policy as IAM writes it: percent-encoded (RFC 3986).</summary>
    public static string Document(string json) => Uri.EscapeDataString(json);
}
