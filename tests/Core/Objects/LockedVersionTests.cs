using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Versions that are held, in a store whose clock is moved by hand: nothing that removes bytes gets at them.</summary>
public sealed class LockedVersionTests
{
    private readonly World world = new();

    [Fact]
    public async Task A_version_goes_once_its_default_retention_has_ended()
    {
        var bucket = await Locked(new(RetentionMode.Compliance, 2, null));
        var version = (await world.Put(bucket, "k", "body")).Value.Version;
        Assert.Equal(version.Modified.AddDays(2), version.Retention!.Until);

        Assert.Equal(Refusal.Locked, (await Delete(bucket, version.PublicId, bypass: true)).Refusal);
        await world.Pass(TimeSpan.FromDays(2) - TimeSpan.FromSeconds(1));
        Assert.Equal(Refusal.Locked, (await Delete(bucket, version.PublicId)).Refusal);
        Assert.Equal("body", await world.Get(bucket, "k"));
        await world.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(version.Id, (await Delete(bucket, version.PublicId)).Value.Removed!.Id);
    }

    [Fact]
    public async Task A_retention_that_comes_while_the_version_is_being_removed_still_counts()
    {
        var bucket = await Locked(null);
        var version = (await world.Put(bucket, "k", new string('x', 500))).Value.Version;
        var retention = new Retention(RetentionMode.Governance, world.Clock.GetUtcNow().AddDays(1));
        world.Table.Before = async row =>
        {
            if (row[0] is not (Rows.Current or 'm')) return;
            world.Table.Before = null;
            Assert.Null((await world.Objects.Amend(bucket, "k", version.PublicId, v => v with { Retention = retention }, default)).Refusal);
        };

        Assert.Equal(Refusal.Locked, (await Delete(bucket, version.PublicId)).Refusal);
        Assert.Null(world.Table.Before);
        await world.Pass(TimeSpan.FromHours(12));
        Assert.Equal(new string('x', 500), await world.Get(bucket, "k"));
    }

    [Fact]
    public async Task What_was_written_before_versioning_is_kept_when_it_is_locked_and_overwritten()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "k", "old");
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Enabled), default)).Value;
        bucket = (await world.Buckets.Change(bucket, BucketSettings.ObjectLock, _ => new ObjectLockSetting(null), default)).Value;
        await world.Objects.Amend(bucket, "k", "null", v => v with { LegalHold = true }, default);

        await world.Put(bucket, "k", "new");
        await world.Objects.Delete(bucket, "k", new(), default);

        Assert.Equal(Refusal.Locked, (await Delete(bucket, "null", bypass: true)).Refusal);
        await using var body = (await world.Objects.Open(bucket, "k", new() { VersionId = "null" }, default)).Value.Body!;
        Assert.Equal("old", await World.Text(body));
    }

    [Fact]
    public async Task A_null_version_on_hold_is_not_replaced_where_versioning_is_suspended()
    {
        // Such a bucket cannot be made over the wire; whoever makes it otherwise must not lose what is on hold.
        var bucket = await world.Bucket();
        bucket = (await world.Buckets.Change(bucket, BucketSettings.Versioning, _ => new VersioningSetting(VersioningState.Suspended), default)).Value;
        await world.Put(bucket, "k", "held");
        await world.Objects.Amend(bucket, "k", null, v => v with { LegalHold = true }, default);

        Assert.Equal(Refusal.Locked, (await world.Put(bucket, "k", "new")).Refusal);
        Assert.Equal(Refusal.Locked, (await world.Objects.Delete(bucket, "k", new(), default)).Refusal);
        Assert.Equal("held", await world.Get(bucket, "k"));
        Assert.Empty(world.Place.Bodies);
    }

    [Fact]
    public async Task An_upload_that_may_not_replace_what_is_held_stays_open()
    {
        var bucket = await world.Bucket();
        await world.Put(bucket, "k", "held");
        await world.Objects.Amend(bucket, "k", null, v => v with { LegalHold = true }, default);
        var upload = (await world.Uploads.Create(bucket, "k", World.By, new(), null, null, default)).Value;
        var part = (await world.PutPart(bucket, "k", upload.Id, 1, "new")).Value;
        var request = new CompleteRequest { Parts = [new(1, part.ETag)] };

        Assert.Equal(Refusal.Locked, (await world.Uploads.Complete(bucket, "k", upload.Id, request, default)).Refusal);
        Assert.Equal("held", await world.Get(bucket, "k"));
        await world.Objects.Amend(bucket, "k", null, v => v with { LegalHold = false }, default);
        Assert.Null((await world.Uploads.Complete(bucket, "k", upload.Id, request, default)).Refusal);
        Assert.Equal("new", await world.Get(bucket, "k"));
    }

    private async Task<Bucket> Locked(DefaultRetention? rule)
    {
        var settings = BucketSettings.None
            .With(BucketSettings.Versioning, new(VersioningState.Enabled)).With(BucketSettings.ObjectLock, new ObjectLockSetting(rule));
        return (await world.Buckets.Create("locked", World.Owner, "", settings, default)).Value;
    }

    private ValueTask<Result<Removal>> Delete(Bucket bucket, string versionId, bool bypass = false) =>
        world.Objects.Delete(bucket, "k", new() { VersionId = versionId, BypassesGovernance = bypass }, default);
}
