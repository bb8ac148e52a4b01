using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A type of location, to choose from.</summary>
public sealed record TypeChoice(string ShortName, string Title);

/// <summary>What the form of a new location shows.</summary>
/// <param name="Types">All types.</param>
/// <param name="Type">The chosen one; null where none is yet.</param>
/// <param name="Name">What was typed.</param>
/// <param name="Fields">Where it is.</param>
/// <param name="Advanced">What is done with it.</param>
/// <param name="Check">What trying it out came to; null where it was not.</param>
/// <param name="Problem">Why it was not added.</param>
public sealed record NewLocationModel(
    IReadOnlyList<TypeChoice> Types, TypeChoice? Type, string? Name, IReadOnlyList<LocationField> Fields, IReadOnlyList<LocationField> Advanced, CheckTold? Check, FormProblem? Problem);

public partial class NewLocationPage
{
    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Answer(call, null, null, 200, ct);

    internal static async ValueTask<Reply> Add(ConsoleCall call, CancellationToken ct)
    {
        var type = (await LocationForm.Types(call, ct)).FirstOrDefault(each => each.ShortName == call.Query("type"));
        if (type is null) return call.Go("new-location");
        try
        {
            var document = LocationForm.Write(new() { ["name"] = call.Form["name"] ?? "", ["locationType"] = type.Name }, type, call.Form);
            if (call.Form["do"] == "check")
            {
                var (result, problem) = await LocationForm.Try(call, document, ct);
                return await Answer(call, result, problem, problem is null ? 200 : 400, ct);
            }
            var added = await call.Api.Send("POST", LocationForm.Root, "", ct, LocationForm.Body(document));
            if (added.Refusal is { } refused) return await Answer(call, null, FormProblem.Of(refused), refused.Status, ct);
            return call.Go(ConsolePath.Location(call.Form["name"]!), ("added", "1"));
        }
        catch (ConsoleException e)
        {
            return await Answer(call, null, FormProblem.Of(e), e.Status, ct);
        }
    }

    private static async ValueTask<Reply> Answer(ConsoleCall call, CheckTold? check, FormProblem? problem, int status, CancellationToken ct)
    {
        var types = await LocationForm.Types(call, ct);
        var type = types.FirstOrDefault(each => each.ShortName == call.Query("type"));
        return await call.Page<NewLocationPage>(
            new NewLocationModel(
                [.. types.Select(Choice)], type is null ? null : Choice(type), call.Form["name"], type is null ? [] : LocationForm.Fields(type, name => call.Form[name], hasSecret: false),
                type is null ? [] : LocationForm.Advanced(type, name => call.Form[name]), check, problem),
            status);

        static TypeChoice Choice(Management.LocationTypeTold type) => new(type.ShortName, Text.Capital(type.Title));
    }
}
