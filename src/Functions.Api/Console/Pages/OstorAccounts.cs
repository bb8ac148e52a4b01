using System.Globalization;
using System.Text.Json;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>ostor's API of accounts, which are its users.</summary>
internal static class OstorAccounts
{
    /// <summary>Asks for something that is to succeed.</summary>
    /// <param name="call">The page's.</param>
    /// <param name="verb">The method.</param>
    /// <param name="resource">ostor's, with a flag where there is one.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="parameters">Its parameters; null values are left out.</param>
    /// <exception cref="ConsoleException">It is refused.</exception>
    public static async ValueTask<ApiAnswer> Ask(ConsoleCall call, string verb, string resource, CancellationToken ct, params (string Name, string? Value)[] parameters) =>
        (await Try(call, verb, resource, ct, parameters)).OrThrow();

    /// <inheritdoc cref="Ask"/>
    public static ValueTask<ApiAnswer> Try(ConsoleCall call, string verb, string resource, CancellationToken ct, params (string Name, string? Value)[] parameters) =>
        call.Api.Send(verb, "/", $"?{resource}{ConsoleApi.Query(parameters).Replace('?', '&')}", ct);

    /// <summary>An account's id as ostor has it.</summary>
    public static (string Name, string? Value) Named(string accountId) => ("id", long.TryParse(accountId, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number.ToString("x16", CultureInfo.InvariantCulture) : "-");

    /// <summary>The account and its key of an answer that tells of a key that was made.</summary>
    public static (string AccountId, NewKey Key) KeyOf(ApiAnswer answer)
    {
        using var document = JsonDocument.Parse(answer.Body);
        var (root, key) = (document.RootElement, document.RootElement.GetProperty("AWSAccessKeys")[0]);
        return (
            long.Parse(root.GetProperty("UserId").GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture).ToString("d12", CultureInfo.InvariantCulture),
            new(key.GetProperty("AWSAccessKeyId").GetString()!, key.GetProperty("AWSSecretAccessKey").GetString()!));
    }
}
