using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Core.Tests.Identity;

public sealed class MasterKeyTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("zenkofn-key").FullName;

    private string KeyFile => Path.Combine(directory, "master.key");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void The_file_is_made_once_with_mode_0600_and_kept()
    {
        var first = MasterKey.OpenOrCreate(KeyFile);
        var bytes = File.ReadAllBytes(KeyFile);
        Assert.Equal(MasterKey.Length, bytes.Length);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));

        var second = MasterKey.OpenOrCreate(KeyFile);
        Assert.Equal(bytes, File.ReadAllBytes(KeyFile));
        Assert.Equal("the secret", second.Open(first.Seal("the secret", "KEY"), "KEY"));
        Assert.Equal([KeyFile], Directory.GetFiles(directory));
    }

    [Fact]
    public async Task Starts_that_race_end_with_one_key()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => MasterKey.OpenOrCreate(KeyFile))));
        var stored = keys[0].Seal("the secret", "KEY");
        Assert.All(keys, key => Assert.Equal("the secret", key.Open(stored, "KEY")));
        Assert.Equal([KeyFile], Directory.GetFiles(directory));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void A_file_that_is_open_to_others_is_refused_with_the_command_that_closes_it(UnixFileMode excess)
    {
        if (OperatingSystem.IsWindows()) return;
        MasterKey.OpenOrCreate(KeyFile);
        File.SetUnixFileMode(KeyFile, File.GetUnixFileMode(KeyFile) | excess);
        var wrong = Assert.Throws<InvalidDataException>(() => MasterKey.OpenOrCreate(KeyFile));
        Assert.Contains($"chmod 600 {KeyFile}", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_file_of_another_length_is_refused_and_left_alone(int length)
    {
        MasterKey.OpenOrCreate(KeyFile);
        File.WriteAllBytes(KeyFile, new byte[length]);
        Assert.Throws<InvalidDataException>(() => MasterKey.OpenOrCreate(KeyFile));
        Assert.Equal(length, new FileInfo(KeyFile).Length);
    }

    [Fact]
    public void Any_changed_byte_of_a_stored_secret_is_noticed()
    {
        var key = new MasterKey(new byte[MasterKey.Length]);
        var stored = key.Seal("the secret", "KEY");
        for (var i = 0; i < stored.Length; i++)
        {
            var altered = stored.ToArray();
            altered[i] ^= 1;
            Assert.Throws<InvalidDataException>(() => key.Open(altered, "KEY"));
        }
        for (var length = 0; length < stored.Length; length++)
            Assert.Throws<InvalidDataException>(() => key.Open(stored[..length], "KEY"));
    }

    [Fact]
    public void A_stored_secret_opens_only_for_its_own_access_key_and_under_its_own_master_key()
    {
        var key = new MasterKey(new byte[MasterKey.Length]);
        var stored = key.Seal("the secret", "KEY");
        Assert.Throws<InvalidDataException>(() => key.Open(stored, "KEZ"));
        var other = new MasterKey([.. Enumerable.Repeat((byte)1, MasterKey.Length)]);
        var wrong = Assert.Throws<InvalidDataException>(() => other.Open(stored, "KEY"));
        Assert.Contains("another master key", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_secret_is_never_sealed_alike_twice()
    {
        var key = new MasterKey(new byte[MasterKey.Length]);
        Assert.NotEqual(key.Seal("the secret", "KEY"), key.Seal("the secret", "KEY"));
    }

    /// <summary>Golden: stored forms may only grow, so what this version wrote must open for ever.</summary>
    [Fact]
    public void A_secret_stored_in_format_1_still_opens()
    {
        var key = new MasterKey([.. Enumerable.Range(0, MasterKey.Length).Select(i => (byte)i)]);
        var stored = Convert.FromHexString(GoldenSealed);
        Assert.Equal("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", key.Open(stored, "AKIAIOSFODNN7EXAMPLE"));
    }

    private const string GoldenSealed = "01b2dd5d3e852aedc26465666768696a6b6c6d6e6fab51d7fe8aa68c46db64569101a1f5c33f51bf0a0bb103ea50241aa5934a21ca0f864344cc439122df83ca21b8fae010d5a4108c0959de5d";
}
