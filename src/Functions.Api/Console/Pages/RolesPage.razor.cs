using System.Globalization;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A role.</summary>
public sealed record RoleLine(string Name, string Arn, string? Description, double Seconds, string Trust, IReadOnlyList<PolicyLine>? Policies);

/// <summary>What the page of roles shows.</summary>
/// <param name="Roles">The roles; null where they may not be seen.</param>
/// <param name="Next">Where the next page begins; null for none.</param>
public sealed record RolesModel(IReadOnlyList<RoleLine>? Roles, string? Next);

public partial class RolesPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var answer = await call.Api.Iam("ListRoles", ct, ("MaxItems", "20"), ("Marker", call.Query("marker")));
        if (answer.Status == 403) return await call.Page<RolesPage>(new RolesModel(null, null));
        var document = answer.OrThrow().Xml();
        List<RoleLine> roles = [];
        foreach (var role in document.All("member"))
        {
            var name = role.Of("RoleName")!;
            roles.Add(new(
                name, role.Of("Arn")!, role.Of("Description") is { Length: > 0 } text ? text : null, double.Parse(role.Of("MaxSessionDuration")!, CultureInfo.InvariantCulture),
                Uri.UnescapeDataString(role.Of("AssumeRolePolicyDocument")!), await UserPage.Policies(call, "Role", name, ct)));
        }
        return await call.Page<RolesPage>(new RolesModel(roles, document.All("Marker").FirstOrDefault()?.Value));
    }
}
