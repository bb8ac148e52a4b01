using System.Text.Json.Nodes;
using ZenkoFunctions.Api.Tests.Operations;
using ZenkoFunctions.Contracts.Faults;

namespace ZenkoFunctions.Api.Tests.Management;

/// <summary>A server, and another that is the cloud of its locations, with a bad network between.</summary>
public sealed class TwoClouds : IAsyncLifetime
{
    private const string Locations = "/_/management/locations";

    /// <summary>The server that is tested.</summary>
    internal ObjectServer Near { get; } = new();

    /// <summary>The cloud.</summary>
    internal ObjectServer Far { get; } = new();

    /// <summary>The network between.</summary>
    internal FaultProxy Network { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Near.InitializeAsync();
        await Far.InitializeAsync();
        Network = new(Far.Address.Port);
    }

    public async Task DisposeAsync()
    {
        await Near.DisposeAsync();
        await Network.DisposeAsync();
        await Far.DisposeAsync();
    }

    /// <summary>The document of a location that is a bucket of the far server.</summary>
    internal JsonObject Document(string name, string bucket, Action<JsonObject>? change = null)
    {
        var document = new JsonObject
        {
            ["name"] = name,
            ["locationType"] = "location-scality-ring-s3-v1",
            ["details"] = new JsonObject
            {
                ["accessKey"] = Far.Key.Id, ["secretKey"] = Far.Key.Secret, ["bucketName"] = bucket, ["endpoint"] = Network.Endpoint,
            },
        };
        change?.Invoke(document);
        return document;
    }

    /// <summary>Adds a location of that name that is a bucket of that name.</summary>
    internal async Task<Answer> Add(string name, Action<JsonObject>? change = null)
    {
        Assert.Equal(200, (await Far.Send("PUT", "/" + name)).Status);
        return await Near.Send("POST", Locations, Document(name, name, change).ToJsonString());
    }

    /// <summary>Makes a bucket in a location.</summary>
    internal Task<Answer> MakeBucket(string bucket, string location) => Near.Send(
        "PUT", "/" + bucket, $"<CreateBucketConfiguration><LocationConstraint>{location}</LocationConstraint></CreateBucketConfiguration>");

    /// <summary>The sizes of what is in a bucket of the cloud.</summary>
    internal async Task<IReadOnlyList<string>> Sizes(string bucket) => (await Far.Send("GET", $"/{bucket}?list-type=2")).Elements("Size");
}
