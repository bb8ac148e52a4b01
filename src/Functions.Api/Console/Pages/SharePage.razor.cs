using System.Globalization;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console.Pages;

/// <summary>What the page shows that shares an object.</summary>
/// <param name="At">The object.</param>
/// <param name="Link">The link; null before there is one.</param>
/// <param name="Until">When it runs out.</param>
public sealed record ShareModel(ObjectAddress At, string? Link, DateTimeOffset Until);

public partial class SharePage
{
    internal static readonly (string Name, TimeSpan Lifetime)[] Lifetimes =
        [("15 minutes", TimeSpan.FromMinutes(15)), ("1 hour", TimeSpan.FromHours(1)), ("12 hours", TimeSpan.FromHours(12)), ("1 day", TimeSpan.FromDays(1)), ("3 days", TimeSpan.FromDays(3)), ("7 days", TimeSpan.FromDays(7))];

    internal static async ValueTask<Reply> Show(ConsoleCall call, CancellationToken ct)
    {
        var at = ObjectAddress.Of(call);
        await call.Api.Do("HEAD", at.Path, at.Query, ct);
        return await call.Page<SharePage>(new ShareModel(at, null, default));
    }

    internal static async ValueTask<Reply> Make(ConsoleCall call, CancellationToken ct)
    {
        var at = ObjectAddress.Of(call);
        if (!int.TryParse(call.Form["lifetime"], NumberStyles.None, CultureInfo.InvariantCulture, out var chosen) || chosen >= Lifetimes.Length) return at.Go(call, "share");
        await call.Api.Do("HEAD", at.Path, at.Query, ct);
        var lifetime = Lifetimes[chosen].Lifetime;
        var link = call.Form["save"] is not null
            ? Presigned.Download(call, at.Bucket, at.Key, at.VersionId, lifetime)
            : Presigned.Link(call, "GET", at.Bucket, at.Key, lifetime, ("versionId", at.VersionId));
        return await call.Page<SharePage>(new ShareModel(at, link, call.Clock.GetUtcNow() + lifetime));
    }
}
