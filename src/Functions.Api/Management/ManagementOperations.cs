using ZenkoFunctions.Api.Management.Backbeat;
using ZenkoFunctions.Api.Management.Monitoring;

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
        new("TryLocation", "POST", "/_/management/location-checks", Locations.Try) { NeedsAdministrator = true, Summary = "tries settings of a location out without keeping them; where they have no secret, with that of the location of this name" },
        new("GetLocationUse", "GET", "/_/management/locations/{name}/use", Locations.Use) { NeedsAdministrator = true, Summary = "lists the buckets that were made in a location, mirror it, or have rules that send objects there" },
        new("ListLocationTypes", "GET", "/_/management/location-types", Locations.Types) { NeedsAdministrator = true, Summary = "lists the types of locations, and what each of them takes" },
        new("ListWorkflows", "GET", "/_/management/workflows", BucketWorkflows.List) { NeedsPolicy = true, Summary = "lists the caller's buckets that have rules of replication or lifecycle, and how many" },
        new("ListAccounts", "GET", "/_/management/accounts", AccountViews.List) { NeedsAdministrator = true, Summary = "lists the accounts by id, a thousand at a time, with `?marker=`" },
        new("GetAccount", "GET", "/_/management/accounts/{account}", AccountViews.Get) { NeedsAdministrator = true, Summary = "tells of an account, its keys without their secrets, and its users; by its id, name or e-mail address" },
        new("ChangeAccount", "PUT", "/_/management/accounts/{account}", SystemAccounts.Change) { NeedsAdministrator = true, Summary = "makes an account a system account of ostor, or no longer: `{\"system\":true}`; by its id, name or e-mail address" },
        new("ListStorageAccounts", "GET", "/_/management/storage-accounts", StorageAccounts.List) { NeedsPolicy = true, Summary = "lists the caller's storage accounts" },
        new("CreateStorageAccount", "POST", "/_/management/storage-accounts", StorageAccounts.Create) { NeedsPolicy = true, Summary = "makes a storage account with two keys" },
        new("GetStorageAccount", "GET", "/_/management/storage-accounts/{name}", StorageAccounts.Get) { NeedsPolicy = true, Summary = "tells of a storage account" },
        new("ChangeStorageAccount", "PUT", "/_/management/storage-accounts/{name}", StorageAccounts.Change) { NeedsPolicy = true, Summary = "changes a storage account" },
        new("DeleteStorageAccount", "DELETE", "/_/management/storage-accounts/{name}", StorageAccounts.Delete) { NeedsPolicy = true, Summary = "deletes a storage account that has no containers of its own" },
        new("ListStorageAccountKeys", "GET", "/_/management/storage-accounts/{name}/keys", StorageAccounts.Keys) { NeedsPolicy = true, Summary = "tells the keys of a storage account, which act as its owner" },
        new("RenewStorageAccountKey", "POST", "/_/management/storage-accounts/{name}/keys/{key=key1|key2}/renew", StorageAccounts.RenewKey) { NeedsPolicy = true, Summary = "puts a fresh key in place of one" },
        new("RegisterCertificate", "POST", "/_/management/certificates", Certificates.Register) { NeedsSigner = true, Summary = "binds a client's certificate (PEM) to the access key that signs the request" },
        new("ListCertificates", "GET", "/_/management/certificates", Certificates.List) { Summary = "lists the certificates of the caller's access keys; an account those of its users', too" },
        new("DeleteCertificate", "DELETE", "/_/management/certificates/{fingerprint}", Certificates.Delete) { Summary = "binds one no longer; administrators any" },
        new("CreateConsoleLink", "POST", "/_/management/console/links", ConsoleLinks.Create) { NeedsSigner = true, Summary = "makes a link that signs a browser in to the console once, as the access key that signs the request" },
        .. BackbeatOperations.All,
        .. MonitoringOperations.All,
        new("StartReplicationWalk", "POST", "/_/management/replication/{purpose=existing|arrived|verify|recount|retry}", ReplicationWalks.Start) { NeedsAdministrator = true, Summary = "queues what was there before the rules, waits until all has arrived, compares a bucket with its copies, sends again what was given up, or counts what is pending anew" },
        new("StartLifecycle", "POST", "/_/management/lifecycle", ReplicationWalks.StartLifecycle) { NeedsAdministrator = true, Summary = "applies the lifecycle rules of a bucket now, or of every bucket where something may be due; its walk is among those of replication" },
        new("StartExpiry", "POST", "/_/management/expire", ReplicationWalks.StartExpiry) { NeedsAdministrator = true, Summary = "removes now what was left behind and whose life is over; its walk is among those of replication" },
        new("StartIngestion", "POST", "/_/management/ingest", ReplicationWalks.StartIngestion) { NeedsAdministrator = true, Summary = "compares a mirrored bucket with its source now, or every one that is; its walk is among those of replication" },
        new("StartCollection", "POST", "/_/management/collect", ReplicationWalks.StartCollection) { NeedsAdministrator = true, Summary = "removes bytes from locations that no object has, or counts them with `reportOnly`; its walk is among those of replication" },
        new("GetSearchIndex", "GET", "/_/management/search/{bucket}", SearchIndexing.Get) { NeedsAdministrator = true, Summary = "tells which fields the searches of a bucket find by an index, and how far that is built" },
        new("PutSearchIndex", "PUT", "/_/management/search/{bucket}", SearchIndexing.Put) { NeedsAdministrator = true, Summary = "sets these fields, or builds the index anew" },
        new("DeleteSearchIndex", "DELETE", "/_/management/search/{bucket}", SearchIndexing.Delete) { NeedsAdministrator = true, Summary = "does without an index" },
        new("ListSavedSearches", "GET", "/_/management/searches", SavedSearchOperations.List) { Summary = "lists the searches that the caller keeps" },
        new("PutSavedSearch", "PUT", "/_/management/searches/{name}", SavedSearchOperations.Put) { Summary = "keeps a search for another time: `{\"bucket\":\"…\",\"expression\":\"…\"}`" },
        new("DeleteSavedSearch", "DELETE", "/_/management/searches/{name}", SavedSearchOperations.Delete) { Summary = "keeps it no more" },
        new("GetUsage", "GET", "/_/management/usage", Usage.Get) { NeedsAdministrator = true, Summary = "tells what is kept, by location, account and bucket; of one only with `?location=`, `?account=` or `?bucket=`" },
        new("ListSettings", "GET", "/_/management/settings", Settings.List) { NeedsAdministrator = true, Summary = "lists what can be set while the server runs, and how it is" },
        new("PutSetting", "PUT", "/_/management/settings/{name}", Settings.Put) { NeedsAdministrator = true, Summary = "sets one of these: `{\"value\":\"…\"}`" },
        new("DeleteSetting", "DELETE", "/_/management/settings/{name}", Settings.Delete) { NeedsAdministrator = true, Summary = "lets hold again what the server was started with, or the default" },
        new("NotifyIngestion", "POST", "/_/management/ingest/{bucket}/events", SourceNotifications.Take) { NeedsPolicy = true, TakesBasic = true, BodyBytes = 512 * 1024, Summary = "takes the event notifications of S3 or Azure from the source of a mirrored bucket, whose keys are compared at once; by a key's id and secret (Basic), too" },
        new("ListReplicationWalks", "GET", "/_/management/replication/walks", ReplicationWalks.List) { NeedsAdministrator = true, Summary = "lists walks, a thousand at a time with `?marker=`, those of one bucket with `?bucket=`" },
        new("GetReplicationWalk", "GET", "/_/management/replication/walks/{id}", ReplicationWalks.Get) { NeedsAdministrator = true, Summary = "tells how far a walk has come" },
        new("CancelReplicationWalk", "DELETE", "/_/management/replication/walks/{id}", ReplicationWalks.Cancel) { NeedsAdministrator = true, Summary = "ends a walk where it stands" },
        new("PutReplicationTimer", "PUT", "/_/management/replication/timers", ReplicationWalks.PutTimer) { NeedsAdministrator = true, Summary = "starts a walk every so many hours" },
        new("ListReplicationTimers", "GET", "/_/management/replication/timers", ReplicationWalks.ListTimers) { NeedsAdministrator = true, Summary = "lists what is started from time to time, a thousand at a time with `?marker=`" },
        new("DeleteReplicationTimer", "DELETE", "/_/management/replication/timers/{id}", ReplicationWalks.DeleteTimer) { NeedsAdministrator = true, Summary = "starts it no more" },
        new("ListReplicationReports", "GET", "/_/management/replication/reports", ReplicationWalks.ListReports) { NeedsAdministrator = true, Summary = "lists the reports that are kept, a thousand at a time with `?marker=`, those of one bucket and site with `?bucket=` and `&site=`" },
        new("GetReplicationReport", "GET", "/_/management/replication/reports/{bucket}/{site}/{id}", ReplicationWalks.GetReport) { NeedsAdministrator = true, Summary = "gives a signed report" },
        new("ListReplicationKeys", "GET", "/_/management/replication/keys", ReplicationWalks.ListKeys) { Summary = "gives the public keys of reports, as a JSON Web Key set" },
    ];
}
