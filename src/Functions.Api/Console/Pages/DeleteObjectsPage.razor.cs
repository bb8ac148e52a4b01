using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the page shows that asks whether objects are to go.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">The folder from which somebody came; null for none.</param>
/// <param name="Objects">What is to go, and why it did not.</param>
/// <param name="KeepsVersions">Whether the bucket does; null where the person may not know.</param>
/// <param name="MayBeLocked">Whether versions of the bucket may be retained.</param>
/// <param name="Problem">Why not all went.</param>
public sealed record DeleteObjectsModel(string Bucket, string? Prefix, IReadOnlyList<(ObjectAddress At, string? Fault)> Objects, bool? KeepsVersions, bool MayBeLocked, FormProblem? Problem)
{
    /// <summary>Whether they are named with their versions.</summary>
    public bool AreVersions => Objects[0].At.VersionId is not null;
}

public partial class DeleteObjectsPage
{
    internal const int Most = 100;

    /// <summary>Asks; and does it once it is said to be meant.</summary>
    internal static async ValueTask<Reply> Delete(ConsoleCall call, CancellationToken ct)
    {
        var (bucket, prefix) = (call.Path["bucket"], call.Query("prefix"));
        var path = ConsoleApi.PathOf(bucket);
        List<ObjectAddress> picked = [];
        for (var i = 0; i <= Most; i++)
            if (call.Form.Exact($"pick{i}") is { } pick && QueryParameters.Parse(pick) is var named && named["key"] is { Length: > 0 } key) picked.Add(new(bucket, key, named["version"] is { Length: > 0 } version ? version : null));
        if (picked.Count == 0 || picked.Any(each => each.VersionId is null) != picked.All(each => each.VersionId is null))
            return call.Go(ConsolePath.Bucket(bucket), ("prefix", prefix), ("versions", picked.Count > 0 ? "1" : null));
        if (call.Form["sure"] is null) return await Ask([.. picked.Select(each => (each, (string?)null))], null, 200);

        if (picked.Any(each => each.Key.Any(char.IsControl))) return await DeleteEach();
        var body = new XElement("Delete", picked.Select(each => new XElement(
            "Object", new XElement("Key", each.Key), each.VersionId is null ? null : new XElement("VersionId", each.VersionId)))).Bytes();
        var answer = await call.Api.Send("POST", path, "?delete=", ct, body, Bypass());
        if (answer.Refusal is { } refused) return await Refused(refused, [.. picked.Select(each => (each, (string?)null))]);
        var failed = answer.Xml().All("Error").GroupBy(error => (error.Of("Key") ?? "", error.Of("VersionId") ?? "")).ToDictionary(group => group.Key, group => (Code: group.First().Of("Code") ?? "", Message: group.First().Of("Message") ?? ""));
        return await Told(each => failed.TryGetValue((each.Key, each.VersionId ?? ""), out var error) ? error : null);

        // XML cannot name them.
        async ValueTask<Reply> DeleteEach()
        {
            Dictionary<ObjectAddress, (string, string)> faults = [];
            foreach (var each in picked)
                if (await call.Api.Send("DELETE", each.Path, each.Query, ct, null, Bypass()) is { Refusal: { } refused }) faults[each] = (refused.Code, refused.Message);
            return await Told(each => faults.TryGetValue(each, out var fault) ? fault : null);
        }

        (string, string)[] Bypass() => call.Form["bypass"] is null ? [] : [("x-amz-bypass-governance-retention", "true")];

        async ValueTask<Reply> Told(Func<ObjectAddress, (string Code, string Message)?> faultOf)
        {
            var left = picked.Select(each => (At: each, Fault: faultOf(each))).Where(each => each.Fault is not null).ToList();
            if (left.Count == 0) return call.Go(ConsolePath.Bucket(bucket), ("prefix", prefix), ("versions", picked[0].VersionId is null ? null : "1"), ("deleted", $"{picked.Count}"));
            var first = new ConsoleException(left[0].Fault!.Value.Code == "AccessDenied" ? 403 : 409, left[0].Fault!.Value.Code, left[0].Fault!.Value.Message);
            return await Refused(first, [.. left.Select(each => (each.At, (string?)each.Fault!.Value.Code))]);
        }

        async ValueTask<Reply> Refused(ConsoleException refused, IReadOnlyList<(ObjectAddress, string?)> left) => await Ask(
            left, new(left.Count == picked.Count ? "Nothing was deleted" : $"{picked.Count - left.Count} of {picked.Count} were deleted; these were not", refused.Message, refused.Status == 403 ? "They may be retained or on hold, or you may not delete them: their pages tell." : refused.Advice), refused.Status);

        async ValueTask<Reply> Ask(IReadOnlyList<(ObjectAddress, string?)> objects, FormProblem? problem, int status)
        {
            var versioning = await call.Api.Send("GET", path, "?versioning", ct);
            if (versioning.Code == "NoSuchBucket") versioning.OrThrow();
            var isLocked = (await call.Api.Send("GET", path, "?object-lock", ct)).Code is null or "AccessDenied";
            return await call.Page<DeleteObjectsPage>(new DeleteObjectsModel(bucket, prefix, objects, versioning.Code is null ? versioning.Xml().Of("Status") == "Enabled" : null, isLocked, problem), status);
        }
    }
}
