using System.Diagnostics.CodeAnalysis;

namespace ZenkoFunctions.Api.Console;

/// <summary>An API refused what a page asked of it.</summary>
/// <param name="status">The status of its answer.</param>
/// <param name="code">Its code.</param>
/// <param name="message">Its message.</param>
internal sealed class ConsoleException(int status, string code, string message) : Exception(message)
{
    /// <summary>The status of its answer.</summary>
    public int Status => status;

    /// <summary>Its code.</summary>
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

/// <summary>Why a form did not do what it was to.</summary>
/// <param name="Title">What happened, in a few words.</param>
/// <param name="Message">What the API says.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record FormProblem(string Title, string Message, string Advice)
{
    /// <summary>What an API refused; null where it refused nothing.</summary>
    [return: NotNullIfNotNull(nameof(why))]
    internal static FormProblem? Of(ConsoleException? why) => why is null ? null : new(why.Title, why.Message, why.Advice);
}
