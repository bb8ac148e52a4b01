using Microsoft.Extensions.Logging;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Notifications;

namespace ZenkoFunctions.Core.Composition;

/// <summary>The installation of a function app.</summary>
public static class AzureInstallation
{
    /// <summary>Puts it together as the settings say, and sees to it that the root account and the keys exist.</summary>
    /// <exception cref="FormatException">A setting is missing or wrong; the message says which and what to do.</exception>
    public static async Task<Installation> Open(AppSettings settings, TimeProvider clock, ILoggerFactory loggers, CancellationToken ct)
    {
        var account = settings.Storage;
        var azure = new AzureEngines(account, settings.CacheAge, clock, loggers);
        var installation = new Installation(
            azure.Engines, settings.MasterKey, new() { Region = settings.Region, Started = settings.Live, CopiesFromAnywhere = settings.CopiesFromAnywhere, Objects = new() { ReadGrace = settings.KeepReplaced }, Replication = new() { Retry = settings.Retry } },
            EventTargetOptions.Open(settings.EventTargets, settings.NotifySecret, azure.Engines.Queue, clock), clock, loggers);
        // Where an identity is used, a template has provisioned everything, and the identity may not make any of it.
        if (account.Credential is null) await azure.Ensure(ct);
        await Task.WhenAll([
            installation.Accounts.EnsureRoot(settings.RootAccessKey, settings.RootSecretKey, ct).AsTask(),
            .. settings.KmsKeys.Select(id => installation.Keys.Ensure(KeyRing.OfId(id), ct).AsTask())]);
        return installation;
    }
}
