using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using ZenkoFunctions.Core.Bytes;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Locations.Disk;

/// <summary>
/// A directory that takes replicas too: plain files under their keys, for anybody to read. What is said of them is in files of their own;
/// each names the file that it is about by size and time, and stands there before that file gets its name: whatever is cut off, a file
/// is found with what was said of it. A file that somebody else put there has no marks.
/// </summary>
/// <remarks>
/// <code>
/// ROOT/replicas/BUCKET/KEY         the bytes, by <see cref="DiskNames"/>
/// ROOT/replicas-meta/hh/HASH       a <see cref="DiskSidecar"/> by the key's SHA-256; with .next behind while the file is being named
/// ROOT/uploads/UPLOAD              a replica whose parts are coming in, each at its place; begins with the key's hash
/// </code>
/// </remarks>
public sealed partial class DiskSite : ILocation, IInventory, IReplicas, IDisposable
{
    private const string Next = ".next";

    /// <summary>What was begun so long ago is forgotten at the next start.</summary>
    private static readonly TimeSpan UploadLife = TimeSpan.FromDays(30);

    private readonly DiskLocation disk;
    private readonly string files, sidecars, uploads;

    // One writer of a key at a time; and one at a time who makes, removes or looks through directories on the way to a file.
    private readonly Lock[] keys = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly Lock paths = new();
    private long lastWritten;

    /// <summary>Opens, or makes, the directory. Throws <see cref="IOException"/> as <see cref="DiskLocation"/> does.</summary>
    /// <param name="disk">The directory; it is disposed with this.</param>
    public DiskSite(DiskLocation disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        this.disk = disk;
        (files, sidecars, uploads) = (Path.Combine(disk.Root, "replicas"), Path.Combine(disk.Root, "replicas-meta"), Path.Combine(disk.Root, "uploads"));
        foreach (var directory in new[] { files, sidecars, uploads }) Directory.CreateDirectory(directory);
        disk.Calls.FlushDirectory(disk.Root);
        foreach (var upload in new DirectoryInfo(uploads).EnumerateFiles())
            if (DateTime.UtcNow - upload.LastWriteTimeUtc > UploadLife) upload.Delete();
    }

    /// <inheritdoc/>
    public LocationTraits Traits => disk.Traits;

    /// <inheritdoc/>
    public ReplicaTraits ReplicaTraits { get; } = new(KeepsVersions: false, MaxPutBytes: long.MaxValue, MaxParts: 10_000, HasTags: true, WholeKey: false);

    /// <inheritdoc/>
    public ValueTask<Stored> Put(PutPlan plan, PipeReader body, CancellationToken ct) => disk.Put(plan, body, ct);

    /// <inheritdoc/>
    public ValueTask<IObjectBody?> Open(Stored at, ByteRange range, CancellationToken ct) => disk.Open(at, range, ct);

    /// <inheritdoc/>
    public ValueTask Delete(Stored at, CancellationToken ct) => disk.Delete(at, ct);

    /// <inheritdoc/>
    public IAsyncEnumerable<InventoryEntry> Inventory(string? after, CancellationToken ct) => disk.Inventory(after, ct);

    /// <inheritdoc/>
    public ValueTask<Replica?> Find(string key, string? versionId, CancellationToken ct) =>
        Told($"{key} could not be looked at", () => versionId is null ? Look(key, NamesOf(key))?.AsReplica() : null, ct);

