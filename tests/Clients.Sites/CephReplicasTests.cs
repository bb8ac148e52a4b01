using ZenkoFunctions.Contracts;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.S3;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>The suite of places that keep replicas, against a versioned bucket of a real Ceph.</summary>
public class CephReplicasTests : ReplicasContract
{
    private static int buckets;

    private S3Place place = null!;

    protected virtual bool KeepsVersions => true;

    protected override bool TellsUnderscores => false;

    protected override (int Key, int Value) LongestTag => (128, 256);

    protected override async ValueTask<IReplicas> Create() =>
        new S3Location("ceph", place = await Sites.CephPlace($"replicas-contract-{Interlocked.Increment(ref buckets)}", KeepsVersions));

    protected override ValueTask<IReplicas> CreateWithoutBucket() => new(new S3Location("ceph", place with { Bucket = "was-never-made" }));

    protected override ValueTask<IReplicas> CreateWithWrongKey() => new(new S3Location("ceph", place with { SecretKey = "wrong/" + RadosGateway.SecretKey }));
}

/// <summary>The same in a bucket without versions.</summary>
public sealed class CephReplicasWithoutVersionsTests : CephReplicasTests
{
    protected override bool KeepsVersions => false;
}
