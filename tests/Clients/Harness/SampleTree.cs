using System.Security.Cryptography;

namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>A directory tree such as people have: nested, with awkward names, empty and large files.</summary>
public static class SampleTree
{
    private static readonly (string Name, int Length)[] Files =
    [
        ("readme.txt", 1200),
        ("empty.bin", 0),
        ("one.byte", 1),
        ("with blank in name.txt", 64),
        ("plus+and%percent.txt", 300),
        ("100%25 encoded?.txt", 301),
        ("a&b=c;d#hash.txt", 77),
        ("quote's (and) [brackets] {braces}.txt", 78),
        ("tilde~star*bang!.txt", 79),
        ("Übergröße-äöü-ß.txt", 500),
        ("emoji-🎉-👩‍👩‍👧.txt", 501),
        ("日本語/ファイル.txt", 502),
        ("deep/a/b/c/d/e/f/leaf.txt", 900),
        ("deep/a/b.txt", 901),
        ("deep/a b/c+d/e%20f.txt", 902),
        (".hidden/.file", 10),
        ("small/64k.bin", 65536),
        ("small/64k-and-one.bin", 65537),
        ("large/multipart.bin", 9 * 1024 * 1024 + 4321),
        ("large/exactly-8MiB.bin", 8 * 1024 * 1024),
    ];

    /// <summary>The relative names of the files, with slashes.</summary>
    public static IReadOnlyList<string> Names => [.. Files.Select(file => file.Name)];

    /// <summary>Makes the tree, the same bytes every time.</summary>
    public static void Create(string root)
    {
        var random = new Random(20260101);
        foreach (var (name, length) in Files)
        {
            var path = Path.Combine(root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var bytes = new byte[length];
            random.NextBytes(bytes);
            File.WriteAllBytes(path, bytes);
        }
        for (var i = 0; i < 60; i++)
        {
            Directory.CreateDirectory(Path.Combine(root, "many"));
            File.WriteAllText(Path.Combine(root, "many", $"file-{i:000}.txt"), $"number {i}\n");
        }
    }

    /// <summary>Asserts that both directories hold the same files with the same bytes.</summary>
    public static void AssertSame(string expected, string actual) => Assert.Equal(Hashes(expected), Hashes(actual));

    /// <summary>"relative name  SHA-256" of every file, in order.</summary>
    public static IReadOnlyList<string> Hashes(string root) =>
    [
        .. Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(path => $"{Path.GetRelativePath(root, path)}  {Hash(path)}").Order(StringComparer.Ordinal),
    ];

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(stream));
    }
}
