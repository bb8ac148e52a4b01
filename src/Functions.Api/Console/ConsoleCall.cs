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

/// <summary>An API refused what a page asked of it.</summary>
/// <param name="status">The status of its answer.</param>
/// <param name="code">Its code.</param>
/// <param name="message">Its message.</param>
internal sealed class ConsoleException(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    public string Code => code;

    /// <summary>What happened, in a few words.</summary>
    public string Title => (status, code) switch
    {
        (_, "NoSuchBucket") => "There is no such bucket",
        (_, "NoSuchKey" or "NoSuchVersion") => "There is no such object",
        (_, "BucketNotEmpty") => "The bucket is not empty",
        (_, "BucketAlreadyExists") => "The name is taken",
        (_, "BucketAlreadyOwnedByYou") => "You have a bucket of that name",
        (_, "InvalidBucketName") => "This is no name for a bucket",
        (_, "NoSuchLocation") => "There is no such location",
        (_, "LocationExists") => "The name is taken",
        (_, "LocationInUse") => "Something needs it still",
        (_, "NoSuchEntity" or "NoSuchUser" or "NoSuchAccount" or "NoSuchStorageAccount" or "NoSuchKeyPair") => "It is not there",
        (_, "EntityAlreadyExists" or "UserExists" or "StorageAccountExists") => "The name is taken",
        (_, "UserInUse" or "StorageAccountInUse") => "It is still needed",
        (_, "MalformedPolicyDocument") => "This is no valid policy",
        (_, "ValidationError" or "InvalidInput") => "Something in this form is not as it must be",
        (_, "LimitExceeded" or "TooManyKeys") => "There are as many as there may be",
        (403, _) => "You may not do this",
        (>= 500, _) => "The server cannot answer now",
        _ => "This cannot be done",
    };

    /// <summary>What to do about it.</summary>
    public string Advice => (status, code) switch
    {
        (_, "NoSuchBucket") => "It may have been deleted. Go back to the list of buckets.",
        (_, "NoSuchKey" or "NoSuchVersion") => "It may have been deleted. Go back to the bucket; older versions are shown there, too.",
        (_, "BucketNotEmpty") => "Delete its objects first, older versions and unfinished uploads as well: its settings have “Empty bucket…”, which does all of it.",
        (_, "BucketAlreadyExists") => "Another account has a bucket of that name. Choose another.",
        (_, "BucketAlreadyOwnedByYou") => "Use that one, or choose another name.",
        (_, "InvalidBucketName") => "Use 3 to 63 lower case letters, digits, dashes and dots; begin and end with a letter or a digit.",
        (_, "NoSuchLocation") => "It may have been removed. Go back to the locations.",
        (_, "LocationExists") => "Choose another name.",
        (_, "LocationInUse") => "Its page lists the buckets that have to do with it: change or empty those first.",
        (_, "NoSuchEntity" or "NoSuchUser" or "NoSuchAccount" or "NoSuchStorageAccount" or "NoSuchKeyPair") => "It may have been deleted. Go back to the list.",
        (_, "EntityAlreadyExists" or "UserExists" or "StorageAccountExists") => "Choose another.",
        (_, "UserInUse" or "StorageAccountInUse") => "Nothing was changed.",
        (_, "MalformedPolicyDocument") => "Nothing was changed. Mend the document at that place and save it again.",
        (_, "ValidationError" or "InvalidInput") => "Nothing was changed. Mend it and try again.",
        (_, "LimitExceeded" or "TooManyKeys") => "Delete one that is not needed any more, then try again.",
        (403, _) => "Ask whoever administrates your account for a policy that allows it, or sign in with another key.",
        (>= 500, _) => "Try again in a moment. If it stays so, an administrator finds the reason on the dashboard.",
        _ => "Change what you asked for and try again.",
    };
}
