using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form for a user shows: what was typed, where it has been sent before.</summary>
public sealed record NewUserModel(string? Name, string? Template, string? Bucket, FormProblem? Problem);

public partial class NewUserPage
{
    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => call.Page<NewUserPage>(new NewUserModel(null, null, null, null));

    internal static async ValueTask<Reply> Create(ConsoleCall call, CancellationToken ct)
    {
        var (name, bucket) = (call.Form["name"], call.Form["bucket"]);
        var template = PolicyTemplate.Find(call.Form["template"]);
        if (template?.Fault(bucket) is { } fault) return await Again(new(400, "InvalidBucketName", fault));
        var made = await call.Api.Iam("CreateUser", ct, ("UserName", name));
        if (made.Refusal is { } refused) return await Again(refused);
        if (template is not null)
        {
            var given = await call.Api.Iam("PutUserPolicy", ct, ("UserName", name), ("PolicyName", template.Id), ("PolicyDocument", template.Document(bucket)));
            if (given.Refusal is { } withheld)
                return await call.Problem(given.Status, $"The user {name} was created, but without a policy", "Give it one on its page, or delete it.", withheld.Message);
        }
        return call.Go("user", ("name", name), ("done", "created"));

        async ValueTask<Reply> Again(ConsoleException why) => await call.Page<NewUserPage>(new NewUserModel(name, template?.Id, bucket, FormProblem.Of(why)), why.Status);
    }
}
