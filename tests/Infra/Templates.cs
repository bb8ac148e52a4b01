using System.Runtime.CompilerServices;
using ZenkoFunctions.Infra.Tests.Bicep;

namespace ZenkoFunctions.Infra.Tests;

/// <summary>The templates of this checkout, played through.</summary>
internal static class Templates
{
    /// <summary>The root of the checkout.</summary>
    public static string Root { get; } = Path.GetFullPath("../..", Here());

    /// <summary>The directory of the templates.</summary>
    public static string Directory { get; } = Path.Combine(Root, "infra", "bicep");

    /// <summary>Every file of templates.</summary>
    public static IEnumerable<Template> All =>
        System.IO.Directory.EnumerateFiles(Directory, "*.bicep", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Parser.Read);

    /// <summary>The parameters of the first deployment, all secrets given.</summary>
    public static IEnumerable<(string Name, object? Value)> First { get; } =
    [
        ("rootAccessKey", "ZENKOFNROOT000000001"), ("masterKey", "the-master-key"), ("rootSecretKey", "the-root-secret"), ("notifySecret", "the-notify-secret"),
        ("operatorPrincipalId", "11111111-2222-3333-4444-555555555555"),
    ];

    /// <summary>What the main template comes to with <see cref="First"/>, changed as told.</summary>
    public static Deployment Deploy(params (string Name, object? Value)[] changed) => Deployment.Of(
        Path.Combine(Directory, "main.bicep"), First.Where(p => changed.All(c => c.Name != p.Name)).Concat(changed));

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
