using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Amazon.S3.Model;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Tests;

/// <summary><c>zenkofn serve</c> itself: how it starts, what it says, how it stops.</summary>
public sealed class ServeTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task The_first_start_makes_a_key_says_it_once_and_keeps_it_for_the_owner_only()
    {
        string credentials;
        await using (var first = await ServerProcess.Start(scratch["new/data"], fixedKey: false))
        {
            credentials = await File.ReadAllTextAsync(scratch["new/data/root-credentials"]);
            var secret = Value(credentials, "aws_secret_access_key");
            Assert.Contains(Value(credentials, "aws_access_key_id"), first.Output, StringComparison.Ordinal);
            Assert.Contains(secret, first.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, first.Error, StringComparison.Ordinal);
            Assert.Contains($"aws --endpoint-url {first.Endpoint}", first.Output, StringComparison.Ordinal);
            const UnixFileMode ownerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(ownerFile, File.GetUnixFileMode(scratch["new/data/root-credentials"]));
            Assert.Equal(ownerFile, File.GetUnixFileMode(scratch["new/data/master.key"]));
            Assert.Equal(ownerFile | UnixFileMode.UserExecute, File.GetUnixFileMode(scratch["new/data"]));
            Assert.Equal(0, await first.Terminate());
        }
        // As a copy of the directory might have left it.
        File.SetUnixFileMode(scratch["new/data/root-credentials"], UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await using var second = await ServerProcess.Start(scratch["new/data"], fixedKey: false);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scratch["new/data/root-credentials"]));
        Assert.DoesNotContain(Value(credentials, "aws_secret_access_key"), second.Output, StringComparison.Ordinal);
        Assert.Equal(credentials, await File.ReadAllTextAsync(scratch["new/data/root-credentials"]));
    }

    [Fact]
    public async Task What_was_stored_is_there_after_a_restart()
    {
        await using (var first = await ServerProcess.Start(scratch["data"]))
        {
            using var s3 = Sdk.Client(first.Endpoint);
            await s3.PutBucketAsync("kept");
            await s3.PutObjectAsync(new PutObjectRequest { BucketName = "kept", Key = "small", ContentBody = "small" });
            await s3.PutObjectAsync(new PutObjectRequest { BucketName = "kept", Key = "large", InputStream = new MemoryStream(new byte[1_000_000]) });
            Assert.Equal(0, await first.Terminate());
        }
        await using var second = await ServerProcess.Start(scratch["data"]);
        using var again = Sdk.Client(second.Endpoint);
        using var small = await again.GetObjectAsync("kept", "small");
        Assert.Equal("small", await new StreamReader(small.ResponseStream).ReadToEndAsync());
        Assert.Equal(1_000_000, (await again.GetObjectMetadataAsync("kept", "large")).ContentLength);
    }

    [Fact]
    public async Task A_second_server_on_the_same_directory_is_refused_and_the_first_goes_on()
    {
        await using var first = await ServerProcess.Start(scratch["data"]);
        await using var second = ServerProcess.Launch(scratch["data"]);
        await AssertRefused(second, "in use", first.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(first.Endpoint + "/_/healthcheck"))).StatusCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await using var server = ServerProcess.Launch(scratch["data"], true, "--port", port);
        await AssertRefused(server, port, "--port");
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(0, 4096)]
    public async Task A_damaged_state_file_is_refused_and_left_as_it_is(int from, int length)
    {
        await using (var first = await ServerProcess.Start(scratch["data"]))
            Assert.Equal(0, await first.Terminate());
        var file = scratch["data/state.db"];
        var bytes = await File.ReadAllBytesAsync(file);
        new Random(1).NextBytes(bytes.AsSpan(from, length));
        await File.WriteAllBytesAsync(file, bytes);

        await using var second = ServerProcess.Launch(scratch["data"]);
        await AssertRefused(second, "damaged", "backup");
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file));
    }

    [Fact]
    public async Task A_lost_master_key_is_noticed_before_anything_is_served()
    {
        await using (var first = await ServerProcess.Start(scratch["data"], fixedKey: false))
            Assert.Equal(0, await first.Terminate());
        File.Delete(scratch["data/master.key"]);
        await using var second = ServerProcess.Launch(scratch["data"], fixedKey: false);
        await AssertRefused(second, "master key");
    }

    [Theory]
    [InlineData("ZENKOFN_ROOT_ACCESS_KEY")]
    [InlineData("ZENKOFN_ROOT_SECRET_KEY")]
    public async Task Half_a_root_key_is_refused(string only)
    {
        var ran = await Shell.Run("dotnet", [Repository.Program, "serve", "--data", scratch["data"], "--port", "0"], new Dictionary<string, string>
        {
            ["ZENKOFN_ROOT_ACCESS_KEY"] = "", ["ZENKOFN_ROOT_SECRET_KEY"] = "", [only] = "SOMETHING0123456789",
        });
        Assert.Equal(1, ran.ExitCode);
        Assert.Contains("together", ran.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--port", "many")]
    [InlineData("--host", "not an address")]
    [InlineData("--region", "Süd")]
    [InlineData("--accounts", "/no/such/file.json")]
    [InlineData("--log-format", "yaml")]
    [InlineData("--no-such-option", "1")]
    public async Task A_senseless_command_line_is_explained(string option, string value)
    {
        var ran = await Shell.Run("dotnet", [Repository.Program, "serve", "--data", scratch["data"], option, value]);
        Assert.Equal(2, ran.ExitCode);
        Assert.Contains(option, ran.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ran.Err, StringComparison.Ordinal);
        Assert.False(Directory.Exists(scratch["data"]));
    }

    [Fact]
    public async Task Help_names_every_option_and_gives_an_example()
    {
        var ran = (await Shell.Run("dotnet", [Repository.Program, "serve", "--help"])).Succeeded();
        foreach (var word in new[] { "--data", "--port", "--host", "--region", "--domain", "--accounts", "--keep-replaced", "--log-level", "--log-format", "Examples:", "aws --endpoint-url" })
            Assert.Contains(word, ran.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_of_a_file_can_sign_and_own_their_buckets()
    {
        await File.WriteAllTextAsync(scratch["accounts.json"], """
            [{"name": "alice", "email": "alice@example.com", "accessKeys": [{"id": "ALICEKEY000000000001", "secret": "alice-secret-0123456789"}]}]
            """);
        await using var server = await ServerProcess.Start(scratch["data"], true, "--accounts", scratch["accounts.json"]);
        using var root = Sdk.Client(server.Endpoint);
        using var alice = new Amazon.S3.AmazonS3Client("ALICEKEY000000000001", "alice-secret-0123456789", new Amazon.S3.AmazonS3Config
        {
            ServiceURL = server.Endpoint, ForcePathStyle = true, AuthenticationRegion = "us-east-1", MaxErrorRetry = 0,
        });
        await alice.PutBucketAsync("of-alice");
        Assert.Equal("of-alice", Assert.Single((await alice.ListBucketsAsync()).Buckets).BucketName);
        Assert.Empty((await root.ListBucketsAsync()).Buckets ?? []);
        var taken = await Assert.ThrowsAsync<Amazon.S3.Model.BucketAlreadyExistsException>(() => root.PutBucketAsync("of-alice"));
        Assert.Equal(HttpStatusCode.Conflict, taken.StatusCode);
    }

    [Fact]
    public async Task Log_entries_can_be_json_and_go_to_stderr()
    {
        await using var server = await ServerProcess.Start(scratch["data"], true, "--log-format", "json", "--log-level", "debug");
        Assert.Equal(0, await server.Terminate());
        var lines = server.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            using var entry = JsonDocument.Parse(line);
            Assert.True(entry.RootElement.TryGetProperty("LogLevel", out _), line);
        });
    }

    [Fact]
    public async Task A_graceful_stop_lets_a_running_upload_finish()
    {
        await using var server = await ServerProcess.Start(scratch["data"]);
        using var s3 = Sdk.Client(server.Endpoint);
        await s3.PutBucketAsync("bucket");
        // Holds back its last bytes until the server was told to stop.
        var body = new HeldStream(2_000_000);
        var put = s3.PutObjectAsync(new PutObjectRequest { BucketName = "bucket", Key = "last", InputStream = body, DisablePayloadSigning = false });
        await body.Reached.WaitAsync(Soon);
        server.Signal();
        await RefusesConnections(new Uri(server.Endpoint).Port);
        body.Release();
        try
        {
            Assert.Equal(HttpStatusCode.OK, (await put).HttpStatusCode);
        }
        catch (Amazon.S3.AmazonS3Exception e)
        {
            Assert.Fail($"{e.Message}\n{server.Error}");
        }
        Assert.Equal(0, await server.Ended(Soon));

        await using var again = await ServerProcess.Start(scratch["data"]);
        using var reader = Sdk.Client(again.Endpoint);
        Assert.Equal(2_000_000, (await reader.GetObjectMetadataAsync("bucket", "last")).ContentLength);
    }

    private static async Task RefusesConnections(int port)
    {
        using var limit = new CancellationTokenSource(Soon);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, port, limit.Token);
            }
            catch (SocketException)
            {
                return;
            }
            await Task.Yield();
        }
    }

    private static async Task AssertRefused(ServerProcess server, params string[] words)
    {
        Assert.Equal(1, await server.Ended(Soon));
        foreach (var word in words) Assert.Contains(word, server.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", server.Error, StringComparison.Ordinal);
        Assert.Equal("", server.Output);
    }

    private static string Value(string credentials, string name) =>
        credentials.Split('\n').Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries)).First(pair => pair[0] == name)[1];

    /// <summary>A body whose second half is not given before <see cref="Release"/>.</summary>
    private sealed class HeldStream(int length) : Stream
    {
        private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => reached.Task;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public void Release() => released.SetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position > length / 2)
            {
                reached.TrySetResult();
                await released.Task.WaitAsync(cancellationToken);
            }
            return Take(buffer.Length);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        // What computes checksums ahead reads synchronously, and must not be held.
        public override int Read(byte[] buffer, int offset, int count) => Take(count);

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => length + offset,
        };

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Take(int count)
        {
            var taken = (int)Math.Min(count, length - Position);
            Position += taken;
            return taken;
        }
    }
}
