namespace ZenkoFunctions.Api.Console;

/// <summary>Paths of the console's pages that have names in them, from its root, for <see cref="ConsoleCall.Link"/> and <see cref="ConsoleCall.Go"/>.</summary>
internal static class ConsolePath
{
    /// <summary>A bucket's page, or one below it.</summary>
    public static string Bucket(string name, string? below = null) => Of("buckets", below, name);

    /// <summary>A location's page, or one below it.</summary>
    public static string Location(string name, string? below = null) => Of("locations", below, name);

    /// <summary>A task's page.</summary>
    public static string Task(string id) => Of("tasks", null, id);

    /// <summary>A report's page, or one below it.</summary>
    public static string Report(string bucket, string site, string id, string? below = null) => Of("reports", below, bucket, site, id);

    private static string Of(string kind, string? below, params IEnumerable<string> names) =>
        $"{kind}/{string.Join('/', names.Select(Uri.EscapeDataString))}{(below is null ? "" : "/" + below)}";
}
