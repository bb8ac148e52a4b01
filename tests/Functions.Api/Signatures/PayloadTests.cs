using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>The forms of payload: decoded whatever their segmentation, and refused where anything is missing, changed or added.</summary>
public sealed class PayloadTests
{
    private static readonly PayloadForm[] Forms = Enum.GetValues<PayloadForm>();

    public static TheoryData<PayloadForm> AllForms => new(Forms);

    public static TheoryData<PayloadForm> ChunkedForms => new(Forms.Where(form => form > PayloadForm.Hashed));

    public static TheoryData<PayloadForm> CoveredForms =>
        new([PayloadForm.Hashed, PayloadForm.SignedChunks, PayloadForm.SignedChunksAndTrailer]);

    private static SignedRequest Put(int size) =>
        new() { Verb = "PUT", Path = "/b/k", Body = [.. Enumerable.Range(0, size).Select(i => (byte)(i * 31 % 251))] };

    private static Signer SignerFor(Gate gate, int chunk = 1000)
    {
        var signer = gate.Signer();
        signer.ChunkSize = chunk;
        signer.Trailers.Add(("x-amz-checksum-crc32", "AAAAAA=="));
        return signer;
    }

    [Theory, MemberData(nameof(AllForms))]
    public async Task Every_form_decodes_to_what_was_sent(PayloadForm form)
    {
        var gate = await Gate.Open();
        foreach (var size in new[] { 0, 1, 999, 1000, 1001, 100_000 })
        {
            var request = Put(size);
            var payload = request.Body;
            var (sender, read) = await gate.Receive(SignerFor(gate).Sign(request, form), 777);
            Assert.Equal(payload, read);
            if (size > 0) Assert.Equal(size, sender.Length);
            Assert.Equal(form >= PayloadForm.SignedChunksAndTrailer ? "AAAAAA==" : null, sender.Trailer("x-amz-checksum-crc32"));
            Assert.Null(sender.Trailer("x-amz-trailer-signature"));
        }
    }

