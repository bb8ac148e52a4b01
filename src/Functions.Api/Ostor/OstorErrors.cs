using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Ostor;

/// <summary>The errors that only ostor's API has, one line each; the others are S3's. All are told as S3's are.</summary>
public static class OstorErrors
{
#pragma warning disable format // a table
    /// <summary>A line of the table: its name is its code.</summary>
    public static readonly S3Error
        AccountExists = new("AccountExists", 409, "The user has an account of this name already."),
        NoSuchAccount = new("NoSuchAccount", 404, "The user has no account of this name."),
        NoSuchKeyPair = new("NoSuchKeyPair", 404, "The user, or the account that was named, has no such key pair."),
        NoSuchLimits  = new("NoSuchLimits", 404, "No limits were set."),
        NoSuchUsageObject = new("NoSuchUsageObject", 404, "There is no such statistics object: it is not complete yet, or was deleted, or never was."),
        NoSuchUser    = new("NoSuchUser", 404, "There is no such user."),
        TooManyKeys   = new("TooManyKeys", 409, "There are two key pairs already; revoke one of them first."),
        UserExists    = new("UserExists", 409, "There is a user of this e-mail address already."),
        UserInUse     = new("UserInUse", 409, "Something needs the user still.");
#pragma warning restore format
}
