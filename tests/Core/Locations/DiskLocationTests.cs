using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;
using ZenkoFunctions.Contracts.Locations;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.Disk;

namespace ZenkoFunctions.Core.Tests.Locations;

[Collection(nameof(Alone))]
public sealed class DiskLocationTests : LocationContract
{
    private readonly string root = Path.Combine(Path.GetTempPath(), "disk-location-" + Guid.NewGuid().ToString("n"));
    private readonly FaultyCalls calls = new();
    private Exception? reported;

    protected override ValueTask<ILocation> Create() => new(Start(root));

    public override Task DisposeAsync()
    {
        ((DiskLocation)Location).Dispose();
        Assert.Empty(Directory.GetFiles(Path.Combine(root, "incoming")));
        Directory.Delete(root, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_a_killed_process_left_half_written_is_removed_at_the_next_start()
    {
        var stored = await Put(Bytes(100), announced: 100);
        ((DiskLocation)Location).Dispose();
        var leftover = Path.Combine(root, "incoming", "7");
        File.WriteAllText(leftover, "half");
        using var again = Start(root);
        Assert.False(File.Exists(leftover));
        await using var body = await again.Open(stored, ByteRange.All(100), CancellationToken.None);
        Assert.NotNull(body);
    }

    [Fact]
    public void A_second_start_on_the_same_directory_is_refused()
    {
        var e = Assert.Throws<IOException>(() => Start(root));
        Assert.Contains("in use by another process", e.Message, StringComparison.Ordinal);
        Assert.Contains(root, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_named_at_the_start()
    {
        var file = Path.Combine(root, "file");
        File.WriteAllText(file, "");
        var e = Assert.Throws<IOException>(() => Start(Path.Combine(file, "below")));
        Assert.Contains("cannot be written", e.Message, StringComparison.Ordinal);
        Assert.Contains(file, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_gets_its_name_only_when_it_is_flushed_and_its_directory_is_flushed_after_that()
    {
        var order = new List<string>();
        calls.OnFlush = () => order.Add($"file, {Files().Length} named");
        calls.OnFlushDirectory = path => order.Add($"{Path.GetRelativePath(root, path).Length}, {Files().Length} named");
        await Put(Bytes(100), announced: 100);
        // 7 and 10 are the lengths of bytes/h, which got a new directory, and of bytes/h/hh.
        Assert.Equal(["file, 0 named", "7, 0 named", "10, 1 named"], order);
    }

    [Fact]
    public async Task A_full_disk_is_told_apart_and_leaves_nothing()
    {
        var name = NewName();
        calls.OnWrite = () => throw new IOException("No space left on device", 28);
        await Assert.ThrowsAsync<LocationFullException>(
            async () => await Location.Put(new PutPlan(name, null), Whole(Bytes(10)), CancellationToken.None));
        calls.OnWrite = () => { };
        await AssertNothingAt(name);
        Assert.Equal(5, (await Put(Bytes(5), announced: 5)).Length); // room was made
        Assert.Null(reported);
    }

    [RootFact]
    public async Task A_disk_that_is_really_full_is_told_apart_and_leaves_nothing()
    {
        var small = Directory.CreateDirectory(Path.Combine(root, "small")).FullName;
        Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small);
        try
        {
            using var location = Start(small);
            foreach (var announced in new long?[] { 3_000_000, null })
            {
                await Assert.ThrowsAsync<LocationFullException>(async () => await location.Put(
                    new PutPlan(NewName(), announced), Whole(Bytes(3_000_000)), CancellationToken.None));
                Assert.Empty(Directory.GetFiles(Path.Combine(small, "incoming")));
            }
            await location.Put(new PutPlan(NewName(), null), Whole(Bytes(1_500_000)), CancellationToken.None);

            location.Dispose();
            Run("mount", "-o", "remount,ro", small);
            var e = Assert.Throws<IOException>(() => Start(small));
            Assert.Contains("cannot be written", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            Run("umount", small);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_fsync_is_reported_and_ends_all_writing(bool ofTheDirectory)
    {
        var name = NewName();
        if (ofTheDirectory) calls.OnFlushDirectory = _ => throw new IOException("I/O error", 5);
        else calls.OnFlush = () => throw new IOException("I/O error", 5);
        await Assert.ThrowsAsync<IOException>(
            async () => await Location.Put(new PutPlan(name, 10), Whole(Bytes(10)), CancellationToken.None));
        Assert.Equal("I/O error", reported?.Message);
        await AssertNothingAt(name);

        (calls.OnFlush, calls.OnFlushDirectory) = (() => { }, _ => { });
        var e = await Assert.ThrowsAsync<IOException>(async () => await Put(Bytes(10), announced: 10));
        Assert.Contains("takes no more", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_taken_keeps_its_bytes()
    {
        var stored = await Put(Bytes(10), announced: 10);
        await Assert.ThrowsAnyAsync<IOException>(
            async () => await Location.Put(new PutPlan(stored.Name, 20), Whole(Bytes(20)), CancellationToken.None));
        Assert.Equal(Bytes(10), await Read(stored));
    }

    [Fact]
    public async Task A_file_of_the_wrong_length_is_not_opened()
    {
        var stored = await Put(Bytes(100), announced: 100);
        Truncate(Files().Single(), 99);
        await Assert.ThrowsAsync<IOException>(
            async () => await Location.Open(stored, ByteRange.All(1), CancellationToken.None));
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_read_cuts_the_copy_off()
    {
        var stored = await Put(Bytes(100), announced: 100);
        await using var body = await Location.Open(stored, ByteRange.All(100), CancellationToken.None);
        Truncate(Files().Single(), 40);
        await Assert.ThrowsAsync<IOException>(
            async () => await body!.CopyTo(PipeWriter.Create(new MemoryStream()), CancellationToken.None));
    }

    [Fact]
    public async Task Bytes_that_are_deleted_while_they_are_open_are_still_read()
    {
        var stored = await Put(Bytes(300_000), announced: 300_000);
        await using var body = await Location.Open(stored, ByteRange.All(300_000), CancellationToken.None);
        await Location.Delete(stored, CancellationToken.None);
        var copy = new MemoryStream();
        await body!.CopyTo(PipeWriter.Create(copy), CancellationToken.None);
        Assert.Equal(Bytes(300_000), copy.ToArray());
    }

    [Fact]
    public async Task Many_slow_fsyncs_leave_the_thread_pool_free()
    {
        using var gate = new ManualResetEventSlim();
        var (inside, most) = (0, 0);
        calls.OnFlush = () =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref inside));
            gate.Wait();
            Interlocked.Decrement(ref inside);
        };
        var puts = Enumerable.Range(0, 64).Select(i => Put(Bytes(i), announced: i)).ToArray();
        while (Volatile.Read(ref most) < 32) await Task.Yield();
        await Task.Run(() => { }).WaitAsync(TimeSpan.FromMinutes(2));
        gate.Set();
        await Task.WhenAll(puts);
        Assert.Equal(32, most);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static void Truncate(string path, long length)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.SetLength(file, length);
    }

    private string[] Files() => Directory.GetFiles(Path.Combine(root, "bytes"), "*", SearchOption.AllDirectories);

    private DiskLocation Start(string directory) => new("test", directory, calls) { Failed = e => reported = e };

    /// <summary>The real calls, preceded by what a test wants to happen.</summary>
    private sealed class FaultyCalls : DiskCalls
    {
        public Action OnWrite { get; set; } = () => { };
        public Action OnFlush { get; set; } = () => { };
        public Action<string> OnFlushDirectory { get; set; } = _ => { };

        internal override void Write(SafeFileHandle file, IReadOnlyList<ReadOnlyMemory<byte>> pieces, long offset)
        {
            OnWrite();
            base.Write(file, pieces, offset);
        }

        internal override void Flush(SafeFileHandle file)
        {
            OnFlush();
            base.Flush(file);
        }

        internal override void FlushDirectory(string path)
        {
            OnFlushDirectory(path);
            base.FlushDirectory(path);
        }
    }

    /// <summary>Needs to mount a file system.</summary>
    private sealed class RootFactAttribute : FactAttribute
    {
        public RootFactAttribute()
        {
            if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) Skip = "Only root may mount.";
        }
    }
}
