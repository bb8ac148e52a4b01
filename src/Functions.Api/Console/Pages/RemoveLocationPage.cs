using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>Asks for a location's name, and removes it.</summary>
internal static class RemoveLocationPage
{
    public static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        await call.Api.Do("GET", EditLocationPage.PathOf(call), "", ct);
        return await Question(call).Ask(call);
    }

    public static async ValueTask<Reply> Remove(ConsoleCall call, CancellationToken ct)
    {
        var question = Question(call);
        if (!question.IsTypedIn(call)) return await question.Mistyped(call);
        var answer = await call.Api.Send("DELETE", EditLocationPage.PathOf(call), "", ct);
        return answer.Refusal is not { } refused ? call.Go("locations", ("removed", question.Name)) : await question.Again(call, refused);
    }

    private static Confirmation Question(ConsoleCall call)
    {
        var name = call.Path["name"];
        var back = call.Link(ConsolePath.Location(name));
        return new(
            "Locations", "Remove location", name, "and its key are forgotten. Nothing is deleted there, and nothing can be removed that a bucket, a workflow or an object still needs.",
            "Remove location", back, [("Locations", call.Link("locations")), (name, back)]) { Typed = "Type the location’s name to confirm" };
    }
}
