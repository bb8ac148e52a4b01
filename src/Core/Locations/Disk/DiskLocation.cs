using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.IO.Pipelines;
using System.Text;

namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>
/// Bytes in files below a directory of this machine. A body is written under a temporary name, flushed, moved to its own
/// name, and the directory is flushed. Files lie in 16 × 256 directories by a hash of their name.
/// </summary>
/// <remarks>
/// <code>
/// ROOT/lock           held while a process uses the directory
/// ROOT/incoming/N     bodies on their way in; removed at the next start
/// ROOT/bytes/h/hh/…   bodies; a slash in the name is written ~
/// </code>
/// </remarks>
public sealed partial class DiskLocation : ILocation, IDisposable
{
    /// <summary>How many calls may wait for the disk at once; more concurrent fsyncs share their journal commits.</summary>
    private const int MostThreads = 32;

    /// <summary>A write carries at least this much, unless the body ends.</summary>
    private const int WriteSize = 128 * 1024;

    /// <summary>How much of a body is written before the disk is told to begin.</summary>
    private const int WritebackWindow = 8 * 1024 * 1024;

    private const string LockName = "lock";

    private readonly string name;
    private readonly string root;
    private readonly DiskCalls calls;
    private readonly DiskThreads threads;
    private readonly FileStream held;
    private readonly ConcurrentDictionary<string, bool> durableDirectories = new();
    private long lastIncoming;
    private volatile Exception? broken;

    /// <summary>
    /// Opens, or makes, the directory, and removes what a killed process left there half-written. Throws
    /// <see cref="IOException"/>, saying what to do, where it cannot be written or another process uses it.
    /// </summary>
    /// <param name="name">The name of the location, for <see cref="Stored"/> and messages.</param>
    /// <param name="root">The directory.</param>
    public DiskLocation(string name, string root) : this(name, root, new DiskCalls()) { }

    internal DiskLocation(string name, string root, DiskCalls calls)
    {
        (this.name, this.root, this.calls) = (name, Path.GetFullPath(root), calls);
        held = Prepare();
        threads = new DiskThreads($"disk {name}", MostThreads);
    }

    /// <summary>
    /// Called when an fsync failed. What it should have made durable may be lost although a second fsync succeeds, so the
    /// process must end; until then every Put is refused.
    /// </summary>
    public Action<Exception>? Failed { get; init; }

    /// <summary>The name of the location.</summary>
    internal string Name => name;

    /// <summary>The directory.</summary>
    internal string Root => root;

    /// <summary>How bytes become durable.</summary>
    internal DiskCalls Calls => calls;

    /// <summary>Who waits for the disk.</summary>
    internal DiskThreads Threads => threads;

    /// <summary>Whether the directory is still the one that was opened.</summary>
    internal bool IsThere => File.Exists(Path.Combine(root, LockName));

    /// <inheritdoc/>
    public LocationTraits Traits { get; } = new(MaxBytes: long.MaxValue);

