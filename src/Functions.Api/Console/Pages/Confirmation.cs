namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A question before something is done that cannot be undone: a form that goes to the page itself.</summary>
/// <param name="Section">Which part of the console it is.</param>
/// <param name="Title">What is about to be done.</param>
/// <param name="Name">What it is done to.</param>
/// <param name="Text">What that means, behind the name.</param>
/// <param name="Button">What the button says.</param>
/// <param name="Back">Where one goes who does not want it.</param>
/// <param name="Trail">What the page is part of.</param>
public sealed record Confirmation(string Section, string Title, string Name, string Text, string Button, string Back, IReadOnlyList<(string Name, string Href)> Trail)
{
    /// <summary>What the field asks for in which the name is to be typed; null where it is enough that the name is shown.</summary>
    public string? Typed { get; init; }

    /// <summary>What goes with it, a line each.</summary>
    public IReadOnlyList<string> With { get; init; } = [];

    /// <summary>Why it was not done; null before it was tried.</summary>
    public FormProblem? Problem { get; init; }

    /// <summary>Shows it.</summary>
    internal ValueTask<S3.Reply> Ask(ConsoleCall call) => call.Page<ConfirmPage>(this);

    /// <summary>Shows it again, with why nothing was done.</summary>
    internal ValueTask<S3.Reply> Again(ConsoleCall call, ConsoleException why) =>
        call.Page<ConfirmPage>(this with { Problem = FormProblem.Of(why) }, why.Status);

    /// <summary>Whether the name was typed as it is.</summary>
    internal bool IsTypedIn(ConsoleCall call) => call.Form["name"] == Name;

    /// <summary>Shows it again, because something else was typed.</summary>
    internal ValueTask<S3.Reply> Mistyped(ConsoleCall call) =>
        call.Page<ConfirmPage>(this with { Problem = new("That is not its name", "", $"Nothing was done. Type {Name} to go on.") }, 400);
}
