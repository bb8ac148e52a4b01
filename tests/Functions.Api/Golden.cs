using System.Runtime.CompilerServices;

namespace ZenkoFunctions.Api.Tests;

/// <summary>
/// Compares text with a file of the repository. <c>UPDATE_GOLDEN=1 dotnet test</c> writes the files anew; the change is then
/// reviewed like any other.
/// </summary>
internal static class Golden
{
    /// <summary>The root of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Here(), "..", ".."));

    /// <summary>Compares with <c>Golden/NAME</c>.</summary>
    public static void Check(string name, string actual) => CheckFile(Path.Combine(Here(), "Golden", name), actual);

    /// <summary>Compares with a file of the repository.</summary>
    public static void CheckFile(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1") File.WriteAllText(path, actual);
        Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "", actual, ignoreLineEndingDifferences: true);
    }

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
