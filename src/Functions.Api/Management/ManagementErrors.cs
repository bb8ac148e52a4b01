using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Management;

/// <summary>The errors that only the management API has, one line each; those of signatures are S3's. Answered as <c>{"code":…,"message":…}</c>.</summary>
public static class ManagementErrors
{
#pragma warning disable format // a table
    /// <summary>A line of the table: its name is its code.</summary>
    public static readonly S3Error
        RouteNotFound            = new("RouteNotFound", 404, "There is nothing under this path."),
        InvalidLocation          = new("InvalidLocation", 400, "The location's configuration is not valid."),
        InvalidQueryParameter    = new("InvalidQueryParameter", 400, "A parameter of the query is not what is expected here."),
        LocationExists           = new("LocationExists", 409, "There is a location of this name already."),
        LocationInUse            = new("LocationInUse", 409, "Something needs the location still."),
        MalformedBody            = new("MalformedBody", 400, "The body is not the JSON document that is expected here."),
        MalformedPOSTRequest     = new("MalformedPOSTRequest", 400, "The body of your POST request is not well-formed"),
        NoSuchReport             = new("NoSuchReport", 404, "There is no such report, or it is not kept any more."),
        NoSuchTimer              = new("NoSuchTimer", 404, "There is no such timer."),
        NoSuchWalk               = new("NoSuchWalk", 404, "There is no such walk."),
        NoSuchLocation           = new("NoSuchLocation", 404, "There is no location of this name."),
        OperationAborted         = new("OperationAborted", 409, "Another request changed it at the same time; look at it and try again.");
#pragma warning restore format
}
