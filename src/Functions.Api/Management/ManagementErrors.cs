using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Management;

/// <summary>The errors that only the management API has, one line each; those of signatures are S3's. Answered as <c>{"code":…,"message":…}</c>.</summary>
public static class ManagementErrors
{
#pragma warning disable format // a table
    /// <summary>A line of the table: its name is its code.</summary>
    public static readonly S3Error
        RouteNotFound            = new("RouteNotFound", 404, "There is nothing under this path."),
        MalformedBody            = new("MalformedBody", 400, "The body is not the JSON document that is expected here.");
#pragma warning restore format
}
