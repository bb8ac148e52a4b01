using ZenkoFunctions.Clients.Tests.Harness;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.S3;

namespace ZenkoFunctions.Clients.Tests.Locations;

/// <summary>One of these looks at what the whole process allocates, so that nothing runs beside it.</summary>
[CollectionDefinition(nameof(S3LocationAlone), DisableParallelization = true)]
public sealed class S3LocationAlone;

/// <summary>Bytes of our own in a bucket.</summary>
[Collection(nameof(S3LocationAlone))]
public class S3LocationTests(RunningServer server) : LocationContract, IClassFixture<RunningServer>
{
    private const int MiB = 1 << 20;

    private S3Place place = null!;

    protected virtual bool KeepsVersions => false;

    protected override long LargeBody => 96L * MiB;

    private ICopies Copier => (ICopies)Location;

    protected override async ValueTask<ILocation> Create() => new S3Location("far", place = await server.NewBucket(KeepsVersions));

    [Theory]
    [InlineData(5)]
    [InlineData(20 * MiB)]
    public async Task Deleted_bytes_leave_no_version_behind(int size)
    {
        var (stored, other) = (await Put(Bytes(size), announced: size), await Put(Bytes(1), announced: 1));
        await Location.Delete(stored, default);
        Assert.Equal([".zenkofn/" + other.Name], (await server.Versions(place)).Select(version => version.Key));
    }

    [Fact]
    public async Task An_upload_that_is_interrupted_after_some_parts_leaves_nothing()
    {
        var name = NewName();
        var pipe = new System.IO.Pipelines.Pipe(new(pauseWriterThreshold: 0));
        var put = Location.Put(new(name, 30 * MiB), pipe.Reader, default).AsTask();
        await pipe.Writer.WriteAsync(Bytes(20 * MiB));
        await pipe.Writer.CompleteAsync(new FormatException("cut off"));
        await Assert.ThrowsAsync<FormatException>(() => put);
        await AssertNothingAt(name);
        Assert.Empty(await server.Uploads(place));
        Assert.Empty(await server.Versions(place));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20 * MiB)]
    public async Task A_copy_has_the_same_bytes_and_outlives_its_source(int size)
    {
        var bytes = Bytes(size);
        var stored = await Put(bytes, announced: size);
        var name = NewName();
        var copy = (await Copier.Copy(stored, name, default))!;
        Assert.Equal(new("far", name, size), copy);
        await Location.Delete(stored, default);
        Assert.Equal(bytes, await Read(copy));
        Assert.Null(await Copier.Copy(Missing(NewName()), NewName(), default));
    }

    [Fact]
    public async Task An_object_of_another_length_than_the_row_says_is_told_and_not_served()
    {
        var stored = await Put(Bytes(1000), announced: 1000);
        foreach (var length in new[] { 999, 1001, 3000 })
        {
            var e = await Assert.ThrowsAsync<LocationUnavailableException>(
                async () => await Location.Open(stored with { Length = length }, new(length - 1, 1), default));
            Assert.Contains(stored.Name, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_refusal_is_an_outage_that_says_what_to_do()
    {
        var stored = await Put(Bytes(1), announced: 1);
        foreach (var (wrong, word) in new[] { (place with { SecretKey = "wrongsecret" }, "secret key"), (place with { Bucket = "was-never-made" }, "NoSuchBucket") })
        {
            var location = new S3Location("far", wrong);
            var e = await Assert.ThrowsAsync<LocationUnavailableException>(async () => await location.Put(new PutPlan(NewName(), 1), Whole(Bytes(1)), default));
            Assert.Contains(word, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wrongsecret", e.ToString(), StringComparison.Ordinal);
            await Assert.ThrowsAsync<LocationUnavailableException>(async () => await location.Open(stored, ByteRange.All(1), default));
            await Assert.ThrowsAsync<LocationUnavailableException>(async () => await location.Delete(stored, default));
        }
    }
}

/// <summary>The same in a bucket that keeps versions.</summary>
[Collection(nameof(S3LocationAlone))]
public sealed class S3LocationInVersionsTests(RunningServer server) : S3LocationTests(server)
{
    protected override bool KeepsVersions => true;
}
