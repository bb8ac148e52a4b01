using System.IO.Pipelines;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class IntakeTests
{
    [Fact]
    public async Task What_a_location_that_gives_up_has_left_of_a_body_can_be_read()
    {
        var intake = new Intake(new LocationCatalog("full", new Dictionary<string, ILocation> { ["full"] = new Full() }), new(), TimeProvider.System);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await pipe.Writer.WriteAsync(new byte[1 << 20]);
        await Assert.ThrowsAsync<IOException>(async () => await intake.Take(
            "full", "name", new Content(pipe.Reader, 2 << 20), [ChecksumAlgorithm.Sha256], mayInline: false, null, QuotaRoom.Unbounded, default));
        await pipe.Writer.WriteAsync(new byte[7]);
        Assert.Equal(7, (await pipe.Reader.ReadAsync()).Buffer.Length);
    }

    private sealed class Full : ILocation
    {
        public LocationTraits Traits { get; } = new(long.MaxValue);

        public async ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct)
        {
            body.AdvanceTo((await body.ReadAsync(ct)).Buffer.End);
            throw new IOException("full");
        }

        public ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct) => throw new NotSupportedException();

        public ValueTask Delete(Stored at, CancellationToken ct) => throw new NotSupportedException();
    }
}
