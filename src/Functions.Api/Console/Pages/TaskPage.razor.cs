using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

public partial class TaskPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) =>
        await call.Page<TaskPage>(WalkTold.Of(await call.Api.Do("GET", PathOf(call), "", ct)));

    internal static async ValueTask<Reply> Cancel(ConsoleCall call, CancellationToken ct)
    {
        await call.Api.Do("DELETE", PathOf(call), "", ct);
        return call.Go(ConsolePath.Task(call.Path["id"]));
    }

    private static string PathOf(ConsoleCall call) => $"{WalkTold.Api}/walks/{Uri.EscapeDataString(call.Path["id"])}";
}
