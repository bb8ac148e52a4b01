using System.Diagnostics.CodeAnalysis;
using System.Text;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.StorageAccounts;

/// <summary>The parameters of an OAuth request. RFC 6749, section 3.1: none may stand there twice, and an empty one is none.</summary>
internal sealed class SignInForm
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>Reads a form; false where a parameter stands in it twice.</summary>
    public static bool TryRead(ArmCall call, [NotNullWhen(true)] out SignInForm? form) => TryRead(QueryParameters.Parse(Encoding.UTF8.GetString(call.Body.Span)), out form);

    /// <summary>Reads parameters; false where one stands there twice.</summary>
    public static bool TryRead(QueryParameters parameters, [NotNullWhen(true)] out SignInForm? form)
    {
        form = new();
        foreach (var (name, value) in parameters.Items)
        {
            if (form.values.TryAdd(name, value)) continue;
            form = null;
            return false;
        }
        return true;
    }

    /// <summary>A parameter; null where it is missing or empty.</summary>
    public string? this[string name] => values.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}
