using ZenkoFunctions.Api.Management.Backbeat;

namespace ZenkoFunctions.Api.Management;

/// <summary>The operations under <c>/_/</c>. Dispatch, documentation and policy actions derive from it.</summary>
public static class ManagementOperations
{
    /// <summary>Every operation, one line each; of two that fit a path the first answers.</summary>
    public static readonly IReadOnlyList<ManagementOperation> All =
    [
        new("ListLocations", "GET", "/_/management/locations", Locations.List) { NeedsAdministrator = true, Summary = "lists the locations" },
        new("AddLocation", "POST", "/_/management/locations", Locations.Add) { NeedsAdministrator = true, Summary = "adds a location" },
        new("GetLocation", "GET", "/_/management/locations/{name}", Locations.Get) { NeedsAdministrator = true, Summary = "tells of a location" },
        new("ChangeLocation", "PUT", "/_/management/locations/{name}", Locations.Change) { NeedsAdministrator = true, Summary = "changes a location" },
        new("RemoveLocation", "DELETE", "/_/management/locations/{name}", Locations.Remove) { NeedsAdministrator = true, Summary = "removes a location that nothing needs" },
        new("CheckLocation", "POST", "/_/management/locations/{name}/check", Locations.Check) { NeedsAdministrator = true, Summary = "tries a location out" },
        .. BackbeatOperations.All,
    ];
}
