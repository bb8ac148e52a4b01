using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the page of one's own keys shows.</summary>
public sealed record KeysModel(IReadOnlyList<KeyLine>? Keys, NewKey? Made, FormProblem? Problem);

public partial class KeysPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => await call.Page<KeysPage>(new KeysModel(await AccessKeys.Read(call, null, ct), null, null));

    internal static async ValueTask<Reply> Change(ConsoleCall call, CancellationToken ct)
    {
        try
        {
            var (made, done) = await AccessKeys.Change(call, null, ct);
            return made is null ? call.Go("keys", ("done", done), ("key", call.Form["key"])) : await call.Page<KeysPage>(new KeysModel(await AccessKeys.Read(call, null, ct), made, null));
        }
        catch (ConsoleException e)
        {
            return await call.Page<KeysPage>(new KeysModel(await AccessKeys.Read(call, null, ct), null, FormProblem.Of(e)), e.Status);
        }
    }

    internal static ValueTask<Reply> AskDelete(ConsoleCall call, CancellationToken ct) => AccessKeys.Question(call, null).Ask(call);

    internal static async ValueTask<Reply> Delete(ConsoleCall call, CancellationToken ct)
    {
        try
        {
            await AccessKeys.Delete(call, null, ct);
            return call.Go("keys", ("done", "deleted"), ("key", call.Query("key")));
        }
        catch (ConsoleException e)
        {
            return await AccessKeys.Question(call, null).Again(call, e);
        }
    }
}
