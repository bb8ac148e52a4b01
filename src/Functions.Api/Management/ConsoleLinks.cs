using System.Text.Json.Serialization;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Management;

/// <summary>Links that sign in to the console.</summary>
internal static class ConsoleLinks
{
    /// <summary>Makes one.</summary>
    public static async ValueTask<Reply> Create(ManagementCall call, CancellationToken ct)
    {
        if (call.Console is not { } console) return Reply.Refused(S3Errors.NotImplemented, "This server has no console.");
        var expires = call.Installation.Clock.GetUtcNow() + SignInGrants.LinkLifetime;
        var code = await call.Installation.SignInGrants.AddLink(call.Signer!, ct);
        return Reply.Json(ConsoleLinkJson.Default.ConsoleLink, new($"{console}link?code={code}", expires), 201).With("Cache-Control", "no-store");
    }
}

/// <summary>A link that signs in to the console.</summary>
/// <param name="Url">Where a browser opens it. Whoever has it signs in by it.</param>
/// <param name="Expires">When it ends, used or not.</param>
public sealed record ConsoleLink(string Url, DateTimeOffset Expires);

/// <summary>Links as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ConsoleLink))]
public sealed partial class ConsoleLinkJson : JsonSerializerContext;
