using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

public partial class NewWorkflowPage
{
    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => call.Page<NewWorkflowPage>(call.Query("bucket"));
}
