using System.Text;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Cli;

/// <summary>
/// The root account's key in the data directory, in the form of AWS's shared credentials file (mode 0600), so that
/// whoever owns the directory can look it up and hand it to a client as it is.
/// </summary>
internal static class RootCredentials
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Sees to it that the file holds this key, and that nobody but its owner reads it.</summary>
    public static void Keep(string file, AccessKey key)
    {
        var text = $"[default]\naws_access_key_id = {key.Id}\naws_secret_access_key = {key.Secret}\n";
        if (File.Exists(file) && IsPrivate(file) && File.ReadAllText(file) == text) return;

        // Whole under another name first: a crash leaves the old file or the new one.
        var draft = file + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Owner;
        using (var stream = new FileStream(draft, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(draft, file, overwrite: true);
    }

    /// <summary>The key that a profile has in a file of this form, and its session's token; null where the file has no such profile with a key.</summary>
    public static (string Id, string Secret, string? Token)? Read(string file, string profile = "default")
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var isIn = false;
        foreach (var line in File.ReadLines(file).Select(line => line.Trim()))
        {
            if (line.StartsWith('[')) isIn = line == $"[{profile}]";
            else if (isIn && line.Split('=', 2) is [var name, var value]) values[name.TrimEnd()] = value.TrimStart();
        }
        return values.TryGetValue("aws_access_key_id", out var id) && values.TryGetValue("aws_secret_access_key", out var secret)
            ? (id, secret, values.GetValueOrDefault("aws_session_token")) : null;
    }

    private static bool IsPrivate(string file) => OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & ~Owner) == 0;
}
