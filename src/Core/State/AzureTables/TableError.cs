using System.Text.Json;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>What an answer of the service means for a write.</summary>
internal enum Verdict
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>A condition did not hold; nothing was changed.</summary>
    Refused,

    /// <summary>A row is not there; nothing was changed.</summary>
    Absent,

    /// <summary>The service did not begin: it is to be asked again later.</summary>
    Busy,

    /// <summary>It may or may not have taken place.</summary>
    Doubtful,

    /// <summary>It will never take place as it was asked for.</summary>
    Failed,
}

/// <summary>An error of the table service.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">Its code ("Table service error codes"); empty where there was none.</param>
/// <param name="Message">Its words, without the index.</param>
/// <param name="Index">Which request of a transaction it is about, from 0; null where it does not say.</param>
internal sealed record TableError(int Status, string Code, string Message, int? Index)
{
    /// <summary>What the codes mean. Those that are missing are judged by their status.</summary>
    private static readonly Dictionary<string, (Verdict Verdict, string? Advice)> Codes = new(StringComparer.Ordinal)
    {
        ["EntityAlreadyExists"] = (Verdict.Refused, null),
        ["UpdateConditionNotSatisfied"] = (Verdict.Refused, null),
        ["ConditionNotMet"] = (Verdict.Refused, null),
        ["ResourceNotFound"] = (Verdict.Absent, null),
        ["EntityNotFound"] = (Verdict.Absent, null),
        ["TableNotFound"] = (Verdict.Failed, "Deploy the template again, or start the server once with --storage: it makes the tables that are missing."),
        ["TableBeingDeleted"] = (Verdict.Failed, "Somebody deleted the table; wait a minute before it is made again."),
        ["ServerBusy"] = (Verdict.Busy, null),
        ["OperationTimedOut"] = (Verdict.Doubtful, null),
        ["InternalError"] = (Verdict.Doubtful, null),
        ["AuthenticationFailed"] = (Verdict.Failed, "Check the account key, and this machine's clock: 15 minutes off is too much."),
        ["InvalidAuthenticationInfo"] = (Verdict.Failed, "Check the credential, and this machine's clock."),
        ["AuthorizationFailure"] = (Verdict.Failed, "Give the identity the role Storage Table Data Contributor, and check the account's firewall."),
        ["AuthorizationPermissionMismatch"] = (Verdict.Failed, "Give the identity the role Storage Table Data Contributor."),
        ["KeyBasedAuthenticationNotPermitted"] = (Verdict.Failed, "The account allows no keys: set AzureWebJobsStorage__accountName and give the identity its roles."),
        ["AccountIsDisabled"] = (Verdict.Failed, "Enable the storage account."),
    };

    /// <summary>What it means.</summary>
    public Verdict Verdict => Codes.TryGetValue(Code, out var known) ? known.Verdict : Status switch
    {
        404 => Verdict.Absent,
        412 => Verdict.Refused,
        429 => Verdict.Busy,
        408 or >= 500 => Verdict.Doubtful,
        _ => Verdict.Failed,
    };

    /// <summary>The exception that tells of it.</summary>
    public AzureTableException Exception(string table)
    {
        var advice = Codes.TryGetValue(Code, out var known) ? known.Advice : null;
        return new($"Table storage refused a request to the table {table}: {Status} {Code}. {Message} {advice}".TrimEnd(), Status, Code);
    }

    /// <summary>Reads the body of an error; any body will do.</summary>
    public static TableError Read(int status, ReadOnlySpan<byte> body)
    {
        var (code, message) = ("", "");
        try
        {
            var json = new Utf8JsonReader(body);
            while (json.Read())
            {
                if (json.TokenType != JsonTokenType.PropertyName) continue;
                var isCode = json.ValueTextEquals("code"u8);
                var isMessage = json.ValueTextEquals("value"u8) || json.ValueTextEquals("message"u8);
                json.Read();
                if (json.TokenType != JsonTokenType.String) continue;
                if (isCode) code = json.GetString()!;
                else if (isMessage) message = json.GetString()!;
            }
        }
        catch (JsonException)
        {
            // An answer of something in between (a proxy, a balancer): its status says enough.
        }
        var index = (int?)null;
        if (message.IndexOf(':') is > 0 and <= 2 and var colon && int.TryParse(message.AsSpan(0, colon), out var number))
            (index, message) = (number, message[(colon + 1)..]);
        // The lines behind the first are the request's id and its time.
        var end = message.IndexOf('\n');
        return new(status, code, end < 0 ? message : message[..end], index);
    }
}

/// <summary>Table storage did not do what was asked, and nothing was changed.</summary>
public sealed class AzureTableException(string message, int status, string code, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>The HTTP status; 0 where there was no answer.</summary>
    public int Status => status;

    /// <summary>The service's code; empty where there was none.</summary>
    public string Code => code;
}