    /// <inheritdoc/>
    /// <remarks>
    /// Throws <see cref="BodyLengthException"/>, <see cref="LocationFullException"/>, <see cref="IOException"/>, or what
    /// reading the body throws.
    /// </remarks>
    public async ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct)
    {
        var target = PathOf(plan.Name);
        RefuseIfBroken();
        try
        {
            using var file = Incoming();
            if (plan.Length > WriteSize) file.Reserve(plan.Length.Value);
            await Receive(plan, body, file, ct);
            await Commit(file, target, ct);
            return new Stored(name, plan.Name, file.Length);
        }
        catch (IOException e) when (IsFull(e))
        {
            throw new LocationFullException($"There is no room left in {root} (location {name}).", e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Throws <see cref="IOException"/> where the file has not the length that it should have.</remarks>
    public ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(at);
        ct.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(range.Offset, nameof(range));
        ArgumentOutOfRangeException.ThrowIfNegative(range.Length, nameof(range));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range.End, at.Length, nameof(range));
        try
        {
            var file = File.OpenHandle(
                PathOf(at.Name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            if (length == at.Length) return new(new DiskBody(file, range));
            file.Dispose();
            throw new IOException($"{at.Name} has {length} bytes instead of {at.Length} in location {name}.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new((IObjectBody?)null);
        }
    }

    /// <inheritdoc/>
    public ValueTask Delete(Stored at, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(at);
        var path = PathOf(at.Name);
        ct.ThrowIfCancellationRequested();
        return new(threads.Run(() =>
        {
            try
            {
                File.Delete(path);
            }
            catch (DirectoryNotFoundException)
            {
                // No file of that directory was ever stored.
            }
        }));
    }

    /// <summary>Lets go of the directory. Calls that are under way may still end.</summary>
    public void Dispose()
    {
        threads.Dispose();
        held.Dispose();
    }

    /// <summary>Takes the bytes of a body, as many as its plan says.</summary>
    internal async ValueTask Receive(PutPlan plan, PipeReader body, IncomingFile file, CancellationToken ct)
    {
        while (true)
        {
            var result = await body.ReadAtLeastAsync(WriteSize, ct);
            var bytes = result.Buffer;
            if (result.IsCanceled)
            {
                body.AdvanceTo(bytes.Start);
                throw new OperationCanceledException("Reading the body was cancelled.");
            }
            var seen = file.Length + bytes.Length;
            try
            {
                if (seen <= (plan.Length ?? long.MaxValue) && !bytes.IsEmpty) file.Write(bytes);
            }
            finally
            {
                body.AdvanceTo(bytes.End); // also when the disk is full: whoever drains the body reads on from here
            }
            if (seen > plan.Length || (result.IsCompleted && seen < plan.Length))
                throw new BodyLengthException(plan.Length.Value, seen);
            if (result.IsCompleted) return;
            if (file.NotStarted >= WritebackWindow) await threads.Run(() => file.StartWriteback(WritebackWindow));
        }
    }

    /// <remarks>From here on it cannot be cancelled: it is nearly done, and the file must not be closed under a thread.</remarks>
    private async ValueTask Commit(IncomingFile file, string target, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        RefuseIfBroken();
        await threads.Run(() =>
        {
            var directory = Path.GetDirectoryName(target)!;
            var isNew = !durableDirectories.ContainsKey(directory);
            // Made before the file's fsync, whose journal commit then usually carries it, too.
            if (isNew) Directory.CreateDirectory(directory);
            OrBreak(file.Flush);
            if (isNew) OrBreak(() => calls.FlushDirectory(Path.GetDirectoryName(directory)!));
            durableDirectories[directory] = true;
            file.MoveTo(target);
            try
            {
                OrBreak(() => calls.FlushDirectory(directory));
            }
            catch
            {
                File.Delete(target);
                throw;
            }
        });
    }

    /// <summary>Flushes; where that fails, nothing is taken any more.</summary>
    internal void OrBreak(Action flush)
    {
        try
        {
            flush();
        }
        catch (Exception e)
        {
            broken = e;
            Failed?.Invoke(e);
            throw;
        }
    }

    /// <summary>Throws where bytes could not be made durable.</summary>
    internal void RefuseIfBroken()
    {
        if (broken is { } cause)
            throw new IOException($"Location {name} failed to make bytes durable and takes no more: {cause.Message}", cause);
    }

    private FileStream Prepare()
    {
        FileStream? taken = null;
        try
        {
            Directory.CreateDirectory(root);
            taken = new FileStream(
                Path.Combine(root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var incoming = Directory.CreateDirectory(Path.Combine(root, "incoming"));
            foreach (var leftover in incoming.EnumerateFiles()) leftover.Delete();
            for (var i = 0; i < 16; i++) Directory.CreateDirectory(Path.Combine(root, "bytes", $"{i:x}"));
            calls.FlushDirectory(Path.Combine(root, "bytes"));
            calls.FlushDirectory(root);
            calls.FlushDirectory(Path.GetDirectoryName(root) ?? root);
            return taken;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            taken?.Dispose();
            throw new IOException(
                IsSharingViolation(e)
                    ? $"{root} (location {name}) is in use by another process. Stop that one, or choose another directory."
                    : $"{root} (location {name}) cannot be written: {e.Message} Make it writable for this user, "
                        + "or choose another directory.",
                e);
        }
    }

    private string PathOf(string stored)
    {
        StoredNames.Require(stored);
        var hash = XxHash64.HashToUInt64(Encoding.ASCII.GetBytes(stored));
        return Path.Combine(root, "bytes", $"{hash >> 60:x}", $"{(byte)(hash >> 52):x2}", stored.Replace('/', '~'));
    }

    /// <summary>A file that nobody else sees, until it is moved to where it belongs.</summary>
    internal IncomingFile Incoming() => new(calls, Path.Combine(root, "incoming", $"{Interlocked.Increment(ref lastIncoming):x}"));

    /// <summary>ENOSPC or EDQUOT, or their Windows twins.</summary>
    internal static bool IsFull(IOException e) => e.HResult is DiskCalls.NoSpace or DiskCalls.QuotaExceeded
        || (uint)e.HResult is 0x80070070 or 0x80070027;

    /// <summary>EWOULDBLOCK of Linux or macOS, or its Windows twin.</summary>
    private static bool IsSharingViolation(Exception e) => e.HResult is 11 or 35 || (uint)e.HResult is 0x80070020;
}
