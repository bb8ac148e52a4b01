using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Disk;

namespace ZenkoFunctions.Core.Tests.Locations;

public sealed class DiskLocationTests : LocationContract
{
    private readonly string root = Path.Combine(Path.GetTempPath(), "disk-location-" + Guid.NewGuid().ToString("n"));

    protected override ValueTask<ILocation> Create() => new(new DiskLocation("test", root));

    public override Task DisposeAsync()
    {
        ((DiskLocation)Location).Dispose();
        Directory.Delete(root, recursive: true);
        return Task.CompletedTask;
    }
}
