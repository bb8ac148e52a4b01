using System.Text.Json;
using ZenkoFunctions.Api.Management.Monitoring;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>Something that answers, or does not.</summary>
public sealed record HealthLine(string Name, bool IsLocation, bool Answers, double? Milliseconds);

/// <summary>What the page of health shows.</summary>
/// <param name="Parts">What answers; null where the person may not know.</param>
/// <param name="Checks">What was found, where everything was just examined; else null.</param>
/// <param name="Problem">Why it was not.</param>
public sealed record HealthModel(IReadOnlyList<HealthLine>? Parts, IReadOnlyList<CheckLine>? Checks, FormProblem? Problem);

public partial class HealthPage
{
    internal static ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) => Show(call, null, null, ct);

    internal static async ValueTask<Reply> Examine(ConsoleCall call, CancellationToken ct)
    {
        var answer = await call.Api.Send("GET", "/_/management/doctor", "", ct);
        return answer.Refusal is not { } refused ? await Show(call, answer.Json(DoctorJson.Default.DoctorReport).Checks, null, ct) : await Show(call, null, refused, ct);
    }

    private static async ValueTask<Reply> Show(ConsoleCall call, IReadOnlyList<CheckLine>? checks, ConsoleException? why, CancellationToken ct)
    {
        // What does not answer is an answer of this one.
        var answer = await call.Api.Send("GET", "/_/healthcheck/deep", "", ct);
        var parts = answer.Body.IsEmpty ? null : Parts(answer);
        return await call.Page<HealthPage>(new HealthModel(parts, checks, FormProblem.Of(why)), why?.Status ?? 200);
    }

    private static List<HealthLine> Parts(ApiAnswer answer)
    {
        using var health = JsonDocument.Parse(answer.Body);
        List<HealthLine> parts = [];
        foreach (var part in health.RootElement.EnumerateObject())
        {
            if (part.Name == "internal")
                foreach (var one in part.Value.EnumerateObject()) parts.Insert(0, Line(one, false));
            else parts.Add(Line(part, true));
        }
        return parts;
    }

    private static HealthLine Line(JsonProperty part, bool isLocation) => new(
        part.Name, isLocation, part.Value.GetProperty("code").GetInt32() == 200, part.Value.TryGetProperty("milliseconds", out var took) ? took.GetDouble() : null);
}
