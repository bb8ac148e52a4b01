using System.IO.Pipelines;
using ZenkoFunctions.Core.Locations;

namespace ZenkoFunctions.Core.Tests.Locations;

public sealed class BodiesTests
{
    [Fact]
    public async Task Memory_is_written_as_it_is()
    {
        await using var body = new MemoryBody(new byte[] { 1, 2, 3 });
        Assert.Equal(3, body.Length);
        Assert.Equal([1, 2, 3], await Copy(body));
        Assert.Empty(await Copy(new MemoryBody(default)));
    }

    [Fact]
    public async Task Parts_follow_one_another_and_only_one_is_open_at_a_time()
    {
        var open = 0;
        var first = new Part([1], () => open++, () => open--);
        await using (var body = new ConcatenatedBody(6, first, Rest()))
            Assert.Equal([1, 2, 3, 4, 5, 6], await Copy(body));
        Assert.Equal(0, open);

        async IAsyncEnumerable<IObjectBody> Rest()
        {
            foreach (var bytes in new byte[][] { [2, 3], [], [4, 5, 6] })
            {
                await Task.Yield();
                Assert.Equal(0, open);
                yield return new Part(bytes, () => open++, () => open--);
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Parts_that_do_not_add_up_cut_the_copy_off(int length)
    {
        await using var body = new ConcatenatedBody(length, new MemoryBody(new byte[1]), Rest());
        await Assert.ThrowsAsync<IOException>(() => Copy(body));

        static async IAsyncEnumerable<IObjectBody> Rest()
        {
            await Task.Yield();
            yield return new MemoryBody(new byte[2]);
        }
    }

    [Fact]
    public async Task A_body_that_is_never_copied_still_closes_its_first_part()
    {
        var open = 0;
        await using (new ConcatenatedBody(1, new Part([1], () => open++, () => open--), AsyncEnumerable.Empty<IObjectBody>()))
            Assert.Equal(1, open);
        Assert.Equal(0, open);
    }

    private static async Task<byte[]> Copy(IObjectBody body)
    {
        var copy = new MemoryStream();
        await body.CopyTo(PipeWriter.Create(copy), CancellationToken.None);
        return copy.ToArray();
    }

    private sealed class Part : IObjectBody
    {
        private readonly MemoryBody body;
        private Action? close;

        public Part(byte[] bytes, Action open, Action close)
        {
            (body, this.close) = (new MemoryBody(bytes), close);
            open();
        }

        public long Length => body.Length;

        public ValueTask CopyTo(PipeWriter destination, CancellationToken ct) => body.CopyTo(destination, ct);

        public ValueTask DisposeAsync()
        {
            Interlocked.Exchange(ref close, null)?.Invoke();
            return ValueTask.CompletedTask;
        }
    }
}
