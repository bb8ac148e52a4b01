using System.IO.Pipelines;
using System.Security.Cryptography;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Identity;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Encryption;

/// <summary>Keys are rotated without losing what older ones wrapped; a data key opens for its own object only.</summary>
public sealed class KeyRingTests
{
    private const string Owner = "bucket/key";

    private readonly InMemoryTable table = new();
    private readonly Objects.ManualClock clock = new();
    private readonly MasterKey master = new(RandomNumberGenerator.GetBytes(MasterKey.Length));

    private static readonly Sse ByRing = new() { Kind = SseKind.Kms, Ring = "k.one", Context = "e30=" };

    [Fact]
    public async Task What_an_older_generation_wrapped_opens_for_ever_and_after_a_restart()
    {
        var keys = Keys(out var ring);
        var old = await Seal(keys, ByRing);
        Assert.Equal(2, await ring.Rotate("k.one", default));
        Assert.Equal(3, await ring.Rotate("k.one", default));
        var young = await Seal(keys, ByRing);
        Assert.Equal((1, 3), (old.Key.Generation, young.Key.Generation));
        foreach (var program in new[] { keys, Keys(out _) })
        {
            Assert.Equal("text", await Open(program, ByRing, old));
            Assert.Equal("text", await Open(program, ByRing, young));
        }
    }

    [Fact]
    public async Task Another_process_s_rotation_is_seen_after_a_minute()
    {
        var keys = Keys(out _);
        await Seal(keys, ByRing);
        Keys(out var other);
        await other.Rotate("k.one", default);
        Assert.Equal(1, (await Seal(keys, ByRing)).Key.Generation);
        clock.MoveTo(clock.GetUtcNow() + TimeSpan.FromMinutes(2));
        Assert.Equal(2, (await Seal(keys, ByRing)).Key.Generation);
    }

    [Fact]
    public async Task Processes_that_start_at_once_have_the_same_key()
    {
        var keys = Enumerable.Range(0, 8).Select(_ => Keys(out var ring)).ToArray();
        var made = await Task.WhenAll(keys.Select(k => Task.Run(async () => await Seal(k, ByRing))));
        foreach (var one in made) Assert.Equal("text", await Open(keys[0], ByRing, one));
        Assert.Single(await Rows());
    }

    [Fact]
    public async Task A_data_key_opens_for_nothing_but_what_it_was_made_for()
    {
        var keys = Keys(out var ring);
        await ring.Ensure("k.two", default);
        var body = await Seal(keys, ByRing);
        await Assert.ThrowsAsync<InvalidDataException>(() => Open(keys, ByRing, body, "bucket/other"));
        await Assert.ThrowsAsync<InvalidDataException>(() => Open(keys, ByRing with { Context = null }, body));
        await Assert.ThrowsAsync<InvalidDataException>(() => Open(keys, ByRing with { Ring = "k.two" }, body));
        await Assert.ThrowsAsync<InvalidDataException>(() => Open(keys, ByRing with { Kind = SseKind.S3 }, body));
        await Assert.ThrowsAsync<InvalidDataException>(() => Open(keys, ByRing, body with { Key = body.Key with { Generation = 2 } }));
        for (var i = 0; i < body.Key.Wrapped.Length; i++)
        {
            var damaged = body.Key.Wrapped.ToArray();
            damaged[i] ^= 1;
            await Assert.ThrowsAsync<InvalidDataException>(() => Open(keys, ByRing, body with { Key = new(1, damaged) }));
        }
        Assert.Equal("text", await Open(keys, ByRing, body));
    }

    [Fact]
    public async Task Under_another_master_key_nothing_opens()
    {
        var body = await Seal(Keys(out _), ByRing);
        var other = new DataKeys(new KeyRing(table, new MasterKey(RandomNumberGenerator.GetBytes(MasterKey.Length)), clock), "r");
        await Assert.ThrowsAsync<InvalidDataException>(() => Open(other, ByRing, body));
    }

    [Fact]
    public async Task No_key_s_material_is_in_the_table()
    {
        Keys(out var ring);
        var key = await ring.Current("k.one", default);
        var row = Assert.Single(await Rows());
        Assert.Equal(-1, row.Value.Span.IndexOf(key.Material));
        Assert.Equal(-1, row.Value.Span.IndexOf(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(key.Material))));
    }

    [Fact]
    public void A_customer_s_key_is_known_again_and_no_other_is()
    {
        var bytes = RandomNumberGenerator.GetBytes(CustomerKey.Length);
        var check = new CustomerKey(bytes).NewCheck();
        Assert.True(new CustomerKey(bytes).Matches(check));
        Assert.NotEqual(check, new CustomerKey(bytes).NewCheck());
        Assert.Equal(-1, check.AsSpan().IndexOf(bytes));
        Assert.False(new CustomerKey(RandomNumberGenerator.GetBytes(CustomerKey.Length)).Matches(check));
        Assert.False(new CustomerKey(bytes).Matches(null));
        Assert.False(new CustomerKey(bytes).Matches(check[..16]));
    }

    [Theory]
    [InlineData(null, "a.111122223333")]
    [InlineData("", "a.111122223333")]
    [InlineData("alias/aws/s3", "a.111122223333")]
    [InlineData("aws/s3", "a.111122223333")]
    [InlineData("arn:aws:kms:eu-west-1:111122223333:alias/aws/s3", "a.111122223333")]
    [InlineData("arn:aws:kms:eu-west-1:999999999999:alias/aws/s3", null)]
    [InlineData("one", "k.one")]
    [InlineData("alias/one", "k.one")]
    [InlineData("arn:aws:kms:eu-west-1:111122223333:key/0a1b-2c", "k.0a1b-2c")]
    [InlineData("arn:aws-cn:kms:cn-north-1:1:alias/one", "k.one")]
    [InlineData("arn:aws:s3:::bucket", null)]
    [InlineData("arn:aws:kms:one", null)]
    [InlineData("../a.111122223333", null)]
    [InlineData("key#1", null)]
    public void Keys_are_named_as_at_AWS(string? named, string? inRing) => Assert.Equal(inRing, KmsKeyName.Resolve(named, "111122223333"));

    private DataKeys Keys(out KeyRing ring) => new(ring = new KeyRing(table, master, clock, TimeSpan.FromMinutes(1)), "us-east-1");

    private async Task<List<Row>> Rows()
    {
        var rows = new List<Row>();
        await foreach (var row in table.Scan(new(new("", ""), TableKey.End), null, null, default)) rows.Add(row);
        return rows;
    }

    private static async Task<(SealedKey Key, byte[] Body)> Seal(DataKeys keys, Sse how)
    {
        using var key = await keys.New(how, null, Owner, default);
        return (key.Stored, Frames.SealAll(key.Cipher, "text"u8));
    }

    private static Task<string> Open(DataKeys keys, Sse how, (SealedKey Key, byte[] Body) body) => Open(keys, how, body, Owner);

    private static async Task<string> Open(DataKeys keys, Sse how, (SealedKey Key, byte[] Body) body, string owner)
    {
        await using var opened = await keys.Open(
            how, body.Key, null, owner, new(0, 4), 4, range => new(new MemoryBody(body.Body.AsMemory((int)range.Offset, (int)range.Length))), default);
        return await World.Text(opened!);
    }
}
