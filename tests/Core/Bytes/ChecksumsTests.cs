using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Core.Tests.Bytes;

public sealed class ChecksumsTests
{
    private static readonly byte[] Digits = Encoding.ASCII.GetBytes("123456789");

    [Theory]
    [InlineData(ChecksumAlgorithm.Crc32, "cbf43926")]
    [InlineData(ChecksumAlgorithm.Crc32C, "e3069283")]
    [InlineData(ChecksumAlgorithm.Crc64Nvme, "ae8b14860a799888")]
    [InlineData(ChecksumAlgorithm.Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441")]
    [InlineData(ChecksumAlgorithm.Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225")]
    [InlineData(ChecksumAlgorithm.Sha512, "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a"
        + "d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85")]
    [InlineData(ChecksumAlgorithm.Md5, "25f9e794323b453885f5181f1b624d0b")]
    [InlineData(ChecksumAlgorithm.XxHash64, "8cb841db40e6ae83")]
    [InlineData(ChecksumAlgorithm.XxHash3, "72dcb18b67a17dff")]
    [InlineData(ChecksumAlgorithm.XxHash128, "33119477ede5dcd5e9716427681d5860")]
    public void The_check_value_of_the_nine_digits_is_right(ChecksumAlgorithm algorithm, string expected)
    {
        using var digest = Checksums.Start(algorithm);
        digest.Append(Digits.AsSpan(0, 4));
        digest.Append(Digits.AsSpan(4));
        var value = digest.Finish();
        Assert.Equal(expected, Hex.Of(value));
        Assert.Equal(Checksums.Of(algorithm).Length, value.Length);
    }

    [Fact]
    public void The_table_has_every_algorithm_at_its_place()
    {
        Assert.Equal(Enum.GetValues<ChecksumAlgorithm>(), Checksums.All.Select(spec => spec.Algorithm));
        Assert.Equal(
            ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"],
            Checksums.All.Select(spec => spec.Name));
        foreach (var spec in Checksums.All)
        {
            Assert.True(Checksums.TryParse(spec.Name.ToLowerInvariant(), out ChecksumAlgorithm found));
            Assert.Equal(spec.Algorithm, found);
            using var digest = spec.Start();
            Assert.Equal(spec.Length, digest.Finish().Length);
            Assert.Equal(spec.Crc is not null, spec.FullObject);
        }
        Assert.Equal("x-amz-checksum-crc64nvme", Checksums.Of(ChecksumAlgorithm.Crc64Nvme).Header);
        Assert.Equal("ChecksumXXHASH3", Checksums.Of(ChecksumAlgorithm.XxHash3).Element);
        Assert.False(Checksums.TryParse("CRC16", out ChecksumAlgorithm _));
        Assert.False(Checksums.TryParse(null, out ChecksumAlgorithm _));
    }

    [Fact]
    public void Multipart_uploads_may_ask_for_the_types_that_aws_allows()
    {
        Assert.True(Checksums.Of(ChecksumAlgorithm.Crc64Nvme).Allows(ChecksumType.FullObject));
        Assert.False(Checksums.Of(ChecksumAlgorithm.Crc64Nvme).Allows(ChecksumType.Composite));
        Assert.Equal(ChecksumType.FullObject, Checksums.Of(ChecksumAlgorithm.Crc64Nvme).DefaultType);
        Assert.True(Checksums.Of(ChecksumAlgorithm.Crc32).Allows(ChecksumType.FullObject));
        Assert.Equal(ChecksumType.Composite, Checksums.Of(ChecksumAlgorithm.Crc32).DefaultType);
        Assert.False(Checksums.Of(ChecksumAlgorithm.XxHash128).Allows(ChecksumType.FullObject));
        Assert.True(Checksums.TryParse("full_object", out ChecksumType type));
        Assert.Equal(ChecksumType.FullObject, type);
        Assert.True(Checksums.TryParse("COMPOSITE", out type));
        Assert.Equal(ChecksumType.Composite, type);
        Assert.False(Checksums.TryParse("PARTIAL", out type));
    }

    [Fact]
    public void Folding_and_the_table_agree_for_every_length_and_offset()
    {
        var bytes = new byte[1200];
        new Random(7).NextBytes(bytes);
        foreach (var crc in new[] { Crc.Crc32, Crc.Crc32C, Crc.Crc64Nvme })
        {
            for (var length = 0; length <= 1100; length++)
            {
                var span = bytes.AsSpan(length % 37, length);
                Assert.Equal(crc.UpdateByTable(crc.Start, span), crc.Update(crc.Start, span));
                Assert.Equal(crc.UpdateByTable(0x1234567, span), crc.Update(0x1234567, span));
            }
        }
    }

    [Fact]
    public void Checksums_of_parts_combine_to_that_of_the_whole() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<byte[][]>(),
        parts =>
        {
            var whole = parts.SelectMany(part => part).ToArray();
            foreach (var spec in Checksums.All.Where(spec => spec.FullObject))
            {
                var combined = Checksums.Combine(spec.Algorithm, parts.Select(part => (DigestOf(spec, part), (long)part.Length)));
                Assert.Equal(Checksums.FullObject(spec.Algorithm, DigestOf(spec, whole)), combined);
            }
        }));

    [Fact]
    public void Combining_counts_the_bytes_of_parts_far_larger_than_memory()
    {
        // A run of zeros doubles: the checksum of 2^43 zero bytes, once by doubling and once by unequal parts.
        foreach (var crc in new[] { Crc.Crc32, Crc.Crc32C, Crc.Crc64Nvme })
        {
            var doubled = crc.Of(new byte[1]);
            var length = 1L;
            var odd = doubled;
            for (; length < 1L << 43; length *= 2) doubled = crc.Combine(doubled, doubled, length);
            foreach (var part in new[] { 1L, 2, 4, 8 })
            {
                var run = crc.Of(new byte[1]);
                for (var n = 1L; n < part; n *= 2) run = crc.Combine(run, run, n);
                odd = crc.Combine(odd, run, part);
            }
            Assert.Equal(crc.Of(new byte[16]), odd);
            Assert.Equal(crc.Combine(doubled, odd, 16), crc.Combine(odd, doubled, length));
        }
    }

    [Fact]
    public void Only_crcs_can_be_combined() => Assert.Throws<ArgumentException>(
        () => Checksums.Combine(ChecksumAlgorithm.Sha256, [(new byte[32], 1)]));

    [Fact]
    public void A_composite_checksum_is_over_the_parts_digests_and_counts_them()
    {
        byte[][] parts = [SHA256.HashData("a"u8), SHA256.HashData("b"u8)];
        var expected = Convert.ToBase64String(SHA256.HashData([.. parts[0], .. parts[1]])) + "-2";
        var composite = Checksums.Composite(ChecksumAlgorithm.Sha256, parts);
        Assert.Equal(new Checksum(ChecksumAlgorithm.Sha256, ChecksumType.Composite, expected), composite);
    }

    [Theory]
    [InlineData("y/Q5Jg==", true)]
    [InlineData("y/Q5Jg=", false)]
    [InlineData("y/Q5JgA=", false)]
    [InlineData("y/Q5Jg==-2", false)]
    [InlineData(" y/Q5Jg=", false)]
    [InlineData("y/Q5J\n==", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Announced_values_must_be_base64_of_the_digests_length(string? value, bool valid)
    {
        Assert.Equal(valid, Checksums.TryDecode(ChecksumAlgorithm.Crc32, value, out var digest));
        if (valid) Assert.Equal("cbf43926", Hex.Of(digest));
    }

    [Fact]
    public void Hex_is_written_in_lower_case_and_read_in_either()
    {
        Assert.Equal("00ab", Hex.Of([0, 0xAB]));
        Assert.Equal([0, 0xAB], Hex.Parse("00aB"));
        Assert.Null(Hex.Parse("0"));
        Assert.Null(Hex.Parse("0g"));
    }

    private static byte[] DigestOf(ChecksumSpec spec, byte[] bytes)
    {
        using var digest = spec.Start();
        digest.Append(bytes);
        return digest.Finish();
    }
}
