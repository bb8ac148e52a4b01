using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the form that deletes a bucket shows.</summary>
public sealed record DeleteBucketModel(string Bucket, FormProblem? Problem);

public partial class DeleteBucketPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var bucket = call.Path["bucket"];
        await call.Api.Do("HEAD", ConsoleApi.PathOf(bucket), "", ct);
        return await call.Page<DeleteBucketPage>(new DeleteBucketModel(bucket, null));
    }

    internal static async ValueTask<Reply> Delete(ConsoleCall call, CancellationToken ct)
    {
        var bucket = call.Path["bucket"];
        if (call.Form["name"] != bucket)
            return await call.Page<DeleteBucketPage>(new DeleteBucketModel(bucket, new("That is not its name", "", $"Nothing was deleted. Type {bucket} to delete it.")), 400);
        var answer = await call.Api.Send("DELETE", ConsoleApi.PathOf(bucket), "", ct);
        if (answer.Code is null) return call.Go("buckets", ("deleted", bucket));
        var refused = new ConsoleException(answer.Status, answer.Code, answer.Message!);
        return await call.Page<DeleteBucketPage>(new DeleteBucketModel(bucket, new(refused.Title, refused.Message, refused.Advice)), answer.Status);
    }
}
