using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>An inline policy.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Document">Its text; null where it may not be seen.</param>
/// <param name="Words">What it lets one do.</param>
public sealed record PolicyLine(string Name, string? Document, IReadOnlyList<string> Words);

/// <summary>What the page of a user shows.</summary>
public sealed record UserModel(UserLine User, IReadOnlyList<KeyLine>? Keys, IReadOnlyList<PolicyLine>? Policies, NewKey? Made, FormProblem? Problem);

public partial class UserPage
{
    private const int MostPolicies = 50;

    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Show(call, null, null, ct);

    internal static async ValueTask<Reply> Change(ConsoleCall call, CancellationToken ct)
    {
        var name = call.Query("name") ?? "";
        try
        {
            var (made, done) = await AccessKeys.Change(call, name, ct);
            return made is null ? call.Go("user", ("name", name), ("done", done), ("key", call.Form["key"])) : await Show(call, made, null, ct);
        }
        catch (ConsoleException e) when (e.Status != 403)
        {
            return await Show(call, null, e, ct);
        }
    }

    internal static ValueTask<Reply> AskDeleteKey(ConsoleCall call, CancellationToken ct) => AccessKeys.Question(call, call.Query("name") ?? "").Ask(call);

    internal static async ValueTask<Reply> DeleteKey(ConsoleCall call, CancellationToken ct)
    {
        var name = call.Query("name") ?? "";
        try
        {
            await AccessKeys.Delete(call, name, ct);
            return call.Go("user", ("name", name), ("done", "deleted"), ("key", call.Query("key")));
        }
        catch (ConsoleException e)
        {
            return await AccessKeys.Question(call, name).Again(call, e);
        }
    }

    internal static async ValueTask<Reply> AskDelete(ConsoleCall call, CancellationToken ct) => await (await Question(call, ct)).Ask(call);

    /// <summary>In the order that IAM demands; done again it goes on where it was.</summary>
    internal static async ValueTask<Reply> Delete(ConsoleCall call, CancellationToken ct)
    {
        var question = await Question(call, ct);
        if (!question.IsTypedIn(call)) return await question.Mistyped(call);
        var name = question.Name;
        try
        {
            foreach (var key in await AccessKeys.Read(call, name, ct) ?? [])
                (await call.Api.Iam("DeleteAccessKey", ct, ("UserName", name), ("AccessKeyId", key.Id))).OrThrow();
            foreach (var policy in await PolicyNames(call, "User", name, ct) ?? [])
                (await call.Api.Iam("DeleteUserPolicy", ct, ("UserName", name), ("PolicyName", policy))).OrThrow();
            (await call.Api.Iam("DeleteUser", ct, ("UserName", name))).OrThrow();
            return call.Go("users", ("deleted", name));
        }
        catch (ConsoleException e)
        {
            return await question.Again(call, e);
        }
    }

    /// <summary>The names of the policies of a user or role; null where they may not be seen.</summary>
    internal static async ValueTask<IReadOnlyList<string>?> PolicyNames(ConsoleCall call, string noun, string name, CancellationToken ct)
    {
        var answer = await call.Api.Iam($"List{noun}Policies", ct, (noun + "Name", name), ("MaxItems", "1000"));
        return answer.Status == 403 ? null : [.. answer.OrThrow().Xml().All("member").Select(each => each.Value)];
    }

    /// <summary>The policies of a user or role; null where they may not be seen.</summary>
    internal static async ValueTask<IReadOnlyList<PolicyLine>?> Policies(ConsoleCall call, string noun, string name, CancellationToken ct)
    {
        if (await PolicyNames(call, noun, name, ct) is not { } names) return null;
        List<PolicyLine> policies = [];
        foreach (var policy in names.Take(MostPolicies))
        {
            var answer = await call.Api.Iam($"Get{noun}Policy", ct, (noun + "Name", name), ("PolicyName", policy));
            var document = answer.Code is null ? Document(answer) : null;
            policies.Add(new(policy, document, document is null ? [] : PolicyWords.Of(document)));
        }
        return policies;
    }

    /// <summary>The document of an answer: RFC 3986, as IAM tells it.</summary>
    internal static string Document(ApiAnswer answer) => Uri.UnescapeDataString(answer.Xml().All("PolicyDocument").Single().Value);

    internal static async ValueTask<UserLine> Read(ConsoleCall call, CancellationToken ct) =>
        UserLine.Of((await call.Api.Iam("GetUser", ct, ("UserName", call.Query("name") ?? throw new ConsoleException(404, "NoSuchEntity", "No user is named.")))).OrThrow().Xml().All("User").Single());

    private static async ValueTask<Reply> Show(ConsoleCall call, NewKey? made, ConsoleException? why, CancellationToken ct)
    {
        var user = await Read(call, ct);
        return await call.Page<UserPage>(
            new UserModel(user, await AccessKeys.Read(call, user.Name, ct), await Policies(call, "User", user.Name, ct), made, FormProblem.Of(why)), why?.Status ?? 200);
    }

    private static async ValueTask<Confirmation> Question(ConsoleCall call, CancellationToken ct)
    {
        var user = await Read(call, ct);
        var keys = await AccessKeys.Read(call, user.Name, ct) ?? [];
        var policies = await PolicyNames(call, "User", user.Name, ct) ?? [];
        var back = call.Link("user", ("name", user.Name));
        return new("Users and keys", "Delete user", user.Name, "goes for good. What it wrote belongs to the account, and stays. With it go:", "Delete user", back, [("Users", call.Link("users")), (user.Name, back)])
        {
            Typed = "Type the user’s name to confirm",
            With = [keys.Count == 0 ? "no access keys" : "access keys: " + string.Join(", ", keys.Select(key => key.Id)), policies.Count == 0 ? "no policies" : "policies: " + string.Join(", ", policies)],
        };
    }
}
