using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>Requests for one upload that meet at the worst moment.</summary>
public sealed class UploadRaceTests
{
    private readonly World world = new();

    [Fact]
    public async Task Two_completes_at_once_make_one_object_that_keeps_its_parts()
    {
        var (bucket, upload, part) = await Uploaded();
        Result<Written>? rival = null;
        world.Table.After = async row =>
        {
            if (row[0] != Rows.Upload) return;
            world.Table.After = null;
            rival = await Complete(bucket, upload, part);
        };
        var written = await Complete(bucket, upload, part);
        Assert.Equal(written.Value.Version.Id, rival!.Value.Value.Version.Id);
        Assert.Equal("body", await world.Get(bucket, "key"));
        await world.Pass(TimeSpan.FromDays(8));
        Assert.Equal("body", await world.Get(bucket, "key"));
    }

    [Fact]
    public async Task An_object_keeps_its_parts_when_its_upload_was_completed_at_the_second_attempt()
    {
        var (bucket, upload, part) = await Uploaded();
        await world.Put(bucket, "key", "there");
        var refused = await Complete(bucket, upload, part, new() { IfNoneMatch = ["*"] });
        Assert.Equal(Refusal.PreconditionFailed, refused.Refusal);
        Assert.Null((await Complete(bucket, upload, part)).Refusal);
        await world.Pass(TimeSpan.FromDays(30));
        Assert.Equal("body", await world.Get(bucket, "key"));
    }

    [Fact]
    public async Task A_part_that_a_complete_took_keeps_its_bytes_although_its_own_request_comes_too_late()
    {
        var (bucket, upload, part) = await Uploaded();
        world.Table.After = async row =>
        {
            if (row[0] != Rows.Part) return;
            world.Table.After = null;
            Assert.Null((await Complete(bucket, upload, part)).Refusal);
        };
        await world.PutPart(bucket, "key", upload.Id, 1, "body"); // the client had sent it twice
        Assert.Equal("body", await world.Get(bucket, "key"));
        await world.Pass(TimeSpan.FromDays(30));
        Assert.Equal("body", await world.Get(bucket, "key"));
        Assert.Single(world.Place.Bodies);
    }

    [Fact]
    public async Task A_part_that_was_committed_keeps_its_bytes_although_its_client_hangs_up()
    {
        var bucket = await world.Bucket();
        var upload = (await world.Uploads.Create(bucket, "key", World.By, new(), null, null, default)).Value;
        using var client = new CancellationTokenSource();
        world.Table.After = row => row[0] == Rows.Part ? client.CancelAsync() : Task.CompletedTask;
        try
        {
            await world.Uploads.PutPart(bucket, "key", upload.Id, 1, World.Content("body"), client.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody reads the answer.
        }
        var part = (await world.Uploads.ListParts(bucket, "key", upload.Id, 0, 10, default)).Value.Parts.Single();
        Assert.Null((await Complete(bucket, upload, new(1, part.ETag))).Refusal);
        Assert.Equal("body", await world.Get(bucket, "key"));
    }

    [Fact]
    public async Task A_part_that_comes_after_the_abort_leaves_nothing()
    {
        var (bucket, upload, _) = await Uploaded();
        world.Table.Before = async row =>
        {
            if (row[0] != Rows.Part) return;
            world.Table.Before = null;
            await world.Uploads.Abort(bucket, "key", upload.Id, default);
            await world.Pass(TimeSpan.FromHours(1));
        };
        Assert.Equal(Refusal.NoSuchUpload, (await world.PutPart(bucket, "key", upload.Id, 2, "late")).Refusal);
        Assert.Empty(world.Place.Bodies);
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task A_helper_that_was_stalled_for_hours_does_not_bring_a_deleted_object_back()
    {
        var (bucket, upload, part) = await Uploaded();
        world.Table.Before = async row =>
        {
            if (row[0] != Rows.Completed) return;
            world.Table.Before = null;
            Assert.Null((await Complete(bucket, upload, part)).Refusal);
            await world.Objects.Delete(bucket, "key", new(), default);
            await world.Pass(TimeSpan.FromHours(6));
        };
        await Complete(bucket, upload, part);
        Assert.Null(await world.Get(bucket, "key"));
        await world.Pass(TimeSpan.FromDays(30));
        Assert.Empty(await world.Table.All());
        Assert.Empty(world.Place.Bodies);
    }

    [Fact]
    public async Task An_upload_that_is_aborted_after_a_refused_complete_leaves_nothing()
    {
        var (bucket, upload, part) = await Uploaded();
        await world.Put(bucket, "key", "there");
        Assert.Equal(Refusal.PreconditionFailed, (await Complete(bucket, upload, part, new() { IfNoneMatch = ["*"] })).Refusal);
        await world.Uploads.Abort(bucket, "key", upload.Id, default);
        await world.Objects.Delete(bucket, "key", new(), default);
        await world.Pass(TimeSpan.FromDays(1));
        Assert.Empty(await world.Table.All());
    }

    [Fact]
    public async Task An_upload_that_was_completed_is_in_no_listing()
    {
        var bucket = await world.Bucket();
        var upload = (await world.Uploads.Create(bucket, "a/key", World.By, new(), null, null, default)).Value;
        var part = (await world.PutPart(bucket, "a/key", upload.Id, 1, "body")).Value;
        await world.Uploads.Complete(bucket, "a/key", upload.Id, new() { Parts = [new(1, part.ETag)] }, default);
        Assert.Empty((await world.Uploads.List(bucket, new() { Delimiter = "/" }, default)).Entries);
        Assert.Empty((await world.Uploads.List(bucket, new(), default)).Entries);
    }

    private async Task<(Bucket Bucket, Upload Upload, NamedPart Part)> Uploaded()
    {
        var bucket = await world.Bucket();
        var upload = (await world.Uploads.Create(bucket, "key", World.By, new(), null, null, default)).Value;
        return (bucket, upload, new(1, (await world.PutPart(bucket, "key", upload.Id, 1, "body")).Value.ETag));
    }

    private async Task<Result<Written>> Complete(Bucket bucket, Upload upload, NamedPart part, Conditions? conditions = null) =>
        await world.Uploads.Complete(
            bucket, "key", upload.Id, new() { Parts = [part], Conditions = conditions ?? Conditions.None }, default);
}
