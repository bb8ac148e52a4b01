using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Iam;

/// <summary>Starts a session of a role, of any account, that trusts the caller.</summary>
/// <remarks>AWS refuses this to the root of an account; here many an account has no users, and its root may.</remarks>
public sealed class AssumeRole() : IamOperation<Item<(SessionCredentials Credentials, Session Session)>>(
    new(IamService.Sts, "AssumeRole", IamTarget.Caller)
    {
        Unserved = ["PolicyArns", "Tags", "TransitiveTagKeys", "SerialNumber", "TokenCode", "SourceIdentity", "ProvidedContexts"],
    },
    Shape)
{
    private const int Least = 900, Hour = 3600, PolicyCharacters = 2048;

    private static readonly XmlShape<Item<(SessionCredentials Credentials, Session Session)>> RoleUser =
        new XmlShape<Item<(SessionCredentials Credentials, Session Session)>>("AssumedRoleUser", null)
            .Text("Arn", s => s.Value.Session.Arn)
            .Text("AssumedRoleId", s => s.Value.Session.UserId);

    private static readonly XmlShape<Item<(SessionCredentials Credentials, Session Session)>> Shape =
        new XmlShape<Item<(SessionCredentials Credentials, Session Session)>>("Result", null)
            .Nested("AssumedRoleUser", RoleUser, s => s)
            .Nested("Credentials", IamShapes.Credentials, s => new(s.Value.Credentials))
            .Integer("PackedPolicySize", s => s.Value.Session.Policy is { } policy ? Math.Max(1, policy.Text.Length * 100L / PolicyCharacters) : null);

    /// <inheritdoc/>
    public override async ValueTask<Reply> Run(IamCall call, CancellationToken ct)
    {
        var form = call.Form;
        var (arn, name) = (form.Required("RoleArn"), form.Required("RoleSessionName"));
        if (Credentials.WrongSessionName(name) is { } wrong) throw IamForm.Invalid(wrong);
        var seconds = form.Integer("DurationSeconds", Least, 12 * Hour);
        Policy? policy = null;
        if (form["Policy"] is { } document)
        {
            if (document.Length > PolicyCharacters) return call.Refused(IamErrors.PackedPolicyTooLarge, $"A session policy may have at most {PolicyCharacters} characters.");
            var read = Policy.Parse(document, PolicyKind.Identity);
            if (read.Refusal is not null) return call.Refused(read);
            policy = read.Value;
        }

        // Whether there is such a role at all, only those whom it trusts learn.
        if (await FindRole(call.Accounts, arn, ct) is not var (role, account) || !call.May(Spec.Action, role.Arn, account, TrustPolicy(role)))
            return call.Refused(IamErrors.AccessDenied, $"User: {call.Caller.Principal.Arn} is not authorized to perform: {Spec.Action} on resource: {arn}");
        if (seconds > role.LongestSession.TotalSeconds)
            throw IamForm.Invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        if (call.Caller.Session is not null && seconds > Hour)
            throw IamForm.Invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
        var credentials = call.Accounts.StartSession(call.Caller, role, name, policy?.Text, TimeSpan.FromSeconds(seconds ?? Hour));
        return Answer(call, new((credentials, new(call.Caller.Id, "", credentials.Expires, role, name, policy))));
    }

    private static async ValueTask<(Role Role, Account Account)?> FindRole(Accounts accounts, string arn, CancellationToken ct)
    {
        if (arn.Split(':') is not ["arn", "aws", "iam", "", var accountId, var resource] || !resource.StartsWith("role/", StringComparison.Ordinal))
            throw IamForm.Invalid($"{arn} is invalid");
        return await accounts.Find(accountId, ct) is { } account
            && await accounts.FindRole(account, resource[(resource.LastIndexOf('/') + 1)..], ct) is { } role && role.Arn == arn
            ? (role, account)
            : null;
    }

    private static Policy TrustPolicy(Role role)
    {
        var read = Policy.Parse(role.TrustPolicy, PolicyKind.Trust);
        return read.Refusal is null ? read.Value : throw new InvalidDataException($"The stored trust policy of {role.Arn} cannot be read: {read.Detail}");
    }
}
