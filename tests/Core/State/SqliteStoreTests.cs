using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.Sqlite;

namespace ZenkoFunctions.Core.Tests.State;

public sealed class SqliteStoreTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly StateDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public async Task Everything_that_waits_is_one_transaction()
    {
        var store = directory.Open();
        var table = store.Table("objects");
        using var gate = new ManualResetEventSlim();
        var before = store.Writer.Transactions;
        var blocker = store.Writer.Send(new Work(_ => gate.Wait()));
        var applies = Enumerable.Range(0, 500)
            .Select(i => table.Apply($"p{i % 7}", [Change.Put("r", i % 2 == 0 ? Condition.Any : Condition.Absent, new byte[] { 1 })], None).AsTask())
            .ToList();
        gate.Set();
        await blocker;
        var outcomes = await Task.WhenAll(applies);
        // The blocker's own, and one for all that came while it was blocked.
        Assert.InRange(store.Writer.Transactions - before, 1, 2);
        for (var i = 0; i < 500; i++) Assert.Equal(i % 2 == 0 || i < 7 ? Outcome.Committed : Outcome.Refused, outcomes[i]);
    }

    [Fact]
    public async Task The_log_stays_bounded_although_somebody_reads_all_the_time()
    {
        var store = directory.Open();
        var table = store.Table("objects");
        using var stop = new CancellationTokenSource();
        using var reading = new SemaphoreSlim(0);
        // Each opens its snapshot before the other closes its own: at no instant is nobody reading.
        var readers = Task.Run(() =>
        {
            using SqliteConnection first = SqliteConnection.Open(store.Path), second = SqliteConnection.Open(store.Path);
            first.Execute("BEGIN; SELECT count(*) FROM rows");
            reading.Release();
            for (var (old, young) = (first, second); !stop.IsCancellationRequested; (old, young) = (young, old))
            {
                young.Execute("BEGIN; SELECT count(*) FROM rows");
                Thread.Yield();
                old.Execute("COMMIT");
            }
        });
        await reading.WaitAsync();
        var body = new byte[TableLimits.ValueBytes];
        for (var i = 0; i < 300; i++) await table.Apply("p", [Change.Put($"r{i % 4}", Condition.Any, body)], None);
        await stop.CancelAsync();
        await readers;
        // 270 MiB were written.
        Assert.InRange(new FileInfo(store.Path + "-wal").Length, 1, 100L << 20);
    }

    [Fact]
    public async Task A_store_that_is_opened_again_has_everything_and_repeats_no_stamp()
    {
        var seen = new HashSet<Stamp>();
        for (var round = 0; round < 3; round++)
        {
            using var store = directory.Open();
            var table = store.Table("objects");
            if (round > 0) Assert.Equal(5000, (await table.Get(new("p", "kept"), None))!.Value.Length);
            await table.Apply("p", [Change.Put("kept", Condition.Any, new byte[5000]), Change.Put("gone", Condition.Absent, new byte[1])], None);
            Assert.True(seen.Add((await table.Get(new("p", "kept"), None))!.Stamp));
            Assert.True(seen.Add((await table.Get(new("p", "gone"), None))!.Stamp));
            await table.Apply("p", [Change.Delete("gone", Condition.Any)], None);
        }
    }

    [Fact]
    public async Task What_a_kill_leaves_at_any_byte_of_the_log_is_a_row_of_whole_transactions()
    {
        var store = directory.Open();
        var table = store.Table("objects");
        for (var i = 1; i <= 40; i++)
            await table.Apply("p", [Change.Put("a", Condition.Any, BitConverter.GetBytes(i)), Change.Put($"b{i}", Condition.Absent, new byte[i * 60])], None);
        var log = await Copy(store.Path + "-wal");
        var file = await Copy(store.Path);
        var last = 0;
        // The tables' own transactions stand at the beginning of the log.
        for (var length = 60_000; ; length = Math.Min(log.Length, length + 9_973))
        {
            using var crashed = new StateDirectory();
            await File.WriteAllBytesAsync(crashed.File, file);
            await File.WriteAllBytesAsync(crashed.File + "-wal", log[..length]);
            var found = crashed.Open().Table("objects");
            var count = await found.Get(new("p", "a"), None) is { } row ? BitConverter.ToInt32(row.Value.Span) : 0;
            Assert.InRange(count, last, 40);
            for (var i = 1; i <= 40; i++) Assert.Equal(i <= count ? i * 60 : null, (await found.Get(new("p", $"b{i}"), None))?.Value.Length);
            last = count;
            if (length == log.Length) break;
        }
        // Everything that was acknowledged.
        Assert.Equal(40, last);
    }

    [Fact]
    public async Task A_full_disk_fails_what_waits_and_is_over_when_there_is_room()
    {
        var store = directory.Open();
        var failed = 0;
        store.Failed += _ => failed++;
        var table = store.Table("objects");
        await table.Apply("p", [Change.Put("first", Condition.Any, new byte[100])], None);
        await store.Writer.Send(new Work(writer => writer.Connection.Execute("PRAGMA max_page_count=1")));
        var full = await Assert.ThrowsAsync<SqliteException>(async () =>
            await table.Apply("p", [Change.Put("small", Condition.Any, new byte[1]), Change.Put("large", Condition.Any, new byte[500_000])], None));
        Assert.Contains("No room left", full.Message, StringComparison.Ordinal);
        Assert.Null(await table.Get(new("p", "small"), None));
        Assert.NotNull(await table.Get(new("p", "first"), None));
        await store.Writer.Send(new Work(writer => writer.Connection.Execute("PRAGMA max_page_count=1000000")));
        Assert.Equal(Outcome.Committed, await table.Apply("p", [Change.Put("large", Condition.Absent, new byte[500_000])], None));
        Assert.Equal(0, failed);
    }

    [Fact]
    public async Task A_failed_sync_ends_all_writing_and_says_so_once()
    {
        var store = directory.Open();
        var failed = new List<SqliteException>();
        store.Failed += failed.Add;
        var table = store.Table("objects");
        await Assert.ThrowsAsync<SqliteException>(() => store.Writer.Send(new Work(_ => throw SqliteException.From(1034, "fsync", store.Path))));
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAsync<SqliteException>(async () => await table.Apply("p", [Change.Put("r", Condition.Any, new byte[1])], None));
        Assert.Same(store.Failure, Assert.Single(failed));
        Assert.Null(await table.Get(new("p", "r"), None));
    }

    [Fact]
    public async Task A_commit_that_fails_leaves_unknown_what_it_had_accepted()
    {
        var store = directory.Open();
        var table = store.Table("objects");
        using var gate = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        var blocker = store.Writer.Send(new Work(_ =>
        {
            blocked.Set();
            gate.Wait();
        }));
        blocked.Wait();
        var accepted = table.Apply("p", [Change.Put("r", Condition.Absent, new byte[1])], None);
        var refused = table.Apply("p", [Change.Put("r", Condition.Absent, new byte[1])], None);
        // Takes the transaction away from under the commit.
        var saboteur = store.Writer.Send(new Work(writer => writer.Connection.Rollback.Run()));
        gate.Set();
        await blocker;
        Assert.Equal(Outcome.Unknown, await accepted);
        await Assert.ThrowsAsync<SqliteException>(async () => await refused);
        await Assert.ThrowsAsync<SqliteException>(() => saboteur);
        Assert.NotNull(store.Failure);
    }

    [Fact]
    public async Task A_stamp_whose_transaction_was_taken_back_is_not_given_again()
    {
        var store = directory.Open();
        long taken = 0, next = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.Writer.Send(new Work(writer =>
        {
            taken = writer.NextStamp();
            throw new InvalidOperationException();
        })));
        await store.Writer.Send(new Work(writer => next = writer.NextStamp()));
        Assert.True(next > taken);
        store.Dispose();
        await directory.Open().Writer.Send(new Work(writer => taken = writer.NextStamp()));
        Assert.True(taken > next);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        var bytes = new byte[20_000];
        Random.Shared.NextBytes(bytes);
        Refused(bytes, "is not a state file");
    }

    [Fact]
    public void A_database_of_another_program_is_refused_and_left_alone()
    {
        using (var foreign = Foreign()) foreign.Execute("CREATE TABLE other(x); INSERT INTO other VALUES(1)");
        Refused(File.ReadAllBytes(directory.File), "another program");
    }

    [Fact]
    public void A_file_of_a_newer_format_is_refused_and_left_alone()
    {
        directory.Open().Dispose();
        using (var newer = Foreign()) newer.Execute("PRAGMA journal_mode=DELETE; PRAGMA user_version=2");
        Refused(File.ReadAllBytes(directory.File), "format 2");
    }

    [Fact]
    public async Task A_file_that_is_damaged_inside_is_reported_as_damaged()
    {
        using (var store = directory.Open())
            for (var i = 0; i < 100; i++)
                await store.Table("objects").Apply($"p{i}", [Change.Put("r", Condition.Any, new byte[900])], None);
        var bytes = await File.ReadAllBytesAsync(directory.File);
        bytes.AsSpan(4096).Fill(0x5a);
        await File.WriteAllBytesAsync(directory.File, bytes);
        Assert.Contains("damaged", Assert.Throws<SqliteException>(() => directory.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_named()
    {
        // Even root cannot make files there.
        var place = OperatingSystem.IsLinux() ? "/sys" : Path.Combine(directory.Path, "file");
        if (!Directory.Exists(place)) File.WriteAllText(place, "");
        var refused = Assert.Throws<SqliteException>(() =>
            SqliteStore.Open(place, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        Assert.Contains(place, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_is_readable_by_its_owner_only()
    {
        if (OperatingSystem.IsWindows()) return;
        var store = directory.Open();
        store.Table("objects");
        foreach (var file in Directory.GetFiles(directory.Path))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_missing_library_is_named_with_the_command_that_installs_it()
    {
        var missing = Assert.Throws<SqliteException>(() => SqliteLibrary.Find(["libsqlite-of-nowhere.so.0"]));
        Assert.Contains("libsqlite-of-nowhere.so.0", missing.Message, StringComparison.Ordinal);
        Assert.Contains("apt-get install libsqlite3-0", missing.Message, StringComparison.Ordinal);
    }

    private SqliteConnection Foreign()
    {
        SqliteLibrary.Load();
        if (!File.Exists(directory.File)) File.WriteAllBytes(directory.File, []);
        return SqliteConnection.Open(directory.File);
    }

    private void Refused(byte[] bytes, string because)
    {
        File.WriteAllBytes(directory.File, bytes);
        Assert.Contains(because, Assert.Throws<SqliteException>(() => directory.Open()).Message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(directory.File));
    }

    // Shared reading: the store has the file open.
    private static async Task<byte[]> Copy(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes);
        return bytes;
    }

    private sealed class Work(Action<SqliteWriter> work) : Write<bool>(CancellationToken.None)
    {
        protected override bool Change(SqliteWriter writer)
        {
            work(writer);
            return true;
        }
    }
}
