using System.Text;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Tests.Usage;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>
/// Lists of blocks, whole writes, deletions kept and for good, undeletion, snapshots and versioning by chance, cut off now and then, against
/// what each version was when it was written: every version is read as that at any time, and in the end no byte is left.
/// </summary>
public sealed class BlockModelTests
{
    private const string Key = "key";
    private const int Days = 3;
    private static readonly Conditions Keeping = new() { IsBlob = true, DaysKept = Days };
    private static readonly string[] Ids = ["a", "b", "c", "d", "e"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_becomes_of_a_blob_each_version_has_its_blocks_and_in_the_end_none_is_left(bool isCutOff)
    {
        for (var seed = 0; seed < 25; seed++)
        {
            try
            {
                await new Run(seed, isCutOff).Play();
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException { Message: ['S', 'e', 'e', 'd', ..] })
            {
                Assert.Fail($"Seed {seed}: {e}");
            }
        }
    }

    private sealed class Run(int seed, bool isCutOff)
    {
        private readonly World world = new();
        private readonly Random random = new(seed);
        private readonly HashSet<string> strays = [];
        private readonly Dictionary<long, string> texts = [];
        private readonly Dictionary<string, string> read = [];
        private Bucket bucket = null!;
        private int bodies;

        public async Task Play()
        {
            bucket = await world.Bucket();
            for (var i = 0; i < 40; i++)
            {
                var before = world.Place.Bodies.Keys.ToHashSet();
                var expected = await Current();
                if (isCutOff && random.Next(3) == 0) world.Cut.Arm(random.Next(1, 12), random.Next(2) == 0);
                string? next = null;
                try
                {
                    next = await Act(expected);
                }
                catch (Cut.CutOffException)
                {
                    // What came in while the process died may be nobody's.
                    strays.UnionWith(world.Place.Bodies.Keys.Except(before));
                }
                world.Start();
                // A list that had begun is finished by whoever comes across it.
                if (random.Next(2) == 0) await world.Blocks.List(bucket, Key, new(), true, true, default);
                else await world.Pass(TimeSpan.FromMinutes(5));
                await Readable(next);
            }
            await world.Objects.Delete(bucket, Key, new() { Conditions = Keeping, Snapshots = SnapshotsOf.Include }, default);
            await world.Blocks.Discard(bucket, Key, default);
            foreach (var entry in (await world.Objects.ListVersions(bucket, new(), default)).Entries)
                Assert.Null((await world.Objects.Delete(bucket, Key, new() { VersionId = entry.Version!.PublicId }, default)).Refusal);
            await world.Pass(TimeSpan.FromDays(30));
            Assert.Empty(world.Place.Bodies.Keys.Except(strays));
            await world.Walk(bucket);
            Assert.Equal(default, await world.Counted(bucket));
        }

        /// <summary>One thing that is done; the text of the blob after it, where that is known.</summary>
        private async Task<string?> Act(string? was)
        {
            var conditions = random.Next(3) == 0 ? Keeping : new() { IsBlob = true };
            switch (random.Next(14))
            {
                case 0:
                    var whole = new string('w', 100) + bodies++ + ' ';
                    Assert.Null((await world.Put(bucket, Key, whole, conditions)).Refusal);
                    return whole;
                case 1:
                    await world.Objects.Delete(bucket, Key, new() { Conditions = conditions }, default);
                    return null;
                case 2:
                    await world.Objects.Undelete(bucket, Key, World.By, default);
                    return null;
                case 3:
                    await world.Objects.Snapshot(bucket, Key, Keeping, null, default);
                    return was;
                case 4 when random.Next(4) == 0:
                    var state = random.Next(2) == 0 ? VersioningState.Enabled : VersioningState.Suspended;
                    var changed = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(state), default)).Value;
                    // Half of those that write have not heard of it.
                    if (random.Next(2) == 0) bucket = changed;
                    return was;
                case 5:
                    await world.Pass(TimeSpan.FromHours(random.Next(1, 48)));
                    return was;
                default:
                    return await List(conditions) ?? was;
            }
        }

        /// <summary>Some new blocks, and a list of these and of committed ones.</summary>
        private async Task<string?> List(Conditions conditions)
        {
            Dictionary<string, string> blocks = [];
            var held = await world.Blocks.List(bucket, Key, new(), true, true, default);
            if (held.Refusal is null)
            {
                var offset = 0;
                var whole = held.Value.Version is null ? "" : await Current();
                foreach (var block in held.Value.Committed!)
                {
                    blocks.TryAdd(block.Id, whole!.Substring(offset, (int)block.Size));
                    offset += (int)block.Size;
                }
            }
            foreach (var id in Ids.Where(_ => random.Next(4) == 0))
            {
                // No two have one size, so a block that was being replaced when the process died is known by it.
                var text = id + new string('.', ++bodies);
                texts[text.Length] = text;
                var put = await world.Blocks.Put(bucket, Key, World.By, Id(id), World.Content(text), conditions, default);
                Assert.Null(put.Refusal);
            }
            if (random.Next(4) == 0) return null;
            var open = await world.Blocks.List(bucket, Key, new(), false, true, default);
            if (open.Refusal is null)
                foreach (var block in open.Value.Uncommitted!) blocks[block.Id] = texts[block.Size];
            List<string> chosen = [.. blocks.Keys.Where(_ => random.Next(3) != 0).OrderBy(_ => random.Next())];
            if (chosen.Count > 0 && random.Next(3) == 0) chosen.Add(chosen[0]);
            var made = await world.Blocks.Commit(
                bucket, Key, new() { Blocks = [.. chosen.Select(id => new NamedBlock(id, BlockSource.Latest))], Writer = World.By, Conditions = conditions }, default);
            Assert.Null(made.Refusal);
            return string.Concat(chosen.Select(id => blocks[id]));
        }

        private async Task<string?> Current() => (await world.Objects.Find(bucket, Key, null, default)).Refusal is null ? await world.Get(bucket, Key) : null;

        /// <summary>The blob is what it was made, and every other version and snapshot what it was when it was current.</summary>
        private async Task Readable(string? expected)
        {
            var current = await Current();
            if (expected is not null && current != expected) Assert.Fail($"Seed {seed}: it is {current}, not {expected}.");
            foreach (var entry in (await world.Objects.ListVersions(bucket, new(), default)).Entries)
            {
                if (entry.Version is not { IsDeleteMarker: false } version) continue;
                var request = version.Blob?.Snapshot is { } time ? new ReadRequest { Snapshot = time } : new() { VersionId = version.PublicId };
                var opened = await world.Objects.Open(bucket, Key, request, default);
                await using var body = opened.Value.Body!;
                var text = await World.Text(body);
                if (!read.TryAdd(version.Id, text) && read[version.Id] != text) Assert.Fail($"Seed {seed}: a version was {read[version.Id]}, and is {text}.");
            }
        }

        private static string Id(string name) => Convert.ToBase64String(Encoding.ASCII.GetBytes(name));
    }
}
