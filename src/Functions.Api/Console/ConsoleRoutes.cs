using ZenkoFunctions.Api.Console.Pages;
using ZenkoFunctions.Api.Console.Pages.Settings;
using ZenkoFunctions.Api.Management;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console;

/// <summary>A page, or what a form of one does: a line of <see cref="ConsoleRoutes.All"/>.</summary>
/// <param name="Name">Unique; counted under it.</param>
/// <param name="Verb">GET, or POST for what changes something.</param>
/// <param name="Path">A template as those of the management API, from the console's root.</param>
/// <param name="Run">Answers.</param>
internal sealed record ConsoleRoute(string Name, string Verb, string Path, Func<ConsoleCall, CancellationToken, ValueTask<Reply>> Run)
{
    /// <summary>Whether it is for people who are not signed in, too.</summary>
    public bool IsOpen { get; init; }

    /// <summary>The most bytes of its form.</summary>
    public int FormBytes { get; init; } = 64 * 1024;

    /// <summary>How its path is recognised.</summary>
    public PathTemplate Template { get; } = new(Path);
}

/// <summary>The console.</summary>
internal static class ConsoleRoutes
{
    /// <summary>Every page and every form, one line each.</summary>
    public static readonly IReadOnlyList<ConsoleRoute> All =
    [
        new("ShowSignIn", "GET", "/sign-in", SignInPage.Show) { IsOpen = true },
        new("SignIn", "POST", "/sign-in", SignInPage.ByKey) { IsOpen = true },
        new("ShowLink", "GET", "/link", LinkPage.Show) { IsOpen = true },
        new("FollowLink", "POST", "/link", LinkPage.Follow) { IsOpen = true },
        new("SignOut", "POST", "/sign-out", SignInPage.SignOut),
        new("ShowDashboard", "GET", "/", DashboardPage.Show),
        new("ShowBuckets", "GET", "/buckets", BucketsPage.Show),
        new("ShowNewBucket", "GET", "/new-bucket", NewBucketPage.Show),
        new("CreateBucket", "POST", "/new-bucket", NewBucketPage.Create),
        new("ShowObjects", "GET", "/buckets/{bucket}", ObjectsPage.Show),
        new("ShowBucketSettings", "GET", "/buckets/{bucket}/settings", BucketSettingsPage.Show),
        new("ShowBucketSetting", "GET", "/buckets/{bucket}/settings/{setting}", EditSettingPage.Show),
        new("ChangeBucketSetting", "POST", "/buckets/{bucket}/settings/{setting}", EditSettingPage.Save) { FormBytes = 256 * 1024 },
        new("ShowEmptyBucket", "GET", "/buckets/{bucket}/empty", EmptyBucketPage.Show),
        new("EmptyBucket", "POST", "/buckets/{bucket}/empty", EmptyBucketPage.Start),
        new("CancelEmptyBucket", "POST", "/buckets/{bucket}/empty/cancel", EmptyBucketPage.Cancel),
        new("ShowDeleteBucket", "GET", "/buckets/{bucket}/delete", DeleteBucketPage.Show),
        new("DeleteBucket", "POST", "/buckets/{bucket}/delete", DeleteBucketPage.Delete),
        new("ShowObject", "GET", "/buckets/{bucket}/object", ObjectPage.Show),
        new("DownloadObject", "GET", "/buckets/{bucket}/download", ObjectPage.Download),
        new("ShowSearch", "GET", "/search", SearchPage.Show),
        new("SaveSearch", "POST", "/search", SearchPage.Save),
        new("ForgetSearch", "POST", "/search/forget", SearchPage.Forget),
        new("BeginUpload", "POST", "/buckets/{bucket}/upload", Upload.Begin),
        new("SignUploadParts", "POST", "/buckets/{bucket}/upload/sign", Upload.Sign),
        new("ListUploadParts", "POST", "/buckets/{bucket}/upload/parts", Upload.Parts),
        new("CompleteUpload", "POST", "/buckets/{bucket}/upload/complete", Upload.Complete) { FormBytes = 1024 * 1024 },
        new("AbortUpload", "POST", "/buckets/{bucket}/upload/abort", Upload.Abort),
        new("ShowMetadata", "GET", "/buckets/{bucket}/object/metadata", MetadataPage.Show),
        new("ChangeMetadata", "POST", "/buckets/{bucket}/object/metadata", MetadataPage.Save),
        new("ShowTags", "GET", "/buckets/{bucket}/object/tags", TagsPage.Show),
        new("ChangeTags", "POST", "/buckets/{bucket}/object/tags", TagsPage.Save),
        new("ShowLock", "GET", "/buckets/{bucket}/object/lock", LockPage.Show),
        new("ChangeLock", "POST", "/buckets/{bucket}/object/lock", LockPage.Save),
        new("ShowShare", "GET", "/buckets/{bucket}/object/share", SharePage.Show),
        new("ShareObject", "POST", "/buckets/{bucket}/object/share", SharePage.Make),
        new("RestoreVersion", "POST", "/buckets/{bucket}/object/restore", ObjectPage.Restore),
        new("UndeleteObject", "POST", "/buckets/{bucket}/object/undelete", ObjectPage.Undelete),
        new("DeleteObjects", "POST", "/buckets/{bucket}/delete-objects", DeleteObjectsPage.Delete) { FormBytes = 1024 * 1024 },
        new("CreateFolder", "POST", "/buckets/{bucket}/folder", ObjectsPage.CreateFolder),
        new("ShowReplication", "GET", "/replication", ReplicationPage.Show),
        new("ChangeReplication", "POST", "/replication", ReplicationPage.Change),
        new("ShowFailedCopies", "GET", "/replication/failed", FailedCopiesPage.Show),
        new("RetryFailedCopies", "POST", "/replication/failed", FailedCopiesPage.Retry) { FormBytes = 1024 * 1024 },
        new("ShowLocations", "GET", "/locations", LocationsPage.Show),
        new("ShowNewLocation", "GET", "/new-location", NewLocationPage.Show),
        new("AddLocation", "POST", "/new-location", NewLocationPage.Add),
        new("ShowLocation", "GET", "/locations/{name}", LocationPage.Show),
        new("ActOnLocation", "POST", "/locations/{name}", LocationPage.Act),
        new("ShowEditLocation", "GET", "/locations/{name}/edit", EditLocationPage.Show),
        new("ChangeLocation", "POST", "/locations/{name}/edit", EditLocationPage.Change),
        new("ShowRemoveLocation", "GET", "/locations/{name}/remove", RemoveLocationPage.Show),
        new("RemoveLocation", "POST", "/locations/{name}/remove", RemoveLocationPage.Remove),
        new("ShowMirrors", "GET", "/mirrors", MirrorsPage.Show),
        new("CompareMirror", "POST", "/mirrors", MirrorsPage.Compare),
        new("ShowWorkflows", "GET", "/workflows", WorkflowsPage.Show),
        new("SwitchWorkflow", "POST", "/workflows", WorkflowsPage.Switch),
        new("ShowNewWorkflow", "GET", "/new-workflow", NewWorkflowPage.Show),
        new("ShowReplicationRule", "GET", "/workflows/replication", ReplicationRulePage.Show),
        new("SaveReplicationRule", "POST", "/workflows/replication", ReplicationRulePage.Save),
        new("ShowLifecycleRule", "GET", "/workflows/lifecycle", LifecycleRulePage.Show),
        new("SaveLifecycleRule", "POST", "/workflows/lifecycle", LifecycleRulePage.Save),
        new("ShowDeleteWorkflow", "GET", "/workflows/delete", DeleteWorkflowPage.Show),
        new("DeleteWorkflow", "POST", "/workflows/delete", DeleteWorkflowPage.Delete),
        new("ShowTasks", "GET", "/tasks", TasksPage.Show),
        new("ShowNewTask", "GET", "/new-task", NewTaskPage.Show),
        new("StartTask", "POST", "/new-task", NewTaskPage.Start),
        new("ShowTask", "GET", "/tasks/{id}", TaskPage.Show),
        new("CancelTask", "POST", "/tasks/{id}", TaskPage.Cancel),
        new("ShowTimers", "GET", "/timers", TimersPage.Show),
        new("RemoveTimer", "POST", "/timers", TimersPage.Remove),
        new("ShowReports", "GET", "/reports", ReportsPage.Show),
        new("ShowReport", "GET", "/reports/{bucket}/{site}/{id}", ReportPage.Show),
        new("DownloadReport", "GET", "/reports/{bucket}/{site}/{id}/json", ReportPage.Download),

        new("ShowUsers", "GET", "/users", UsersPage.Show),
        new("ShowNewUser", "GET", "/new-user", NewUserPage.Show),
        new("CreateUser", "POST", "/new-user", NewUserPage.Create),
        // Names of users may be two dots, which no path keeps: they stand in the query.
        new("ShowUser", "GET", "/user", UserPage.Show),
        new("ChangeUser", "POST", "/user", UserPage.Change),
        new("AskDeleteUserKey", "GET", "/user/delete-key", UserPage.AskDeleteKey),
        new("DeleteUserKey", "POST", "/user/delete-key", UserPage.DeleteKey),
        new("AskDeleteUser", "GET", "/user/delete", UserPage.AskDelete),
        new("DeleteUser", "POST", "/user/delete", UserPage.Delete),
        new("ShowPolicy", "GET", "/user/policy", PolicyPage.Show),
        new("SavePolicy", "POST", "/user/policy", PolicyPage.Save),
        new("AskDeletePolicy", "GET", "/user/delete-policy", PolicyPage.AskDelete),
        new("DeletePolicy", "POST", "/user/delete-policy", PolicyPage.Delete),
        new("ShowRoles", "GET", "/roles", RolesPage.Show),
        new("ShowKeys", "GET", "/keys", KeysPage.Show),
        new("ChangeKeys", "POST", "/keys", KeysPage.Change),
        new("AskDeleteKey", "GET", "/keys/delete", KeysPage.AskDelete),
        new("DeleteKey", "POST", "/keys/delete", KeysPage.Delete),
        new("ShowAccounts", "GET", "/accounts", AccountsPage.Show),
        new("ShowNewAccount", "GET", "/new-account", NewAccountPage.Show),
        new("CreateAccount", "POST", "/new-account", NewAccountPage.Create),
        new("ShowAccount", "GET", "/account", AccountPage.Show),
        new("ChangeAccount", "POST", "/account", AccountPage.Change),
        new("AskDisableAccount", "GET", "/account/disable", AccountPage.AskDisable),
        new("DisableAccount", "POST", "/account/disable", AccountPage.Disable),
        new("AskDeleteAccount", "GET", "/account/delete", AccountPage.AskDelete),
        new("DeleteAccount", "POST", "/account/delete", AccountPage.Delete),
        new("AskDeleteAccountKey", "GET", "/account/delete-key", AccountPage.AskDeleteKey),
        new("DeleteAccountKey", "POST", "/account/delete-key", AccountPage.DeleteKey),
        new("ShowStorageAccounts", "GET", "/storage-accounts", StorageAccountsPage.Show),
        new("CreateStorageAccount", "POST", "/storage-accounts", StorageAccountsPage.Create),
        new("ShowStorageAccount", "GET", "/storage-account", StorageAccountPage.Show),
        new("ChangeStorageAccount", "POST", "/storage-account", StorageAccountPage.Change),
        new("AskRenewStorageAccountKey", "GET", "/storage-account/renew", StorageAccountPage.AskRenew),
        new("RenewStorageAccountKey", "POST", "/storage-account/renew", StorageAccountPage.Renew),
        new("AskDeleteStorageAccount", "GET", "/storage-account/delete", StorageAccountPage.AskDelete),
        new("DeleteStorageAccount", "POST", "/storage-account/delete", StorageAccountPage.Delete),
        new("ShowUsage", "GET", "/usage", UsagePage.Show),
        new("ShowHealth", "GET", "/health", HealthPage.Show),
        new("ExamineHealth", "POST", "/health", HealthPage.Examine),
        new("ShowSettings", "GET", "/settings", SettingsPage.Show),
        new("ChangeSetting", "POST", "/settings", SettingsPage.Change),
        new("AskSwitchConsoleOff", "GET", "/settings/console", SettingsPage.AskSwitchOff),
        new("SwitchConsoleOff", "POST", "/settings/console", SettingsPage.SwitchOff),
    ];
}
