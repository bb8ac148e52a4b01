using ZenkoFunctions.Api.S3;
using static ZenkoFunctions.Api.Console.Documents;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>A place where a bucket can be, or that it can mirror.</summary>
/// <param name="Name">How S3 says it.</param>
/// <param name="Told">How people do.</param>
public sealed record LocationChoice(string Name, string Told);

/// <summary>What the form for a bucket shows: what was typed, where it has been sent before.</summary>
public sealed record NewBucketModel(IReadOnlyList<LocationChoice> Locations, string? Name, string? Location, bool IsVersioned, bool IsLocked, bool IsEncrypted, FormProblem? Problem);

public partial class NewBucketPage
{
    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct) =>
        await call.Page<NewBucketPage>(new NewBucketModel(await LocationsPage.Choices(call, true, ct), null, null, true, false, false, null));

    internal static async ValueTask<Reply> Create(ConsoleCall call, CancellationToken ct)
    {
        var form = call.Form;
        var (name, location) = (form["name"] ?? "", form["location"]);
        var (isVersioned, isLocked, isEncrypted) = (form["versioning"] is not null, form["lock"] is not null, form["encryption"] is not null);
        var body = location is null ? null : Element("CreateBucketConfiguration", Element("LocationConstraint", location)).Bytes();
        if (BucketName.Fault(name) is { } fault) return await Again(new(S3Errors.InvalidBucketName.Status, S3Errors.InvalidBucketName.Code, fault));
        var path = ConsoleApi.PathOf(name);
        // The owner's second request for it would be answered as the first.
        if (await call.Api.Send("HEAD", path, "", ct) is { Status: 200 })
            return await Again(new(S3Errors.BucketAlreadyOwnedByYou.Status, S3Errors.BucketAlreadyOwnedByYou.Code, S3Errors.BucketAlreadyOwnedByYou.Message));
        var answer = isLocked ? await call.Api.Send("PUT", path, "", ct, body, ("x-amz-bucket-object-lock-enabled", "true")) : await call.Api.Send("PUT", path, "", ct, body);
        var isMade = answer.Code is null;
        // Whether a mirror keeps versions its source says.
        if (isMade && isVersioned && !isLocked && location?.EndsWith(LocationsPage.Mirror, StringComparison.Ordinal) != true)
            answer = await call.Api.Send("PUT", path, "?versioning", ct, Element("VersioningConfiguration", Element("Status", "Enabled")).Bytes());
        if (answer.Code is null && isEncrypted)
        {
            answer = await call.Api.Send("PUT", path, "?encryption", ct, Element(
                "ServerSideEncryptionConfiguration", Element("Rule", Element("ApplyServerSideEncryptionByDefault", Element("SSEAlgorithm", "AES256")))).Bytes());
        }
        if (answer.Refusal is not { } refused) return call.Go(ConsolePath.Bucket(name), ("created", "1"));
        if (isMade) return await call.Problem(answer.Status, $"The bucket {name} was created, but not as you wanted it", "Look at its settings and change what is missing there, or delete the bucket and make it again.", refused.Message);
        return await Again(refused);

        async ValueTask<Reply> Again(ConsoleException why) => await call.Page<NewBucketPage>(
            new NewBucketModel(await LocationsPage.Choices(call, true, ct), name, location, isVersioned, isLocked, isEncrypted, FormProblem.Of(why)), why.Status);
    }
}
