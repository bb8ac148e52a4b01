using ZenkoFunctions.Contracts;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.S3;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>The suite of locations, against the S3 of a real Ceph.</summary>
public sealed class CephLocationTests : LocationContract
{
    private static readonly Lazy<Task<S3Place>> Place = new(() => Sites.CephPlace("location-contract", versioned: false));

    protected override long LargeBody => 64L << 20;

    protected override async ValueTask<ILocation> Create() => new S3Location("ceph", await Place.Value);
}
