using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>Asks for a bucket's name, and deletes it.</summary>
internal static class DeleteBucketPage
{
    public static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        await call.Api.Do("HEAD", ConsoleApi.PathOf(call.Path["bucket"]), "", ct);
        return await Question(call).Ask(call);
    }

    public static async ValueTask<Reply> Delete(ConsoleCall call, CancellationToken ct)
    {
        var question = Question(call);
        if (!question.IsTypedIn(call)) return await question.Mistyped(call);
        var answer = await call.Api.Send("DELETE", ConsoleApi.PathOf(question.Name), "", ct);
        return answer.Refusal is not { } refused ? call.Go("buckets", ("deleted", question.Name)) : await question.Again(call, refused);
    }

    private static Confirmation Question(ConsoleCall call)
    {
        var bucket = call.Path["bucket"];
        return new(
            "Buckets", "Delete bucket", bucket, "and all of its settings go for good, and its name becomes free for others. Only an empty bucket can be deleted.", "Delete bucket",
            call.Link(ConsolePath.Bucket(bucket, "settings")), [("Buckets", call.Link("buckets")), (bucket, call.Link(ConsolePath.Bucket(bucket)))]) { Typed = "Type the bucket’s name to confirm" };
    }
}
