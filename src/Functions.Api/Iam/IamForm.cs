using System.Globalization;
using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Iam;

/// <summary>The parameters of a request: those of its form, or for a GET those of its query.</summary>
public sealed class IamForm
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>Reads them; throws MalformedQueryString where one stands there twice.</summary>
    public static IamForm Read(string rawQuery, ReadOnlySpan<byte> body)
    {
        var form = new IamForm();
        foreach (var source in (ReadOnlySpan<string>)[rawQuery, Encoding.UTF8.GetString(body)])
            foreach (var (name, value) in QueryParameters.Parse(source).Items)
                if (!form.values.TryAdd(name, value)) throw new S3Exception(IamErrors.MalformedQueryString, $"The parameter {name} stands in the request twice.");
        return form;
    }

    /// <summary>A parameter; null where it is missing or empty, which clients do not tell apart.</summary>
    public string? this[string name] => values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <summary>A parameter that must be there.</summary>
    public string Required(string name) =>
        this[name] ?? throw Invalid($"1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null");

    /// <summary>A whole number within bounds; null where it is missing.</summary>
    public int? Integer(string name, int least, int most)
    {
        if (this[name] is not { } text) return null;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Invalid($"1 validation error detected: Value '{text}' at '{name}' failed to satisfy constraint: Member must be a number from {least} to {most}");
    }

    /// <summary>One of a few values; null where it is missing.</summary>
    public string? Choice(string name, params ReadOnlySpan<string> choices)
    {
        if (this[name] is not { } text) return null;
        return choices.Contains(text)
            ? text
            : throw Invalid($"1 validation error detected: Value '{text}' at '{name}' failed to satisfy constraint: Member must satisfy enum value set: [{string.Join(", ", choices!)}]");
    }

    /// <summary>Whether there is a parameter of that name, or a member of a list of that name.</summary>
    public bool Uses(string name) =>
        values.Any(pair => pair.Value.Length > 0 && (pair.Key == name || pair.Key.StartsWith(name + ".", StringComparison.Ordinal)));

    /// <summary>A parameter with a value that is not allowed, to be thrown.</summary>
    public static S3Exception Invalid(string detail) => new(IamErrors.ValidationError, detail);
}
