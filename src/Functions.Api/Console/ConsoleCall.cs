using ZenkoFunctions.Api.Console.Pages;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Console;

/// <summary>A browser's request for a page: what a page sees.</summary>
public sealed class ConsoleCall
{
    /// <summary>As it came.</summary>
    public required WireRequest Request { get; init; }

    /// <summary>The values of the names in the page's path, decoded.</summary>
    public required IReadOnlyDictionary<string, string> Path { get; init; }

    /// <summary>The way from the page to the console's root, as links begin: no page knows under which path the console is.</summary>
    public required string Root { get; init; }

    /// <summary>The key that signed in; null where nobody did.</summary>
    public required AccessKey? Key { get; init; }

    /// <summary>The session; null where there is none.</summary>
    public required string? Session { get; init; }

    /// <summary>Who lets people in.</summary>
    public required SignIns SignIns { get; init; }

    /// <summary>Where the console and the objects are.</summary>
    public required ConsolePlace Place { get; init; }

    /// <summary>The region that is signed for.</summary>
    public required string Region { get; init; }

    /// <summary>The time.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>The APIs, asked in the name of who is signed in; null where nobody is.</summary>
    internal ConsoleApi? OptionalApi { private get; init; }

    /// <inheritdoc cref="OptionalApi"/>
    internal ConsoleApi Api => OptionalApi ?? throw new InvalidOperationException("Nobody is signed in.");

    /// <summary>The fields of the form; none for a page.</summary>
    internal ConsoleForm Form { get; set; } = ConsoleForm.None;

    /// <summary>What forms of the session carry; empty where there is none.</summary>
    internal string FormToken => Session is null ? "" : OwnForm.TokenOf(Session);

    /// <summary>Who is signed in, for people.</summary>
    internal string Who => Key is null ? "" : Key.User is { } user ? $"{user.Name} of {Key.Account.Name}" : Key.Account.Name;

    /// <summary>A parameter of the query; null where it is missing or empty.</summary>
    internal string? Query(string name) => Request.Query[name] is { Length: > 0 } value ? value : null;

    /// <summary>A link to a page of the console.</summary>
    /// <param name="path">From the root, its segments encoded.</param>
    /// <param name="query">Parameters; null values are left out.</param>
    internal string Link(string path, params (string Name, string? Value)[] query) => Root + path + ConsoleApi.Query(query) is { Length: > 0 } link ? link : "./";

    /// <summary>A page.</summary>
    internal ValueTask<Reply> Page<TPage>(object? model, int status = 200) where TPage : Microsoft.AspNetCore.Components.IComponent =>
        Html.Page<TPage>(new Dictionary<string, object?> { ["Call"] = this, ["Model"] = model }, status);

    /// <summary>Has the browser show another page: what a form has changed is not sent again when that one is loaded again.</summary>
    internal Reply Go(string path, params (string Name, string? Value)[] query) => Reply.Empty(303).With("Location", Link(path, query));

    /// <summary>Has somebody sign in, and come back.</summary>
    internal Reply GoToSignIn(IReadOnlyList<string> path, string rawQuery) =>
        Go("sign-in", ("to", string.Join('/', path.Select(Uri.EscapeDataString)) + (rawQuery.Length == 0 ? "" : "?" + rawQuery)));

    /// <summary>A page that says what is wrong, and what to do.</summary>
    internal ValueTask<Reply> Problem(int status, string title, string advice, string? detail = null) => Page<ProblemPage>(new Problem(title, advice, detail), status);

    /// <summary>What an API refused, and what to do about it.</summary>
    internal ValueTask<Reply> Refused(ConsoleException refused) => Problem(refused.Status, refused.Title, refused.Advice, refused.Message);

    /// <summary>The way to the root from a page whose path has so many segments.</summary>
    internal static string RootOf(int segments) => segments <= 1 ? "./" : string.Concat(Enumerable.Repeat("../", segments - 1));
}
