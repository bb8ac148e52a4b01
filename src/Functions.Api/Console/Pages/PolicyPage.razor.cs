using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form for a policy of a user shows.</summary>
/// <param name="User">Whose it is, or will be.</param>
/// <param name="Policy">Its name; what was typed, for one that is new.</param>
/// <param name="IsNew">Whether there is none yet.</param>
/// <param name="Document">Its text, or what was typed.</param>
/// <param name="Template">The template that was chosen; null for none.</param>
/// <param name="Bucket">The bucket that was named for it.</param>
/// <param name="Words">What the text lets one do.</param>
/// <param name="Problem">Why it was not saved.</param>
public sealed record PolicyModel(string User, string? Policy, bool IsNew, string Document, string? Template, string? Bucket, IReadOnlyList<string> Words, FormProblem? Problem);

public partial class PolicyPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var user = (await UserPage.Read(call, ct)).Name;
        var (name, bucket, template) = (call.Query("policy"), call.Query("bucket"), PolicyTemplate.Find(call.Query("template")));
        var fault = template?.Fault(bucket);
        var document = template is not null && fault is null ? template.Document(bucket)
            : name is not null ? UserPage.Document((await call.Api.Iam("GetUserPolicy", ct, ("UserName", user), ("PolicyName", name))).OrThrow())
            : PolicyTemplate.ReadOnly.Document(null);
        var problem = fault is null ? null : new FormProblem("No document could be made of the template", fault, "Nothing was changed.");
        return await call.Page<PolicyPage>(
            new PolicyModel(user, name ?? template?.Id, name is null, document, template?.Id, bucket, PolicyWords.Of(document), problem), fault is null ? 200 : 400);
    }

    internal static async ValueTask<Reply> Save(ConsoleCall call, CancellationToken ct)
    {
        var user = call.Query("name") ?? "";
        var (name, document) = (call.Query("policy") ?? call.Form["policy"], call.Form["document"] ?? "");
        var isNew = call.Query("policy") is null;
        // What is new is not to take the place of something.
        if (isNew && name is not null && await call.Api.Iam("GetUserPolicy", ct, ("UserName", user), ("PolicyName", name)) is { Status: 200 })
            return await Again(new(409, "EntityAlreadyExists", $"{user} has a policy {name} already."));
        var saved = await call.Api.Iam("PutUserPolicy", ct, ("UserName", user), ("PolicyName", name), ("PolicyDocument", document));
        return saved.Refusal is not { } refused ? call.Go("user", ("name", user), ("done", "saved"), ("policy", name)) : await Again(refused);

        ValueTask<Reply> Again(ConsoleException why) => call.Page<PolicyPage>(new PolicyModel(user, name, isNew, document, null, null, [], FormProblem.Of(why)), why.Status);
    }

    internal static ValueTask<Reply> AskDelete(ConsoleCall call, CancellationToken ct) => Question(call).Ask(call);

    internal static async ValueTask<Reply> Delete(ConsoleCall call, CancellationToken ct)
    {
        var gone = await call.Api.Iam("DeleteUserPolicy", ct, ("UserName", call.Query("name")), ("PolicyName", call.Query("policy")));
        return gone.Refusal is not { } refused
            ? call.Go("user", ("name", call.Query("name")), ("done", "deleted"), ("policy", call.Query("policy")))
            : await Question(call).Again(call, refused);
    }

    private static Confirmation Question(ConsoleCall call)
    {
        var user = call.Query("name") ?? "";
        var back = call.Link("user", ("name", user));
        return new("Users and keys", "Delete policy", call.Query("policy") ?? "", $"goes for good, and {user} may no more do what it alone allowed.", "Delete policy", back, [("Users", call.Link("users")), (user, back)]);
    }
}
