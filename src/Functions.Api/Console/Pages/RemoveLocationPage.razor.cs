using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form that removes a location shows.</summary>
public sealed record RemoveLocationModel(string Name, FormProblem? Problem);

public partial class RemoveLocationPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        await call.Api.Do("GET", EditLocationPage.PathOf(call), "", ct);
        return await call.Page<RemoveLocationPage>(new RemoveLocationModel(call.Path["name"], null));
    }

    internal static async ValueTask<Reply> Remove(ConsoleCall call, CancellationToken ct)
    {
        var name = call.Path["name"];
        if (call.Form["name"] != name)
            return await call.Page<RemoveLocationPage>(new RemoveLocationModel(name, new("That is not its name", "", $"Nothing was removed. Type {name} to remove it.")), 400);
        var answer = await call.Api.Send("DELETE", EditLocationPage.PathOf(call), "", ct);
        return answer.Code is null ? call.Go("locations", ("removed", name)) : await call.Page<RemoveLocationPage>(new RemoveLocationModel(name, answer.Problem()), answer.Status);
    }
}
