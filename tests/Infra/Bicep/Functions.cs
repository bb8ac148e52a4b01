using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Infra.Tests.Bicep;

/// <summary>The functions of Bicep that our templates call. What they give has Azure's form, not its value.</summary>
internal static class Functions
{
    /// <summary>Calls one.</summary>
    /// <exception cref="BicepException">There is none of that name and those arguments.</exception>
    public static object? Call(string file, CallExpr call, IReadOnlyList<object?> arguments) => (call.Function, arguments) switch
    {
        ("resourceGroup", []) => Object(("id", "/subscriptions/s/resourceGroups/group"), ("location", "westeurope")),
        ("subscription", []) => Object(("tenantId", "‹tenant›")),
        ("environment", []) => Object(("suffixes", Object(("keyvaultDns", ".vault.azure.net")))),
        ("uniqueString", [string, ..]) => "abcdefghijklm",
        ("guid", [string, ..]) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', arguments))).AsSpan(0, 16)).ToString(),
        ("subscriptionResourceId", [string type, string name]) => $"/{type}/{name}",
        ("empty", [string text]) => text.Length == 0,
        ("empty", [IList list]) => list.Count == 0,
        ("string", [long number]) => number.ToString(CultureInfo.InvariantCulture),
        ("union", [IReadOnlyDictionary<string, object?> first, IReadOnlyDictionary<string, object?> second]) =>
            first.Concat(second).GroupBy(p => p.Key).ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal),
        _ => throw new BicepException(file, call.Line, $"{call.Function}({string.Join(", ", arguments)}) is not understood."),
    };

    private static Dictionary<string, object?> Object(params (string Name, object? Value)[] properties) =>
        properties.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
}
