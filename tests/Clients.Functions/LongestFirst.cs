using Xunit.Abstractions;

[assembly: TestCollectionOrderer("ZenkoFunctions.Clients.Tests.LongestFirst", "ZenkoFunctions.Clients.Functions.Tests")]

namespace ZenkoFunctions.Clients.Tests;

/// <summary>The classes that take minutes begin first, so that the end does not wait for one alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest = [nameof(ConsoleTests), nameof(AwsCliTests), nameof(Boto3Tests), nameof(VersioningTests), nameof(HostTests)];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Longest.Any(name => collection.DisplayName.EndsWith("." + name, StringComparison.Ordinal)) ? 0 : 1);
}
