using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core;
using ZenkoFunctions.Core.Composition;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Locations.AzureBlob;
using ZenkoFunctions.Core.Notifications;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Queues;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Api.Tests.Costs;

/// <summary>The storage transactions of each operation, with warm caches, and the page that tells what they cost.</summary>
[Trait("Speed", "Slow")]
public sealed class TransactionCostTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly Account Owner = new("123456789012", new string('a', 64), "owner", "owner@example.com");
    private static readonly Writer By = new(Owner.CanonicalId, Owner.Name);

    /// <summary>What the design promises. The page may tell of less; more is a step back, whatever the page is made to say.</summary>
    private static readonly Dictionary<string, Transactions> Budgets = new()
    {
        ["HeadObject"] = new(1, 0, 0, 0),
        ["GetObject, small"] = new(1, 0, 0, 0),
        ["GetObject, large"] = new(1, 0, 1, 0),
        ["PutObject, small, new key"] = new(2, 0, 0, 0),
        ["PutObject, small, over a small one"] = new(2, 0, 0, 0),
        ["PutObject, small, over a large one"] = new(2, 0, 0, 1),
        ["PutObject, 1 MB, new key"] = new(2, 1, 0, 0),
        ["PutObject, 20 MB, new key"] = new(2, 4, 0, 0),
        ["PutObject, small, over a version (versioning)"] = new(2, 0, 0, 0),
        ["PutObject, small, new key (versioning)"] = new(2, 0, 0, 0),
        ["PutObject, small, new key (copies to one site)"] = new(2, 0, 0, 1),
        ["PutObject, small, new key (copies to two sites)"] = new(2, 0, 0, 2),
        ["PutObjectTagging (copies to two sites)"] = new(2, 0, 0, 2),
        ["PutObject, small, new key (rules that do not cover it)"] = new(2, 0, 0, 0),
        ["UploadPart"] = new(4, 1, 0, 0),
        ["CompleteMultipartUpload, 2 parts"] = new(6, 0, 0, 1),
        ["DeleteObject, small"] = new(2, 0, 0, 0),
        ["DeleteObject, large"] = new(2, 0, 0, 1),
        ["DeleteObject (versioning: a delete marker)"] = new(2, 0, 0, 0),
        ["CopyObject, small"] = new(3, 0, 0, 0),
        ["ListObjectsV2, the whole of a small bucket"] = new(1, 0, 0, 0),
        // The service gives a thousand rows; whether there are more takes another query.
        ["ListObjectsV2, 1,000 of many"] = new(2, 0, 0, 0),
        ["ListObjectsV2, 1,000 common prefixes of one key each"] = new(2, 0, 0, 0),
    };

    [AzuriteFact]
    public async Task Each_operation_spends_what_the_page_of_costs_says()
    {
        await using var azurite = await Azurite.Start();
        var account = StorageAccount.Parse(azurite.ConnectionString);
        using var counter = new StorageCounter(account);
        var tables = AzureTables.Open(account);
        await tables.Ensure(["objects", "buckets", "identity", "keys", "locations", "usage"], None);
        await new Azure.Storage.Blobs.BlobContainerClient(azurite.ConnectionString, AzureBlobLocation.DefaultContainer).CreateIfNotExistsAsync();
        var queue = new CountingQueue();
        var engines = new Engines
        {
            Table = tables.Table,
            Queue = queue,
            Locations = new("azure", new Dictionary<string, ILocation> { ["azure"] = new AzureBlobLocation("azure", account) }),
            Consistency = Consistency.Shared(TimeSpan.FromMinutes(10)),
        };
        var site = new Installation(
            engines, new MasterKey(new byte[MasterKey.Length]), new(), new Dictionary<string, IEventTarget>(), TimeProvider.System, NullLoggerFactory.Instance);
        Done(await site.Accounts.CreateAccount(Owner.Name, Owner.Email, Owner.Id, Owner.CanonicalId, None));
        var bucket = (await site.Buckets.Create("plain", Owner, "", None)).Value;
        var versioned = (await site.Buckets.Create("versioned", Owner, "", None)).Value;
        versioned = (await site.Buckets.Change(versioned, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), None)).Value;
        var one = new ReplicationRule { Id = "one", Enabled = true, Prefix = "one/", Sites = ["a"] };
        var copied = (await site.Buckets.Create("copied", Owner, "", None)).Value;
        copied = (await site.Buckets.Change(copied, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), None)).Value;
        copied = (await site.Buckets.Change(
            copied, BucketSettings.Replication, _ => new ReplicationSetting("role", [one, one with { Id = "two", Prefix = "two/", Sites = ["a", "b"] }]), None)).Value;
        var ledger = new Ledger(counter, queue);

        async Task Put(Bucket to, string key, int size) => Done(await site.Objects.Put(to, key, By, new(), Body(size), Conditions.None, None));
        async Task Get(string key)
        {
            await using var body = Done(await site.Objects.Open(bucket, key, new(), None)).Body!;
            await body.CopyTo(PipeWriter.Create(Stream.Null), None);
        }
        Task Copy(string from, string to) => Do(() => site.Objects.Copy(
            new() { SourceBucket = bucket, SourceKey = from, Bucket = bucket, Key = to, Writer = By }, None));
        Task Delete(Bucket from, string key, string? version = null) => Do(() => site.Objects.Delete(from, key, new() { VersionId = version }, None));
        Task List(Bucket of, string? delimiter = null, int limit = 1000, int entries = 1000) => Listed(site.Objects.List(of, new() { Delimiter = delimiter, Limit = limit }, None), entries);

        await Put(bucket, "warm", 10);
        await Put(versioned, "warm", 10);
        await Put(copied, "warm", 10);
        await Put(bucket, "large", 100_000);
        ledger.Start();
        await ledger.Add("PutObject, small, new key", () => Put(bucket, "small", 1_000));
        await ledger.Add("PutObject, small, over a small one", () => Put(bucket, "small", 2_000));
        await ledger.Add("PutObject, small, over a large one", () => Put(bucket, "large", 2_000));
        await ledger.Add("PutObject, 1 MB, new key", () => Put(bucket, "large2", 1_000_000));
        await ledger.Add("PutObject, 20 MB, new key", () => Put(bucket, "large3", 20_000_000));
        await ledger.Add("PutObject, small, over a version (versioning)", () => Put(versioned, "warm", 1_000));
        await ledger.Add("PutObject, small, new key (versioning)", () => Put(versioned, "new", 1_000));
        await ledger.Add("PutObject, small, new key (rules that do not cover it)", () => Put(copied, "none", 1_000));
        await ledger.Add("PutObject, small, new key (copies to one site)", () => Put(copied, "one/key", 1_000));
        await ledger.Add("PutObject, small, new key (copies to two sites)", () => Put(copied, "two/key", 1_000));
        await ledger.Add("PutObjectTagging (copies to two sites)", () => Do(() => site.Objects.Amend(
            copied, "two/key", null, new Cause(EventNames.TaggingPut, "me", null, "id"), version => version with { Tags = new Dictionary<string, string> { ["a"] = "b" } }, None)));
        await ledger.Add("HeadObject", () => Do(() => site.Objects.Find(bucket, "small", null, None)));
        await ledger.Add("GetObject, small", () => Get("small"));
        await ledger.Add("GetObject, large", () => Get("large2"));
        await ledger.Add("GetObjectTagging", () => Do(() => site.Objects.Find(bucket, "small", null, None)));
        await ledger.Add("PutObjectTagging", () => Do(() => site.Objects.Amend(
            bucket, "small", null, version => version with { Tags = new Dictionary<string, string> { ["a"] = "b" } }, None)));
        await ledger.Add("CopyObject, small", () => Copy("small", "copy"));
        await ledger.Add("CopyObject, 1 MB", () => Copy("large2", "copy2"));
        await ledger.Add("DeleteObject, small", () => Delete(bucket, "copy"));
        await ledger.Add("DeleteObject, large", () => Delete(bucket, "copy2"));
        await ledger.Add("DeleteObject, of a key that is not there", () => Delete(bucket, "missing"));
        await ledger.Add("DeleteObject (versioning: a delete marker)", () => Delete(versioned, "warm"));

        Upload? upload = null;
        var parts = new List<Part>();
        await ledger.Add("CreateMultipartUpload", async () => upload = Done(await site.Uploads.Create(bucket, "parts", By, new(), null, null, None)));
        for (var number = 1; number <= 2; number++)
        {
            var length = number == 1 ? 5 << 20 : 1_000;
            await ledger.Add("UploadPart", async () => parts.Add(Done(await site.Uploads.PutPart(bucket, "parts", upload!.Id, number, Body(length), None))), number == 1);
        }
        var named = parts.Select(part => new NamedPart(part.Number, part.ETag)).ToArray();
        await ledger.Add("CompleteMultipartUpload, 2 parts", () => Do(() => site.Uploads.Complete(bucket, "parts", upload!.Id, new() { Parts = named }, None)));
        await ledger.Add("GetObject, multipart, 2 parts", () => Get("parts"));

        var other = (await site.Buckets.Create("listed", Owner, "", None)).Value;
        for (var i = 0; i < 1_010; i += 10) await Task.WhenAll(Enumerable.Range(i, 10).Select(n => Put(other, $"dir{n:d4}/{0}", 1)));
        ledger.Start();
        await ledger.Add("ListObjectsV2, 10 of many", () => List(other, limit: 10, entries: 10));
        await ledger.Add("ListObjectsV2, 1,000 of many", () => List(other));
        await ledger.Add("ListObjectsV2, 1,000 common prefixes of one key each", () => List(other, "/"));
        await ledger.Add("ListObjectsV2, the whole of a small bucket", () => List(bucket, entries: 6));
        await ledger.Add("ListObjectVersions, a small bucket", async () => Assert.InRange((await site.Objects.ListVersions(versioned, new(), None)).Entries.Count, 3, 5));

        foreach (var (operation, most) in Budgets)
        {
            var spent = ledger.Lines.Single(line => line.Operation == operation).Spent;
            Assert.True(
                spent.Table <= most.Table && spent.BlobWrites <= most.BlobWrites && spent.BlobReads <= most.BlobReads && spent.Queue <= most.Queue,
                $"{operation}: {spent}");
        }
        Golden.CheckFile(Path.Combine(Golden.Root, "docs", "costs.md"), CostPage.Write(ledger.Lines));
    }

    private static Content Body(int bytes) => new(PipeReader.Create(new MemoryStream(new byte[bytes])), bytes);

    private static T Done<T>(Result<T> result)
    {
        Assert.Null(result.Refusal);
        return result.Value;
    }

    private static async Task Do<T>(Func<ValueTask<Result<T>>> operation) => Done(await operation());

    private static async Task Listed(ValueTask<ListPage> page, int entries) => Assert.Equal(entries, (await page).Entries.Count);

    /// <summary>What each operation spent, in order.</summary>
    private sealed class Ledger(StorageCounter counter, CountingQueue queue)
    {
        public List<(string Operation, Transactions Spent)> Lines { get; } = [];

        /// <summary>What came before is nobody's.</summary>
        public void Start() => counter.Take(queue.Take());

        public async Task Add(string operation, Func<Task> run, bool shows = true)
        {
            await run();
            var spent = counter.Take(queue.Take());
            if (shows) Lines.Add((operation, spent));
        }
    }

    private sealed class CountingQueue : IQueue
    {
        private int sent;

        public int Take() => Interlocked.Exchange(ref sent, 0);

        public ValueTask Send(string queue, ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken ct)
        {
            Interlocked.Increment(ref sent);
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>The page of costs, generated.</summary>
internal static class CostPage
{
    // US dollars per 10,000, pay as you go, as Microsoft's price list had them for general purpose v2 accounts with LRS and the
    // hot tier in a US region. They are assumptions of this page; regions, tiers and agreements differ.
    private const string Priced = "2025";
    private const decimal PerTable = 0.00036m, PerBlobWrite = 0.05m, PerBlobRead = 0.004m, PerMessage = 0.004m;

    // A message is sent, received and deleted.
    private const int RequestsOfAMessage = 3;

    public static string Write(IEnumerable<(string Operation, Transactions Spent)> lines)
    {
        var page = new StringBuilder().Append(CultureInfo.InvariantCulture, $"""
            # Storage transactions and what they cost

            This page is generated: `UPDATE_GOLDEN=1 dotnet test tests/Functions.Api --filter FullyQualifiedName~TransactionCost` counts the
            requests of each operation on the wire, against Azurite, with the caches of buckets and keys warm, and writes it.

            **The prices are assumptions of this page, not quotations**, in US dollars per 10,000 (general purpose v2, LRS, hot tier, a US region,
            {Priced}): table {PerTable}, blob written {PerBlobWrite}, blob read {PerBlobRead}, queue {PerMessage}. Yours depend on region, tier,
            redundancy and agreement: https://azure.microsoft.com/pricing/details/storage/tables/ (and `/blobs/`, `/queues/`), or the pricing calculator
            at https://azure.microsoft.com/pricing/calculator/; put them in place of these. The counts are measured.

            A message counts {RequestsOfAMessage} requests: it is sent, received and deleted. Deletions of blobs count nothing. Not counted:
            the work of jobs, capacity, traffic, and the time of the functions themselves.

            | operation | table | blob writes | blob reads | messages | USD per million |
            |---|---:|---:|---:|---:|---:|

            """);
        foreach (var (operation, spent) in lines)
        {
            var cost = 100 * (spent.Table * PerTable + spent.BlobWrites * PerBlobWrite + spent.BlobReads * PerBlobRead + spent.Queue * RequestsOfAMessage * PerMessage);
            page.Append(CultureInfo.InvariantCulture, $"| {operation} | {spent.Table} | {spent.BlobWrites} | {spent.BlobReads} | {spent.Queue} | {cost:0.00} |\n");
        }
        return page.ToString();
    }
}
