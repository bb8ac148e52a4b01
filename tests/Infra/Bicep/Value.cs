namespace ZenkoFunctions.Infra.Tests.Bicep;

/// <summary>A resource that a deployment makes.</summary>
/// <param name="Module">The file that declares it.</param>
/// <param name="Symbol">Its name there.</param>
/// <param name="Type">Microsoft.Storage/storageAccounts …</param>
/// <param name="Version">The version of the API.</param>
/// <param name="Name">Its name with those of its parents, separated by slashes.</param>
/// <param name="Scope">What it is attached to; null for the resource group.</param>
/// <param name="Body">Its properties, evaluated.</param>
public sealed record Deployed(string Module, string Symbol, string Type, string Version, string Name, Deployed? Scope, IReadOnlyDictionary<string, object?> Body)
{
    /// <summary>Its resource id.</summary>
    public string Id => $"/group/{Type}/{Name}";

    /// <summary>The value at a path such as <c>properties.sku.name</c>; null where there is none.</summary>
    public object? this[string path] => path.Split('.').Aggregate((object?)Body, (of, name) => (of as IReadOnlyDictionary<string, object?>)?.GetValueOrDefault(name));
}

/// <summary>What a module came to.</summary>
/// <param name="Outputs">Its outputs, evaluated.</param>
public sealed record Ran(IReadOnlyDictionary<string, object?> Outputs);
