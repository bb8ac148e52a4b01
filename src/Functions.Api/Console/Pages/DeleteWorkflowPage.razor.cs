using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

public partial class DeleteWorkflowPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var (bucket, kind) = Of(call);
        return await call.Page<DeleteWorkflowPage>(WorkflowTold.Of(bucket, kind, (await BucketRules.Read(call, bucket, kind, ct)).Find(call.Query("rule"), null)));
    }

    internal static async ValueTask<Reply> Delete(ConsoleCall call, CancellationToken ct)
    {
        var (bucket, kind) = Of(call);
        var rules = await BucketRules.Read(call, bucket, kind, ct);
        rules.Find(call.Query("rule"), call.Form["was"] ?? "").Remove();
        (await rules.Write(call, ct)).OrThrow();
        return call.Go("workflows", ("did", "deleted"));
    }

    private static (string Bucket, string Kind) Of(ConsoleCall call) => (call.Query("bucket") ?? "", call.Query("kind") == BucketRules.Replication ? BucketRules.Replication : BucketRules.Lifecycle);
}
