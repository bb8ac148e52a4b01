namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>An access key, without its secret.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IsActive">Whether it signs.</param>
/// <param name="Created">When it was made.</param>
/// <param name="IsOwn">Whether it is the one that signed in here.</param>
public sealed record KeyLine(string Id, bool IsActive, DateTimeOffset? Created, bool IsOwn);

/// <summary>A key that was made in this very moment.</summary>
public sealed record NewKey(string Id, string Secret)
{
    // What prints models is not to print this.
    /// <inheritdoc/>
    public override string ToString() => Id;
}

/// <summary>Access keys of a user of the caller's account, or of the caller itself where no user is named.</summary>
internal static class AccessKeys
{
    /// <summary>The keys; null where they may not be seen.</summary>
    public static async ValueTask<IReadOnlyList<KeyLine>?> Read(ConsoleCall call, string? user, CancellationToken ct)
    {
        var answer = await call.Api.Iam("ListAccessKeys", ct, ("UserName", user));
        if (answer.Status == 403) return null;
        return [.. answer.OrThrow().Xml().All("member").Select(key => new KeyLine(
            key.Of("AccessKeyId")!, key.Of("Status") == "Active", Text.ReadTime(key.Of("CreateDate")), key.Of("AccessKeyId") == call.Key!.Id))];
    }

    /// <summary>Does what a form asks for with them. A key that was made, or what was done for the next page to say.</summary>
    public static async ValueTask<(NewKey? Made, string? Done)> Change(ConsoleCall call, string? user, CancellationToken ct)
    {
        var (what, id) = (call.Form["do"], call.Form["key"]);
        switch (what)
        {
            case "create":
                var made = (await call.Api.Iam("CreateAccessKey", ct, ("UserName", user))).OrThrow().Xml().All("AccessKey").Single();
                return (new(made.Of("AccessKeyId")!, made.Of("SecretAccessKey")!), null);
            case "enable" or "disable":
                (await call.Api.Iam("UpdateAccessKey", ct, ("UserName", user), ("AccessKeyId", id), ("Status", what == "enable" ? "Active" : "Inactive"))).OrThrow();
                return (null, what + "d");
            default:
                throw new ConsoleException(400, "InvalidInput", "The form does not say what to do.");
        }
    }

    /// <summary>The question before one is deleted.</summary>
    public static Confirmation Question(ConsoleCall call, string? user)
    {
        var id = call.Query("key") ?? "";
        var back = user is null ? call.Link("keys") : call.Link("user", ("name", user));
        return new(
            "Users and keys", "Delete access key", id,
            id == call.Key!.Id ? "goes for good. You are signed in with it: this session ends, too." : $"goes for good{(user is null ? "" : $"; {user} has it")}. Whatever signs with it is refused from then on.",
            "Delete access key", back, user is null ? [("Your keys", back)] : [("Users", call.Link("users")), (user, back)]);
    }

    /// <summary>Deletes the one that is asked about.</summary>
    public static async ValueTask Delete(ConsoleCall call, string? user, CancellationToken ct) =>
        (await call.Api.Iam("DeleteAccessKey", ct, ("UserName", user), ("AccessKeyId", call.Query("key")))).OrThrow();
}
