using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form that changes a location shows.</summary>
public sealed record EditLocationModel(string Name, IReadOnlyList<LocationField> Fields, IReadOnlyList<LocationField> Advanced, CheckTold? Check, FormProblem? Problem);

public partial class EditLocationPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var (document, type) = await Read(call, ct);
        return await Answer(call, document, type, LocationForm.In(document), null, null, 200);
    }

    internal static async ValueTask<Reply> Change(ConsoleCall call, CancellationToken ct)
    {
        var (document, type) = await Read(call, ct);
        try
        {
            var changed = LocationForm.Write((JsonObject)document.DeepClone(), type, call.Form);
            if (call.Form["do"] == "check")
            {
                var (result, problem) = await LocationForm.Try(call, changed, ct);
                return await Answer(call, document, type, Typed, result, problem, problem is null ? 200 : 400);
            }
            var answer = await call.Api.Send("PUT", PathOf(call), "", ct, LocationForm.Body(changed));
            if (answer.Refusal is { } refused) return await Answer(call, document, type, Typed, null, FormProblem.Of(refused), refused.Status);
            return call.Go(ConsolePath.Location(call.Path["name"]), ("changed", "1"));
        }
        catch (ConsoleException e)
        {
            return await Answer(call, document, type, Typed, null, FormProblem.Of(e), e.Status);
        }

        string? Typed(string name) => call.Form[name];
    }

    /// <summary>The path of a location of the API.</summary>
    internal static string PathOf(ConsoleCall call) => $"{LocationForm.Root}/{Uri.EscapeDataString(call.Path["name"])}";

    private static async ValueTask<(JsonObject Document, LocationTypeTold Type)> Read(ConsoleCall call, CancellationToken ct)
    {
        var document = JsonNode.Parse((await call.Api.Do("GET", PathOf(call), "", ct)).Body.Span)!.AsObject();
        var type = (await LocationForm.Types(call, ct)).FirstOrDefault(each => each.Name == document["locationType"]!.GetValue<string>());
        if (type is null || document["isBuiltin"]?.GetValue<bool>() == true)
            throw new ConsoleException(ManagementErrors.InvalidLocation.Status, ManagementErrors.InvalidLocation.Code, $"{call.Path["name"]} is part of the installation and cannot be changed.");
        return (document, type);
    }

    private static ValueTask<Reply> Answer(ConsoleCall call, JsonObject document, LocationTypeTold type, Func<string, string?> valueOf, CheckTold? check, FormProblem? problem, int status) =>
        call.Page<EditLocationPage>(
            new EditLocationModel(
                call.Path["name"], LocationForm.Fields(type, valueOf, document["details"]?["hasSecretKey"] is not null), LocationForm.Advanced(type, valueOf), check, problem),
            status);
}