    /// <inheritdoc/>
    public async ValueTask<Replica> Put(ReplicaPlan plan, PipeReader body, CancellationToken ct)
    {
        var names = NamesOf(plan.Key);
        Require(ct);
        using var digest = Checksums.Start(ChecksumAlgorithm.Md5);
        IncomingFile? file = null;
        try
        {
            file = disk.Incoming();
            var digesting = new DigestingPipeReader(body, [digest]);
            try
            {
                await disk.Receive(new PutPlan("", plan.Size), digesting, file, ct);
                await digesting.Completed();
            }
            finally
            {
                await digesting.Released();
            }
            var md5 = digest.Finish();
            if (plan.Md5 is { } expected && !expected.AsSpan().SequenceEqual(md5))
                throw new LocationUnavailableException(disk.Name, $"{plan.Key} was not written to location {disk.Name}: its bytes do not have the MD5 that they should have.");
            return await Told($"{plan.Key} could not be written", () =>
            {
                disk.OrBreak(file.Flush);
                return Commit(plan, names, Convert.ToHexStringLower(md5), null, file.Path, file.MoveOver);
            }, ct);
        }
        catch (IOException e) when (e is not LocationUnavailableException)
        {
            throw Fault(e, $"{plan.Key} could not be written");
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask<string> Begin(ReplicaPlan plan, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        NamesOf(plan.Key);
        return Told($"{plan.Key} could not be begun", () =>
        {
            var upload = HashOf(plan.Key)[..16] + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
            File.OpenHandle(UploadPath(upload)!, FileMode.CreateNew, FileAccess.Write).Dispose();
            disk.OrBreak(() => disk.Calls.FlushDirectory(uploads));
            return upload;
        }, ct);
    }

    /// <inheritdoc/>
    public async ValueTask<ReplicaPart> PutPart(ReplicaPlan plan, string upload, int number, long length, PipeReader body, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Require(ct);
        var what = $"Part {number} of {plan.Key} could not be written";
        try
        {
            using var file = UploadPath(upload) is { } path && File.Exists(path) ? File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete) : throw NoSuchUpload(plan.Key);
            await Receive(file, (number - 1) * plan.PartBytes, length, body, ct);
            return await Told(what, () =>
            {
                disk.OrBreak(() => disk.Calls.Flush(file));
                return new ReplicaPart(number, $"{number}", length);
            }, ct);
        }
        catch (IOException e) when (e is not LocationUnavailableException)
        {
            throw Fault(e, what);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Replica> Complete(ReplicaPlan plan, string upload, IReadOnlyList<ReplicaPart> parts, CancellationToken ct)
    {
        var names = NamesOf(plan.Key);
        return Told($"{plan.Key} could not be completed", () =>
        {
            if (UploadPath(upload) is not { } path || !File.Exists(path))
            {
                // An answer may have been lost before.
                return Look(plan.Key, names) is { } made && made.Upload == upload ? made.AsReplica() : throw NoSuchUpload(plan.Key);
            }
            using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
            {
                if (RandomAccess.GetLength(file) != plan.Size || parts.Sum(part => part.Length) != plan.Size)
                    throw new ReplicaRefusedException(disk.Name, "InvalidPart", $"{plan.Key} could not be completed: its parts have not the {plan.Size} bytes of the object.");
                disk.OrBreak(() => disk.Calls.Flush(file));
            }
            return Commit(plan, names, $"{upload}-{parts.Count}", upload, path, target => File.Move(path, target, overwrite: true));
        }, ct);
    }

    /// <inheritdoc/>
    public async ValueTask Abort(string key, string upload, CancellationToken ct) => await Told($"The upload of {key} could not be aborted", () =>
    {
        if (UploadPath(upload) is { } path) File.Delete(path);
        return true;
    }, ct);

    /// <inheritdoc/>
    // Into one whose name nobody learnt no part was written: its time is that of its beginning.
    public async ValueTask AbortBegun(string key, DateTimeOffset from, DateTimeOffset until, CancellationToken ct) => await Told($"What was begun of {key} could not be aborted", () =>
    {
        foreach (var upload in new DirectoryInfo(uploads).EnumerateFiles(HashOf(key)[..16] + "*"))
            if (upload.LastWriteTimeUtc >= from.UtcDateTime && upload.LastWriteTimeUtc <= until.UtcDateTime) upload.Delete();
        return true;
    }, ct);

    /// <inheritdoc/>
    public ValueTask<Replica> SetTags(Replica at, IReadOnlyDictionary<string, string> tags, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(at);
        var names = NamesOf(at.Key);
        return Told($"{at.Key} could not be tagged", () =>
        {
            lock (LockOf(at.Key))
            {
                if (Look(at.Key, names) is not { } found || found.ETag != at.ETag)
                    throw new LocationUnavailableException(disk.Name, $"{at.Key} could not be tagged: it is not in location {disk.Name} any more.");
                Write(SidecarPath(at.Key), found with { Tags = tags });
                File.Delete(SidecarPath(at.Key) + Next);
                return at with { Tags = tags };
            }
        }, ct);
    }

    /// <inheritdoc/>
    public ValueTask<string?> Delete(string key, CancellationToken ct)
    {
        var names = NamesOf(key);
        return Told($"{key} could not be removed", () =>
        {
            lock (LockOf(key))
            {
                string path;
                lock (paths)
                {
                    path = PathOf(names);
                    if (!File.Exists(path)) return (string?)null;
                    File.Delete(path);
                    var directory = Path.GetDirectoryName(path)!;
                    disk.OrBreak(() => disk.Calls.FlushDirectory(directory));
                    // A directory without files stands for nothing.
                    for (; directory != files && !Directory.EnumerateFileSystemEntries(directory).Any(); directory = Path.GetDirectoryName(directory)!) Directory.Delete(directory);
                }
                File.Delete(SidecarPath(key));
                File.Delete(SidecarPath(key) + Next);
                return null;
            }
        }, ct);
    }

    /// <inheritdoc/>
    public ValueTask<IObjectBody?> Open(Replica at, ByteRange range, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(at);
        ArgumentOutOfRangeException.ThrowIfNegative(range.Offset, nameof(range));
        ArgumentOutOfRangeException.ThrowIfNegative(range.Length, nameof(range));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range.End, at.Size, nameof(range));
        var names = NamesOf(at.Key);
        return Told($"{at.Key} could not be read", () =>
        {
            if (Open(names) is not { } file) return null;
            if (Describe(at.Key, file).ETag == at.ETag) return (IObjectBody?)new DiskBody(file, range);
            file.Dispose();
            return null;
        }, ct);
    }

    /// <inheritdoc/>
    public void Dispose() => disk.Dispose();

    /// <summary>Names the file, and what is said of it; durable when it returns.</summary>
    private Replica Commit(ReplicaPlan plan, List<string> names, string etag, string? upload, string from, Action<string> moveTo)
    {
        lock (LockOf(plan.Key))
        {
            // What is there may have been named without its sidecar's having been.
            var (sidecar, before) = (SidecarPath(plan.Key), Look(plan.Key, names));
            if (before is not null && Read(sidecar + Next) == before) File.Move(sidecar + Next, sidecar, overwrite: true);
            var said = new DiskSidecar
            {
                Key = plan.Key, Size = plan.Size, Written = Stamp(from, before), ETag = etag, Upload = upload, Headers = plan.Headers, Metadata = plan.Metadata, Tags = plan.Tags,
            };
            Write(sidecar + Next, said);
            List<string> made = [];
            string target;
            lock (paths)
            {
                target = PathOf(names);
                for (var directory = Path.GetDirectoryName(target)!; !Directory.Exists(directory); directory = Path.GetDirectoryName(directory)!) made.Add(Path.GetDirectoryName(directory)!);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                moveTo(target);
            }
            foreach (var directory in made.Prepend(Path.GetDirectoryName(target)!)) disk.OrBreak(() => disk.Calls.FlushDirectory(directory));
            File.Move(sidecar + Next, sidecar, overwrite: true);
            return said.AsReplica();
        }
    }

    /// <summary>Gives the file a time that no file of that key had, as far as its file system tells times apart.</summary>
    private DateTime Stamp(string path, DiskSidecar? before)
    {
        var ticks = DateTime.UtcNow.Ticks;
        for (var last = Interlocked.Read(ref lastWritten); ; last = Interlocked.Read(ref lastWritten))
        {
            ticks = Math.Max(ticks, Math.Max(last, before?.Written.Ticks ?? 0) + 1);
            if (Interlocked.CompareExchange(ref lastWritten, ticks, last) == last) break;
        }
        File.SetLastWriteTimeUtc(path, new(ticks, DateTimeKind.Utc));
        return File.GetLastWriteTimeUtc(path);
    }

    private DiskSidecar? Look(string key, List<string> names)
    {
        using var file = Open(names);
        return file is null ? null : Describe(key, file);
    }

    private SafeFileHandle? Open(List<string> names)
    {
        try
        {
            lock (paths) return File.OpenHandle(PathOf(names), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>What is said of exactly that file; nothing, where somebody else has put it there.</summary>
    private DiskSidecar Describe(string key, SafeFileHandle file)
    {
        var (size, written) = (RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));
        // While it is being named, its sidecar may be under either name, and under none between two looks.
        for (var attempt = 0; attempt < 2; attempt++)
            foreach (var path in new[] { SidecarPath(key), SidecarPath(key) + Next, SidecarPath(key) })
                if (Read(path) is { } said && said.Key == key && said.Size == size && said.Written == written) return said;
        return new() { Key = key, Size = size, Written = written, ETag = $"{written.Ticks:x}-{size:x}" };
    }

    private static DiskSidecar? Read(string path)
    {
        try
        {
            return StoredJson.Read(File.ReadAllBytes(path), DiskSidecarJson.Default.DiskSidecar);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private void Write(string path, DiskSidecar said)
    {
        using var file = disk.Incoming();
        file.Write(new(StoredJson.Write(said, DiskSidecarJson.Default.DiskSidecar)));
        disk.OrBreak(file.Flush);
        var directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory);
            disk.OrBreak(() => disk.Calls.FlushDirectory(sidecars));
        }
        file.MoveOver(path);
        disk.OrBreak(() => disk.Calls.FlushDirectory(directory));
    }

    /// <summary>Where the file of a key is, or would be.</summary>
    private string PathOf(List<string> names)
    {
        var path = files;
        foreach (var name in names.SkipLast(1))
        {
            path = Path.Combine(path, name);
            if (Directory.Exists(path + DiskNames.Directory) || File.Exists(path)) path += DiskNames.Directory;
        }
        path = Path.Combine(path, names[^1]);
        return File.Exists(path + DiskNames.File) || Directory.Exists(path) ? path + DiskNames.File : path;
    }

    private async ValueTask Receive(SafeFileHandle file, long offset, long length, PipeReader body, CancellationToken ct)
    {
        for (var seen = 0L; ;)
        {
            var result = await body.ReadAsync(ct);
            var bytes = result.Buffer;
            if (result.IsCanceled)
            {
                body.AdvanceTo(bytes.Start);
                throw new OperationCanceledException("Reading the body was cancelled.");
            }
            try
            {
                if (seen + bytes.Length <= length && !bytes.IsEmpty) disk.Calls.Write(file, [.. Pieces(bytes)], offset + seen);
            }
            finally
            {
                seen += bytes.Length;
                body.AdvanceTo(bytes.End);
            }
            if (seen > length || (result.IsCompleted && seen < length)) throw new BodyLengthException(length, seen);
            if (result.IsCompleted) return;
        }

        static IEnumerable<ReadOnlyMemory<byte>> Pieces(System.Buffers.ReadOnlySequence<byte> bytes)
        {
            foreach (var piece in bytes) yield return piece;
        }
    }

    private List<string> NamesOf(string key) => DiskNames.Of(key)
        ?? throw new ReplicaRefusedException(disk.Name, "KeyNotSupported", $"No file can be named '{key}': between two slashes it has too many characters that file names cannot have.");

    private string SidecarPath(string key)
    {
        var hash = HashOf(key);
        return Path.Combine(sidecars, hash[..2], hash);
    }

    private string? UploadPath(string upload) => upload.Length == 32 && upload.All(char.IsAsciiHexDigitLower) ? Path.Combine(uploads, upload) : null;

    private static string HashOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private Lock LockOf(string key) => keys[(uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)keys.Length];

    private ReplicaRefusedException NoSuchUpload(string key) => new(disk.Name, "NoSuchUpload", $"The upload of {key} is not known in location {disk.Name}.");

    /// <summary>A disk that is not there any more must not be written anew beneath its place.</summary>
    private void Require(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        disk.RefuseIfBroken();
        if (!disk.IsThere || !Directory.Exists(files))
            throw new ReplicaRefusedException(disk.Name, "NoSuchDirectory", $"The directory {files} of location {disk.Name} is not there any more. Mount its disk again, and restart.");
    }

    private async ValueTask<T> Told<T>(string what, Func<T> call, CancellationToken ct)
    {
        T result = default!;
        try
        {
            Require(ct);
            await disk.Threads.Run(() => result = call());
            return result;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ReplicaRefusedException(disk.Name, "AccessDenied", $"{what}: {e.Message} Make {disk.Root} readable and writable for this user.", e) { IsDenied = true };
        }
        catch (PathTooLongException e)
        {
            throw new ReplicaRefusedException(disk.Name, "KeyNotSupported", $"{what}: its path is longer than this system takes.", e);
        }
        catch (IOException e) when (e is not LocationUnavailableException)
        {
            throw Fault(e, what);
        }
    }

    private LocationUnavailableException Fault(IOException e, string what) =>
        new(disk.Name, DiskLocation.IsFull(e) ? $"{what}: there is no room left in {disk.Root} (location {disk.Name})." : $"{what}: {e.Message}", e);
}
