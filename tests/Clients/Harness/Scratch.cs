namespace ZenkoFunctions.Clients.Tests.Harness;

/// <summary>A directory that is removed at the end.</summary>
public sealed class Scratch : IDisposable
{
    /// <summary>Full path; it exists.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("zenkofn-test-").FullName;

    /// <summary>A path below it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
