using System.Globalization;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>What the form of a setting shows.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Editor">The setting.</param>
/// <param name="Values">What is set, or was typed.</param>
/// <param name="Problem">Why it was not taken; null where it was not sent yet.</param>
public sealed record EditSettingModel(string Bucket, BucketEditor Editor, FormValues Values, FormProblem? Problem);

public partial class EditSettingPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        if (BucketEditors.Find(call.Path["setting"]) is not { } editor) return await NoSetting(call);
        var bucket = call.Path["bucket"];
        var before = await Before(call, editor, ct);
        var values = int.TryParse(call.Query("template"), NumberStyles.None, CultureInfo.InvariantCulture, out var template) && template < editor.Templates.Count
            ? editor.Templates[template].Values(bucket)
            : editor.Read(before);
        return await call.Page<EditSettingPage>(new EditSettingModel(bucket, editor, values, null));
    }

    internal static async ValueTask<Reply> Save(ConsoleCall call, CancellationToken ct)
    {
        if (BucketEditors.Find(call.Path["setting"]) is not { } editor) return await NoSetting(call);
        var bucket = call.Path["bucket"];
        var values = FormValues.Of(call.Form, editor.Inputs, editor.Row, editor.MostRows);
        try
        {
            var request = editor.Write(values, await Before(call, editor, ct));
            var answer = await call.Api.Send(request.Verb, ConsoleApi.PathOf(bucket), "?" + editor.Query, ct, request.Body, request.Headers);
            // What was not there and is to be removed is as it should be.
            if (answer.Refusal is not { } refused || (request.Verb == "DELETE" && refused.Status == 404 && refused.Code != S3Errors.NoSuchBucket.Code))
                return call.Go(ConsolePath.Bucket(bucket, "settings"), ("saved", editor.Id));
            return await Again(FormProblem.Of(refused), refused.Status);
        }
        catch (EditorException e)
        {
            return await Again(new("This was not saved", e.Message, ""), 400);
        }

        ValueTask<Reply> Again(FormProblem problem, int status) => call.Page<EditSettingPage>(new EditSettingModel(bucket, editor, values, problem), status);
    }

    /// <summary>What is set; null for nothing.</summary>
    private static async ValueTask<ApiAnswer?> Before(ConsoleCall call, BucketEditor editor, CancellationToken ct)
    {
        var answer = await call.Api.Send("GET", ConsoleApi.PathOf(call.Path["bucket"]), "?" + editor.Query, ct);
        // What was never set has an error of its own for each setting.
        return answer.Code is null ? answer : answer.Status == 404 && answer.Code != S3Errors.NoSuchBucket.Code ? null : answer.OrThrow();
    }

    private static ValueTask<Reply> NoSetting(ConsoleCall call) => call.Problem(404, "There is no such setting", "Go back to the settings of the bucket and choose one.");
}
