using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A place where a bucket can be, or that it can mirror.</summary>
/// <param name="Name">How S3 says it.</param>
/// <param name="Told">How people do.</param>
public sealed record LocationChoice(string Name, string Told);

/// <summary>Why a form did not do what it was to.</summary>
public sealed record FormProblem(string Title, string Message, string Advice)
{
    /// <summary>What an API refused.</summary>
    internal static FormProblem Of(ConsoleException why) => new(why.Title, why.Message, why.Advice);
}

/// <summary>What the form for a bucket shows: what was typed, where it has been sent before.</summary>
public sealed record NewBucketModel(IReadOnlyList<LocationChoice> Locations, string? Name, string? Location, bool IsVersioned, bool IsLocked, bool IsEncrypted, FormProblem? Problem);

public partial class NewBucketPage
{
    private static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) =>
        await call.Page<NewBucketPage>(new NewBucketModel(await LocationsPage.Choices(call, true, ct), null, null, true, false, false, null));

    internal static async ValueTask<Reply> Create(ConsoleCall call, CancellationToken ct)
    {
        var form = call.Form;
        var (name, location) = (form["name"] ?? "", form["location"]);
        var (isVersioned, isLocked, isEncrypted) = (form["versioning"] is not null, form["lock"] is not null, form["encryption"] is not null);
        var body = location is null ? null : Document(new XElement(S3 + "CreateBucketConfiguration", new XElement(S3 + "LocationConstraint", location)));
        if (BucketName.Fault(name) is { } fault) return await Again(new(S3Errors.InvalidBucketName.Status, S3Errors.InvalidBucketName.Code, fault));
        var path = ConsoleApi.PathOf(name);
        // The owner's second request for it would be answered as the first.
        if (await call.Api.Send("HEAD", path, "", ct) is { Status: 200 })
            return await Again(new(S3Errors.BucketAlreadyOwnedByYou.Status, S3Errors.BucketAlreadyOwnedByYou.Code, S3Errors.BucketAlreadyOwnedByYou.Message));
        var answer = isLocked ? await call.Api.Send("PUT", path, "", ct, body, ("x-amz-bucket-object-lock-enabled", "true")) : await call.Api.Send("PUT", path, "", ct, body);
        var isMade = answer.Code is null;
        // Whether a mirror keeps versions its source says.
        if (isMade && isVersioned && !isLocked && location?.EndsWith(LocationsPage.Mirror, StringComparison.Ordinal) != true)
            answer = await call.Api.Send("PUT", path, "?versioning", ct, Document(new XElement(S3 + "VersioningConfiguration", new XElement(S3 + "Status", "Enabled"))));
        if (answer.Code is null && isEncrypted)
        {
            answer = await call.Api.Send("PUT", path, "?encryption", ct, Document(new XElement(S3 + "ServerSideEncryptionConfiguration", new XElement(
                S3 + "Rule", new XElement(S3 + "ApplyServerSideEncryptionByDefault", new XElement(S3 + "SSEAlgorithm", "AES256"))))));
        }
        if (answer.Code is null) return call.Go("buckets/" + Uri.EscapeDataString(name), ("created", "1"));
        var refused = new ConsoleException(answer.Status, answer.Code, answer.Message!);
        if (isMade) return await call.Problem(answer.Status, $"The bucket {name} was created, but not as you wanted it", "Look at its settings: what is missing there can be set by any S3 client, or delete the bucket and make it again.", refused.Message);
        return await Again(refused);

        async ValueTask<Reply> Again(ConsoleException why) => await call.Page<NewBucketPage>(
            new NewBucketModel(await LocationsPage.Choices(call, true, ct), name, location, isVersioned, isLocked, isEncrypted, new(why.Title, why.Message, why.Advice)), why.Status);
    }

    private static byte[] Document(XElement root) => Encoding.UTF8.GetBytes(root.ToString(SaveOptions.DisableFormatting));
}
