using System.Globalization;
using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the forms for the lock of a version show.</summary>
/// <param name="At">The version.</param>
/// <param name="Mode">GOVERNANCE, COMPLIANCE; empty for none.</param>
/// <param name="Until">The last day, as yyyy-MM-dd; empty for none.</param>
/// <param name="IsHeld">Whether it is on hold.</param>
/// <param name="Problem">Why it was not saved.</param>
public sealed record LockModel(ObjectAddress At, string Mode, string Until, bool IsHeld, FormProblem? Problem);

public partial class LockPage
{
    private const string Day = "yyyy-MM-dd";

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => await call.Page<LockPage>(await Read(call, ObjectAddress.Of(call), ct));

    internal static async ValueTask<Reply> Save(ConsoleCall call, CancellationToken ct)
    {
        var (at, form) = (ObjectAddress.Of(call), call.Form);
        ApiAnswer answer;
        if (form["do"] is "hold" or "release")
        {
            answer = await call.Api.Send("PUT", at.Path, at.Sub("legal-hold"), ct, new XElement("LegalHold", new XElement("Status", form["do"] == "hold" ? "ON" : "OFF")).Bytes());
            return answer.Refusal is not { } fault ? at.Go(call, done: form["do"] == "hold" ? "held" : "released") : await Again(fault);
        }
        var (mode, until) = (form["mode"] ?? "", form["until"] ?? "");
        var document = new XElement("Retention");
        if (mode.Length > 0)
        {
            if (!DateTime.TryParseExact(until, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day > DateTime.MaxValue.AddDays(-2)) return await Wrong("Until when?", "Choose the last day on which it is retained.");
            if (mode == "COMPLIANCE" && form["sure"] is null) return await Wrong("Nothing was changed", "Compliance cannot be taken back, by nobody: confirm that you know it.");
            document.Add(new XElement("Mode", mode), new XElement("RetainUntilDate", day.AddDays(1).AddSeconds(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));
        }
        answer = await call.Api.Send(
            "PUT", at.Path, at.Sub("retention"), ct, document.Bytes(), form["bypass"] is null ? [] : [("x-amz-bypass-governance-retention", "true")]);
        return answer.Refusal is not { } refused ? at.Go(call, done: mode.Length > 0 ? "retained" : "unretained") : await Again(refused);

        async ValueTask<Reply> Wrong(string title, string advice) => await call.Page<LockPage>(await Read(call, at, ct) with { Mode = mode, Until = until, Problem = new(title, "", advice) }, 400);

        async ValueTask<Reply> Again(ConsoleException refused)
        {
            var model = await Read(call, at, ct);
            var advice = refused.Status == 403 && model.Mode.Length > 0 ? "It is retained: retention can be extended. Governance can be shortened by who has the right to, if they tick so." : refused.Advice;
            return await call.Page<LockPage>(model with { Problem = new(refused.Title, refused.Message, advice) }, refused.Status);
        }
    }

    private static async ValueTask<LockModel> Read(ConsoleCall call, ObjectAddress at, CancellationToken ct)
    {
        var head = (await call.Api.Do("HEAD", at.Path, at.Query, ct)).Reply;
        return new(
            at, head.Header("x-amz-object-lock-mode") ?? "", Text.ReadTime(head.Header("x-amz-object-lock-retain-until-date"))?.UtcDateTime.ToString(Day, CultureInfo.InvariantCulture) ?? "",
            head.Header("x-amz-object-lock-legal-hold") == "ON", null);
    }
}
