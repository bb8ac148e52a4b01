namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>What a server is to know that tests of clients run against.</summary>
/// <param name="AccountsFile">Further accounts.</param>
/// <param name="KmsKey">The id of a key for SSE-KMS.</param>
/// <param name="Hook">Where the events of the target <c>hook</c> go.</param>
internal sealed record Setup(string AccountsFile, string KmsKey, Uri Hook)
{
    /// <summary>The arguments of <c>serve</c> that say so.</summary>
    public string[] Arguments => ["--accounts", AccountsFile, "--kms-key", KmsKey, "--notify", $"hook={Hook}"];
}
