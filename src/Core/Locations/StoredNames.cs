using System.Buffers;

namespace ZenkoFunctions.Core.Locations;

/// <summary>The rule for names of stored bytes that <see cref="PutPlan"/> states.</summary>
public static class StoredNames
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 200;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._/");

    /// <summary>Whether the name keeps the rule.</summary>
    public static bool IsValid(string name)
    {
        if (name.Length is 0 or > MaxLength || name.AsSpan().ContainsAnyExcept(Allowed)) return false;
        foreach (var range in name.AsSpan().Split('/'))
        {
            if (name.AsSpan(range) is "" or "." or "..") return false;
        }
        return true;
    }

    /// <summary>Throws <see cref="ArgumentException"/> where the name breaks the rule.</summary>
    public static void Require(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsValid(name))
            throw new ArgumentException($"'{name}' is no name for stored bytes: see {nameof(PutPlan)}.", nameof(name));
    }
}
