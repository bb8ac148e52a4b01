using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Objects of encrypted buckets: nothing of them is readable where they are kept, and all of it by who may.</summary>
public sealed class EncryptionTests
{
    private const string Marked = "attack at dawn";
    private static readonly string Small = Marked + " with a few";
    private static readonly string Large = string.Concat(Enumerable.Repeat(Marked + ". ", 20_000));

    private readonly World world = new();

    public static TheoryData<SseKind> Kinds => new(SseKind.S3, SseKind.Kms, SseKind.Customer);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Nothing_of_a_body_is_readable_where_it_is_kept(SseKind kind)
    {
        var bucket = await world.Bucket();
        var customer = Customer(kind);
        foreach (var body in new[] { Small, Large }) await Put(bucket, body.Length.ToString(), body, kind, customer);
        await Upload(bucket, "parts", kind, customer);
        await world.Uploads.PutPart(bucket, "open", (await Start(bucket, "open", kind, customer)).Id, 1, Content(Small, kind, customer), default);

        Assert.False(await IsKept(Marked));
        Assert.False(await IsKept(Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(Small)))) && kind != SseKind.S3);
        foreach (var body in new[] { Small, Large }) Assert.Equal(body, await Get(bucket, body.Length.ToString(), customer));
        Assert.Equal(Parts[0] + Parts[1], await Get(bucket, "parts", customer));
    }

    [Fact]
    public async Task The_scan_would_find_what_is_not_encrypted()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "inline", Small);
        Assert.True(await IsKept(Marked));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Ranges_of_parts_are_those_of_the_plaintext(SseKind kind)
    {
        var bucket = await world.Bucket();
        var customer = Customer(kind);
        var whole = Parts[0] + Parts[1];
        var written = await Upload(bucket, "k", kind, customer);
        Assert.Equal(whole.Length, written.Size);
        foreach (var (first, last) in new[] { (0, 0), (Frames.Plain - 1, Frames.Plain), (Parts[0].Length - 1, Parts[0].Length), (1, whole.Length - 2) })
            Assert.Equal(whole[first..(last + 1)], await Get(bucket, "k", customer, new RangeRequest(first, last)));
        var second = (await world.Objects.Open(bucket, "k", new() { PartNumber = 2, CustomerKey = customer }, default)).Value;
        await using var body = second.Body!;
        Assert.Equal(Parts[1], await World.Text(body));
    }

    [Fact]
    public async Task A_bucket_s_default_holds_for_what_says_nothing_itself()
    {
        var bucket = await Encrypted(new SseDefault(SseKind.S3));
        Assert.Equal(SseKind.S3, (await world.Put(bucket, "a", Small)).Value.Version.Encryption!.Kind);
        Assert.Equal(SseKind.Kms, (await Put(bucket, "b", Small, SseKind.Kms, null)).Encryption!.Kind);
        var copy = new CopyRequest
        {
            SourceBucket = bucket, SourceKey = "b", Bucket = bucket, Key = "c", Writer = World.By, Description = new(), CopiesMetadata = true,
        };
        Assert.Equal(SseKind.S3, (await world.Objects.Copy(copy, default)).Value.Version.Encryption!.Kind);
        Assert.Equal(Small, await world.Get(bucket, "c"));
        Assert.False(await IsKept(Marked));
    }

    [Fact]
    public async Task A_copy_onto_itself_wraps_by_the_newest_key()
    {
        var bucket = await Encrypted(new SseDefault(SseKind.S3));
        await world.Put(bucket, "k", Large);
        await world.Ring.Rotate(KeyRing.OfInstallation, default);
        Assert.Equal(Large, await world.Get(bucket, "k"));
        var copied = (await world.Objects.Copy(
            new()
            {
                SourceBucket = bucket, SourceKey = "k", Bucket = bucket, Key = "k", Writer = World.By, Description = new(), CopiesMetadata = true,
            },
            default)).Value.Version;
        Assert.Equal(2, copied.Encryption!.Key!.Generation);
        Assert.Equal(Large, await world.Get(bucket, "k"));
    }

    [Fact]
    public async Task What_was_written_is_read_after_a_restart_and_a_rotation()
    {
        var bucket = await Encrypted(new SseDefault(SseKind.Kms));
        await world.Put(bucket, "small", Small);
        await world.Put(bucket, "large", Large);
        await world.Put(bucket, "empty", "");
        await world.Ring.Rotate(KeyRing.OfAccount(World.Owner.Id), default);
        world.Start();
        Assert.Equal(Small, await world.Get(bucket, "small"));
        Assert.Equal(Large, await world.Get(bucket, "large"));
        Assert.Equal("", await world.Get(bucket, "empty"));
    }

    [Fact]
    public async Task The_row_and_bytes_of_one_object_cannot_be_put_under_another_key()
    {
        var bucket = await Encrypted(new SseDefault(SseKind.S3));
        await world.Put(bucket, "secret", Small);
        var from = KeyCodec.Address(Rows.ObjectSpace(bucket), "secret");
        var to = KeyCodec.Address(Rows.ObjectSpace(bucket), "public");
        Assert.Equal(("", ""), (from.Rest, to.Rest)); // so that their rows have the same names
        foreach (var row in await world.Table.All())
        {
            if (row.Key.Partition != from.Partition) continue;
            await world.Table.Apply(to.Partition, [Change.Put(row.Key.Row, Condition.Any, row.Value)], default);
        }
        await Assert.ThrowsAsync<InvalidDataException>(() => world.Get(bucket, "public"));
        Assert.Equal(Small, await world.Get(bucket, "secret"));
    }

    /// <summary>What a bucket's default is while a body arrives, what it has become at the commit, and whether the body may stay.</summary>
    public static TheoryData<SseDefault?, SseDefault?, SseKind?, bool> Defaults => new()
    {
        { null, new(SseKind.S3), null, false },
        { null, new(SseKind.Kms), null, false },
        { new(SseKind.S3), new(SseKind.Kms), null, false },
        { new(SseKind.Kms), new(SseKind.Kms, "another"), null, false },
        { new(SseKind.S3), null, null, true },
        { new(SseKind.Kms), new(SseKind.S3), null, true },
        { new(SseKind.Kms), new(SseKind.Kms, null, true), null, true },
        { null, new(SseKind.Kms), SseKind.S3, true },
    };

    [Theory]
    [MemberData(nameof(Defaults))]
    public async Task A_default_that_is_made_stricter_while_a_body_arrives_holds_for_it(SseDefault? before, SseDefault? after, SseKind? asked, bool stays)
    {
        await world.Ring.Ensure(KeyRing.OfId("another"), default);
        foreach (var body in new[] { Small, Large })
        {
            var bucket = (await world.Buckets.Change(await world.Bucket(), BucketSettings.Encryption, _ => before, default)).Value;
            var pipe = new Pipe();
            var content = new Content(pipe.Reader, body.Length) { Encryption = asked is { } kind ? Asked(kind, null) : null };
            var put = world.Objects.Put(bucket, "k" + body.Length, World.By, new(), content, Conditions.None, default).AsTask();
            await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(body[..10]));
            Assert.Equal(after, (await world.Buckets.Change(bucket, BucketSettings.Encryption, _ => after, default)).Value.Get(BucketSettings.Encryption));
            await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(body[10..]));
            await pipe.Writer.CompleteAsync();

            Assert.Equal(stays ? null : Refusal.Unavailable, (await put).Refusal);
            Assert.Equal(stays ? body : null, await world.Get(bucket, "k" + body.Length));
        }
        if (!stays)
        {
            Assert.Empty(world.Place.Bodies);
            Assert.False(await IsKept(Marked));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_is_not_stored_plain_where_the_default_was_set_meanwhile(bool ontoItself)
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "source", Large);
        var copy = new CopyRequest
        {
            SourceBucket = bucket, SourceKey = "source", Bucket = bucket, Key = ontoItself ? "source" : "copy", Writer = World.By,
        };
        // The request has looked at its bucket before.
        var changed = await Encrypted(new SseDefault(SseKind.S3));
        Assert.Equal(Refusal.Unavailable, (await world.Objects.Copy(copy, default)).Refusal);

        var again = await world.Objects.Copy(copy with { SourceBucket = changed, Bucket = changed }, default);
        Assert.Equal(SseKind.S3, again.Value.Version.Encryption!.Kind);
    }

    [Fact]
    public async Task An_upload_keeps_the_encryption_that_held_when_it_was_started()
    {
        var bucket = await world.Bucket();
        var upload = (await world.Uploads.Create(bucket, "k", World.By, new(), null, null, default)).Value;
        bucket = await Encrypted(new SseDefault(SseKind.S3));
        var part = (await world.PutPart(bucket, "k", upload.Id, 1, Large)).Value;
        var done = await world.Uploads.Complete(bucket, "k", upload.Id, new() { Parts = [new(1, part.ETag)] }, default);
        Assert.Null(done.Value.Version.Encryption);
    }

    [Fact]
    public async Task An_unknown_key_refuses_the_write_and_leaves_nothing()
    {
        var bucket = await world.Bucket();
        var put = await world.Objects.Put(
            bucket, "k", World.By, new(), Content(Large, SseKind.Kms, null) with { Encryption = new() { Kind = SseKind.Kms, KmsKey = "none" } },
            Conditions.None, default);
        Assert.Equal(Refusal.NoSuchEncryptionKey, put.Refusal);
        Assert.Empty(world.Place.Bodies);
    }

    [Fact]
    public async Task A_wrong_digest_of_an_encrypted_body_leaves_nothing()
    {
        var bucket = await Encrypted(new SseDefault(SseKind.S3));
        var put = await world.Objects.Put(bucket, "k", World.By, new(), World.Content(Large) with { Md5 = new byte[16] }, Conditions.None, default);
        Assert.Equal(Refusal.BadDigest, put.Refusal);
        Assert.Empty(world.Place.Bodies);
    }

    [Fact]
    public async Task ETags_are_MD5_only_where_AWS_has_them_so()
    {
        var bucket = await world.Bucket();
        var md5 = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(Small)));
        var customer = Customer(SseKind.Customer);
        Assert.Equal(md5, (await Put(bucket, "a", Small, SseKind.S3, null)).ETag);
        foreach (var kind in new[] { SseKind.Kms, SseKind.Customer })
        {
            var etag = (await Put(bucket, "k", Small, kind, customer)).ETag;
            Assert.NotEqual(md5, etag);
            Assert.Equal(md5.Length, etag.Length);
            // A client that sends a part again may complete the upload with either answer.
            Assert.Equal(etag, (await Put(bucket, "k", Small, kind, customer)).ETag);
            Assert.NotEqual(etag, (await Put(bucket, "k", Large, kind, customer)).ETag);
        }
    }

    private static string[] Parts { get; } = [string.Concat(Enumerable.Repeat(Marked + "! ", 330_000)), Marked + " and the last part"];

    private static CustomerKey? Customer(SseKind kind) => kind == SseKind.Customer ? new(RandomNumberGenerator.GetBytes(CustomerKey.Length)) : null;

    private static SseRequest Asked(SseKind kind, CustomerKey? customer) =>
        new() { Kind = kind, Customer = kind == SseKind.Customer ? customer : null };

    private static Content Content(string body, SseKind kind, CustomerKey? customer) => World.Content(body) with { Encryption = Asked(kind, customer) };

    private async Task<Bucket> Encrypted(SseDefault byDefault) =>
        (await world.Buckets.Change(await world.Bucket(), BucketSettings.Encryption, _ => byDefault, default)).Value;

    private async Task<ObjectVersion> Put(Bucket bucket, string key, string body, SseKind kind, CustomerKey? customer) =>
        (await world.Objects.Put(bucket, key, World.By, new(), Content(body, kind, customer), Conditions.None, default)).Value.Version;

    private async Task<Upload> Start(Bucket bucket, string key, SseKind kind, CustomerKey? customer) =>
        (await world.Uploads.Create(bucket, key, World.By, new(), null, null, Asked(kind, customer), default)).Value;

    private async Task<ObjectVersion> Upload(Bucket bucket, string key, SseKind kind, CustomerKey? customer)
    {
        var upload = await Start(bucket, key, kind, customer);
        var named = new List<NamedPart>();
        for (var i = 0; i < Parts.Length; i++)
        {
            var part = (await world.Uploads.PutPart(bucket, key, upload.Id, i + 1, Content(Parts[i], kind, customer), default)).Value;
            Assert.Equal(Parts[i].Length, part.Size);
            named.Add(new(part.Number, part.ETag));
        }
        return (await world.Uploads.Complete(bucket, key, upload.Id, new() { Parts = named }, default)).Value.Version;
    }

    private async Task<string> Get(Bucket bucket, string key, CustomerKey? customer, RangeRequest? range = null)
    {
        await using var body = (await world.Objects.Open(bucket, key, new() { Range = range, CustomerKey = customer }, default)).Value.Body!;
        return await World.Text(body);
    }

    private async Task<bool> IsKept(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var rows = (await world.Table.All()).Select(row => row.Value.ToArray());
        return rows.Concat(world.Place.Bodies.Values).Any(kept => kept.AsSpan().IndexOf(bytes) >= 0);
    }
}