    [Fact]
    public async Task Any_segmentation_and_any_way_of_consuming_give_the_same_bytes()
    {
        var gate = await Gate.Open();
        var property = Prop.ForAll(
            (from form in Gen.Elements(Forms)
             from size in Gen.Choose(0, 3000)
             from chunk in Gen.Choose(1, 500)
             from segments in Gen.NonEmptyListOf(Gen.Choose(1, 300))
             from steps in Gen.NonEmptyListOf(Gen.Choose(0, 400))
             select (form, size, chunk, segments, steps)).ToArbitrary(),
            run =>
            {
                var request = Put(run.size);
                var payload = request.Body;
                SignerFor(gate, run.chunk).Sign(request, run.form);
                var body = gate.Authenticator.Verify(request.ToWire([.. run.segments]), null, default).AsTask().GetAwaiter().GetResult().Body;
                return Consume(body, run.steps).AsSpan().SequenceEqual(payload);
            });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(2026, 11), property);
    }

    /// <summary>Consumes as many bytes as each step says, examining everything or only those.</summary>
    private static byte[] Consume(System.IO.Pipelines.PipeReader body, List<int> steps)
    {
        var bytes = new List<byte>();
        for (var (i, ahead) = (0, 0L); ; i++)
        {
            var read = body.ReadAsync().AsTask().GetAwaiter().GetResult();
            var step = steps[i % steps.Count];
            var take = read.IsCompleted ? read.Buffer.Length : Math.Min(step, read.Buffer.Length);
            foreach (var memory in read.Buffer.Slice(0, take)) bytes.AddRange(memory.ToArray());
            // What was examined once stays so; and a step of nothing must examine all, or it would be asked for ever.
            ahead = step % 2 == 0 || take == 0 ? read.Buffer.Length : Math.Max(take, ahead);
            body.AdvanceTo(read.Buffer.GetPosition(take), read.Buffer.GetPosition(ahead));
            ahead -= take;
            if (read.IsCompleted) break;
        }
        body.Complete();
        return [.. bytes];
    }

    [Theory, MemberData(nameof(ChunkedForms))]
    public async Task A_chunked_body_that_is_cut_short_anywhere_is_refused(PayloadForm form)
    {
        var gate = await Gate.Open();
        var request = SignerFor(gate, 40).Sign(Put(100), form);
        for (var length = 0; length < request.Body.Length; length++)
        {
            var cut = request.Copy();
            cut.Body = request.Body[..length];
            Assert.Equal(S3Errors.IncompleteBody, (await gate.Refusal(cut)).Error);
        }
    }

    [Theory, MemberData(nameof(ChunkedForms))]
    public async Task Bytes_behind_the_end_are_refused(PayloadForm form)
    {
        var gate = await Gate.Open();
        foreach (var more in new[] { "x", "\r\n", "0\r\n\r\n", "3\r\nabc\r\n" })
        {
            var request = SignerFor(gate, 40).Sign(Put(100), form);
            request.Body = [.. request.Body, .. Encoding.ASCII.GetBytes(more)];
            Assert.Equal(S3Errors.IncompleteBody, (await gate.Refusal(request)).Error);
        }
    }

    [Theory, MemberData(nameof(CoveredForms))]
    public async Task A_changed_byte_of_a_covered_body_is_never_read_to_its_end(PayloadForm form)
    {
        var gate = await Gate.Open();
        var request = SignerFor(gate, 40).Sign(Put(100), form);
        for (var i = 0; i < request.Body.Length; i++)
        {
            var altered = request.Copy();
            altered.Body[i] ^= 0x10;
            await NeverWhole(gate, altered, 100);
        }
    }

    /// <summary>Reads as a consumer that stops once it has as many bytes as were announced, without waiting for the end.</summary>
    private static async Task NeverWhole(Gate gate, SignedRequest request, long length)
    {
        foreach (var segment in new[] { 7, 100_000 })
        {
            var sender = await gate.Authenticator.Verify(request.ToWire(segment), null, default);
            await Assert.ThrowsAsync<S3Exception>(async () =>
            {
                for (var got = 0L; got < length;)
                {
                    var read = await sender.Body.ReadAsync();
                    got += read.Buffer.Length;
                    sender.Body.AdvanceTo(read.Buffer.End);
                    Assert.False(read.IsCompleted && got < length);
                }
            });
            // And it does not recover.
            await Assert.ThrowsAsync<S3Exception>(async () => await sender.Body.ReadAsync());
        }
    }

    [Theory]
    [InlineData("4\r\nabcd\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("2\r\nab\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("3\r\nabcX\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("3\nabc\n0\n\n", "IncompleteBody")]
    [InlineData("-3\r\nabc\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData(" 3\r\nabc\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("\r\nabc\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("ffffffffffffffff\r\nabc\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("7fffffffffffffff\r\nabc\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "MalformedTrailerError")]
    [InlineData("3\r\nabc\r\n0\r\nno colon\r\n\r\n", "MalformedTrailerError")]
    [InlineData("3\r\nabc\r\n0\r\n:x\r\n\r\n", "MalformedTrailerError")]
    [InlineData("3\r\nabc\r\n0\r\n\r\n", null)]
    [InlineData("3;chunk-signature=none\r\nabc\r\n0;x\r\n\r\n", null)]
    [InlineData("00000003\r\nabc\r\n000\r\n\r\n", null)]
    [InlineData("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", null)]
    public async Task The_framing_is_strict(string body, string? code)
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Sign(Put(3), PayloadForm.UnsignedChunksAndTrailer);
        request.Body = Encoding.ASCII.GetBytes(body);
        if (code is not null) Assert.Equal(code, (await gate.Refusal(request)).Error.Code);
        else Assert.Equal("abc"u8.ToArray(), (await gate.Receive(request, 1)).Payload);
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32:AAAAAA==\r\n", null)]
    [InlineData("X-Amz-Checksum-CRC32: AAAAAA== \r\n", null)]
    [InlineData("x-amz-checksum-crc32:AAAAAA==\n\r\n", null)]
    [InlineData("", "MalformedTrailerError")]
    [InlineData("x-amz-checksum-crc32:AAAAAA==\r\nx-amz-checksum-crc32:AAAAAA==\r\n", "MalformedTrailerError")]
    [InlineData("x-amz-checksum-crc32:AAAAAA==\r\nx-amz-checksum-sha1:AAAAAA==\r\n", "MalformedTrailerError")]
    [InlineData("x-amz-checksum-crc32:AA\nAA==\r\n", "MalformedTrailerError")]
    [InlineData("x-amz-trailer-signature:00\r\n", "MalformedTrailerError")]
    public async Task Trailers_are_exactly_those_that_were_announced(string trailers, string? code)
    {
        var gate = await Gate.Open();
        var request = SignerFor(gate).Sign(Put(3), PayloadForm.UnsignedChunksAndTrailer);
        request.Body = Encoding.ASCII.GetBytes($"3\r\nabc\r\n0\r\n{trailers}\r\n");
        if (code is not null)
        {
            Assert.Equal(code, (await gate.Refusal(request)).Error.Code);
            return;
        }
        var (sender, _) = await gate.Receive(request);
        Assert.Equal("AAAAAA==", sender.Trailer("x-amz-checksum-crc32"));
    }

    [Fact]
    public async Task A_signed_trailer_needs_its_signature_and_nothing_may_follow_it()
    {
        var gate = await Gate.Open();
        var request = SignerFor(gate).Sign(Put(3), PayloadForm.SignedChunksAndTrailer);
        var text = Encoding.Latin1.GetString(request.Body);
        var at = text.IndexOf("x-amz-trailer-signature", StringComparison.Ordinal);

        Assert.Equal(S3Errors.MalformedTrailerError, await Refused(text[..at] + "\r\n"));
        Assert.Equal(S3Errors.SignatureDoesNotMatch, await Refused(text.Replace("AAAAAA==", "AAAAAB==", StringComparison.Ordinal)));
        Assert.Equal(S3Errors.SignatureDoesNotMatch, await Refused(text[..at] + "x-amz-trailer-signature:00\r\n\r\n"));
        Assert.Equal(S3Errors.MalformedTrailerError, await Refused(text[..^2] + "x-amz-checksum-crc32:AAAAAA==\r\n\r\n"));

        async Task<S3Error> Refused(string body)
        {
            var altered = request.Copy();
            altered.Body = Encoding.Latin1.GetBytes(body);
            return (await gate.Refusal(altered)).Error;
        }
    }

    [Theory]
    [InlineData("10000;chunk-signature=")]
    [InlineData("x-amz-checksum-crc32:")]
    public async Task Lines_without_an_end_are_refused_before_they_are_kept(string start)
    {
        var gate = await Gate.Open();
        var request = SignerFor(gate).Sign(Put(3), PayloadForm.UnsignedChunksAndTrailer);
        var head = start.StartsWith('x') ? "3\r\nabc\r\n0\r\n" : "";
        request.Body = Encoding.ASCII.GetBytes(head + start + new string('a', 100_000));
        var wire = request.ToWire(1000);
        var sender = await gate.Authenticator.Verify(wire, null, default);
        Assert.Equal(S3Errors.IncompleteBody, (await Assert.ThrowsAsync<S3Exception>(() => Gate.ReadAll(sender.Body))).Error);
        // It gave up early: most of the body was never asked for.
        Assert.True(wire.Body.TryRead(out var rest));
        Assert.True(rest.Buffer.Length < 10_000);
    }

    [Theory]
    [InlineData("x-amz-decoded-content-length", null, "MissingContentLength")]
    [InlineData("x-amz-decoded-content-length", "-1", "InvalidArgument")]
    [InlineData("x-amz-decoded-content-length", "3x", "InvalidArgument")]
    [InlineData("x-amz-decoded-content-length", "99999999999999999", "InvalidArgument")]
    [InlineData("x-amz-trailer", "a,a", "InvalidArgument")]
    [InlineData("x-amz-trailer", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "InvalidArgument")]
    [InlineData("x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "NotImplemented")]
    [InlineData("x-amz-content-sha256", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER", "NotImplemented")]
    [InlineData("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "InvalidArgument")]
    [InlineData("x-amz-content-sha256", "abc", "InvalidArgument")]
    [InlineData("x-amz-content-sha256", "", "InvalidArgument")]
    public async Task Headers_that_describe_no_payload_are_refused_even_unsigned(string name, string? value, string code)
    {
        var request = Put(3).With("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER").With("x-amz-decoded-content-length", "3");
        if (value is null) request.Headers.Remove(name);
        else request.With(name, value);
        Assert.Equal(code, (await (await Gate.Open()).Refusal(request)).Error.Code);
    }

    [Fact]
    public async Task A_bodiless_request_that_signs_a_body_is_refused_at_once()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Sign(new() { Path = "/b/k", Body = [1] });
        request.Body = [];
        var refused = await Assert.ThrowsAsync<S3Exception>(async () => await gate.Verify(request));
        Assert.Equal(S3Errors.XAmzContentSHA256Mismatch, refused.Error);
        Assert.Equal(["ClientComputedContentSHA256", "S3ComputedContentSHA256"], refused.Fields.Select(field => field.Key));
    }

    [Fact]
    public async Task A_body_without_a_length_is_hashed_to_its_end()
    {
        var gate = await Gate.Open();
        var request = gate.Signer().Sign(Put(50_000));
        var wire = request.ToWire(20_000) with { ContentLength = null };
        var sender = await gate.Authenticator.Verify(wire, null, default);
        Assert.Null(sender.Length);
        Assert.Equal(request.Body, await Gate.ReadAll(sender.Body));
        request.Body = request.Body[..^1];
        wire = request.ToWire(20_000) with { ContentLength = null };
        sender = await gate.Authenticator.Verify(wire, null, default);
        Assert.Equal(S3Errors.XAmzContentSHA256Mismatch, (await Assert.ThrowsAsync<S3Exception>(() => Gate.ReadAll(sender.Body))).Error);
    }

    [Fact]
    public async Task Completing_a_body_completes_what_is_beneath_it()
    {
        var gate = await Gate.Open();
        foreach (var form in Forms)
        {
            var wire = SignerFor(gate).Sign(Put(10), form).ToWire();
            var sender = await gate.Authenticator.Verify(wire, null, default);
            await sender.Body.CompleteAsync();
            Assert.True(((SteppedPipeReader)wire.Body).IsCompleted);
        }
    }
}
