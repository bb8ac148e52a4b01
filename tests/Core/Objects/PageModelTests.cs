using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.Locations;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

/// <summary>A chunk of a page blob against an array that has a number for each of its pages.</summary>
public sealed class PageModelTests
{
    private const int PagesOfChunk = Pages.ChunkBytes / Pages.PageBytes;

    private sealed record Command(bool IsClear, int Start, int Count);

    [Fact]
    public void Whatever_is_written_and_cleared_each_page_has_what_was_written_last()
    {
        var command =
            from isClear in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
            from start in Gen.Frequency((4, Gen.Choose(0, 60)), (1, Gen.Choose(0, PagesOfChunk - 1)))
            from count in Gen.Frequency((4, Gen.Choose(1, 8)), (1, Gen.Choose(1, PagesOfChunk)))
            select new Command(isClear, start, Math.Min(count, PagesOfChunk - start));
        Prop.ForAll(command.ListOf().ToArbitrary(), Replay).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithEndSize(150));
    }

    [Fact]
    public void Of_a_chunk_that_is_merged_no_written_page_is_lost_and_its_runs_are_bounded()
    {
        var chunk = PageChunk.Empty;
        for (var i = 0; i < PagesOfChunk; i += 2) chunk = chunk.Write(i, Body($"b{i}", 1), i + 1);
        var merged = chunk.Merged(Body("all", PagesOfChunk));
        Assert.True(merged.Runs.Count <= Pages.MostRuns / 2);
        Assert.False(merged.IsTooFine);
        for (var i = 0; i < PagesOfChunk; i += 2) Assert.Contains(merged.Runs, run => run.Start <= i && run.End > i && run.From == run.Start && run.Revision > i);
    }

    private static void Replay(IEnumerable<Command> commands)
    {
        var model = new (string? Body, int From, long Revision)[PagesOfChunk];
        var (chunk, half, halfModel, halfRevision) = (PageChunk.Empty, PageChunk.Empty, model, 0L);
        var revision = 0L;
        foreach (var command in commands)
        {
            revision++;
            var before = chunk;
            for (var i = 0; i < command.Count; i++) model[command.Start + i] = command.IsClear ? default : ($"b{revision}", i, revision);
            chunk = command.IsClear ? chunk.Clear(command.Start, command.Count) : chunk.Write(command.Start, Body($"b{revision}", command.Count), revision);
            if (chunk.IsTooFine)
            {
                // Where there are few runs it only says where they stand anew.
                var first = chunk.Runs[0].Start;
                var one = chunk.Merged(Body($"m{revision}", chunk.Runs[^1].End - first));
                Assert.True(model.Select(page => page.Revision).SequenceEqual(Told(one).Select(page => page.Revision)));
                for (var i = 0; i < PagesOfChunk; i++)
                    if (model[i].Body is not null) model[i] = ($"m{revision}", i - first, model[i].Revision);
                chunk = one;
            }
            Assert.True(model.SequenceEqual(Told(chunk)));
            Assert.True(model.SequenceEqual(Told(PageChunk.Read(chunk.Row(revision)))));
            Assert.Equal(chunk.Bodies.Select(body => body.Stored.Name).Order(), model.Where(page => page.Body is not null).Select(page => page.Body!).Distinct().Order());
            Assert.Equal(before.Bodies.Except(chunk.Bodies), chunk.Lost(before));
            if (revision % 7 == 3) (half, halfModel, halfRevision) = (chunk, [.. model], revision);
        }
        var changed = new char[PagesOfChunk];
        foreach (var (start, end, isCleared) in chunk.Since(half, halfRevision)) changed.AsSpan(start, end - start).Fill(isCleared ? 'c' : 'w');
        for (var i = 0; i < PagesOfChunk; i++)
            Assert.True(changed[i] == (model[i].Revision > halfRevision ? 'w' : model[i].Body is null && halfModel[i].Body is not null ? 'c' : default), $"Page {i} is told as {changed[i]}.");
    }

    private static (string? Body, int From, long Revision)[] Told(PageChunk chunk)
    {
        var told = new (string?, int, long)[PagesOfChunk];
        var end = 0;
        foreach (var run in chunk.Runs)
        {
            if (run.Start < end || run.Count <= 0) Assert.Fail($"The run at {run.Start} overlaps another, or is empty.");
            end = run.End;
            for (var i = 0; i < run.Count; i++) told[run.Start + i] = (chunk.Bodies[run.Body].Stored.Name, run.From + i, run.Revision);
        }
        return told;
    }

    private static PageBody Body(string name, int pages) => new(new Stored("here", name, pages * Pages.PageBytes), null);
}
