using System.IO.Hashing;
using System.Text;

namespace ZenkoFunctions.Core.Tests.Bytes;

/// <summary>
/// The vectors are those with which the reference implementation checks itself: a buffer whose bytes are the top bytes of
/// powers of a prime, of several lengths, with and without a seed.
/// </summary>
public sealed class XxHashTests
{
    private const ulong Prime64 = 0x9E3779B185EBCA8D;
    private const ulong Prime32 = 0x9E3779B1;

    public static TheoryData<int, ulong, ulong> Xxh3Vectors => new()
    {
        { 0, 0, 0x2D06800538D394C2 },
        { 0, Prime64, 0xA8A6B918B2F0364A },
        { 1, 0, 0xC44BDFF4074EECDB },
        { 1, Prime64, 0x032BE332DD766EF8 },
        { 2, 0, 0x7A9978044CB8A8BB },
        { 2, Prime64, 0x764B35C90519AD88 },
        { 3, 0, 0x54247382A8D6B94D },
        { 3, Prime64, 0x634B8990B4976373 },
        { 4, 0, 0xE5DC74BC51848A51 },
        { 4, Prime64, 0xAA2E7ECCB0C8F747 },
        { 6, 0, 0x27B56A84CD2D7325 },
        { 6, Prime64, 0x84589C116AB59AB9 },
        { 8, 0, 0x24CCC9ACAA9F65E4 },
        { 8, Prime64, 0x8F973410999B8F6B },
        { 9, 0, 0x14D5001C15DD3F2B },
        { 9, Prime64, 0xB3AE7333D9013F60 },
        { 12, 0, 0xA713DAF0DFBB77E7 },
        { 12, Prime64, 0xE7303E1B2336DE0E },
        { 16, 0, 0x981B17D36C7498C9 },
        { 16, Prime64, 0x663F29333B4DB6B1 },
        { 17, 0, 0x796F5ACD3A60F862 },
        { 17, Prime64, 0xF3EC5067F4306DB3 },
        { 24, 0, 0xA3FE70BF9D3510EB },
        { 24, Prime64, 0x850E80FC35BDD690 },
        { 48, 0, 0x397DA259ECBA1F11 },
        { 48, Prime64, 0xADC2CBAA44ACC616 },
        { 80, 0, 0xBCDEFBBB2C47C90A },
        { 80, Prime64, 0xC6DD0CB699532E73 },
        { 128, 0, 0xFCFF24126754D861 },
        { 128, Prime64, 0x73FDE75280646649 },
        { 129, 0, 0x98F1B0A679A2CA29 },
        { 129, Prime64, 0x21FFFDBCA099C844 },
        { 195, 0, 0xCD94217EE362EC3A },
        { 195, Prime64, 0xBA68003D370CB3D9 },
        { 240, 0, 0x81C3C2B67F568CCF },
        { 240, Prime64, 0xCC0F58C27EF3D8EE },
        { 241, 0, 0xC5A639ECD2030E5E },
        { 241, Prime64, 0xDDA9B0A161D4829A },
        { 403, 0, 0xCDEB804D65C6DEA4 },
        { 403, Prime64, 0x6259F6ECFD6443FD },
        { 512, 0, 0x617E49599013CB6B },
        { 512, Prime64, 0x3CE457DE14C27708 },
        { 1023, 0, 0x87A8F7B2F2E22496 },
        { 1023, Prime64, 0x0F0F02DE8590E1B5 },
        { 1024, 0, 0xDD85C9B5C1109C5C },
        { 1024, Prime64, 0xEF368A8A2EBABAEF },
        { 1025, 0, 0xD870C0FA13211C6A },
        { 1025, Prime64, 0x96792BCF9AF88519 },
        { 2048, 0, 0xDD59E2C3A5F038E0 },
        { 2048, Prime64, 0x66F81670669ABABC },
        { 2049, 0, 0xD3AFA4329779B921 },
        { 2049, Prime64, 0xE48083836CD58024 },
        { 2240, 0, 0x6E73A90539CF2948 },
        { 2240, Prime64, 0x757BA8487D1B5247 },
        { 2367, 0, 0xCB37AEB9E5D361ED },
        { 2367, Prime64, 0xD2DB3415B942B42A },
        { 4160, 0, 0x4F323B15321E94E1 },
        { 4160, Prime64, 0x1BF6F5FAF9EECABD },
    };

    public static TheoryData<int, ulong, ulong, ulong> Xxh128Vectors => new()
    {
        { 0, 0, 0x6001C324468D497F, 0x99AA06D3014798D8 },
        { 0, Prime32, 0x5444F7869C671AB0, 0x92220AE55E14AB50 },
        { 1, 0, 0xC44BDFF4074EECDB, 0xA6CD5E9392000F6A },
        { 1, Prime32, 0xB53D5557E7F76F8D, 0x89B99554BA22467C },
        { 2, 0, 0x7A9978044CB8A8BB, 0x76750C3C7BF95668 },
        { 2, Prime32, 0x8295910C7638B180, 0x8B75A791EC034873 },
        { 3, 0, 0x54247382A8D6B94D, 0x20EFC49FF02422EA },
        { 3, Prime32, 0xF173D14DAD53A5DC, 0x48F82C2FE0ABD468 },
        { 4, 0, 0x2E7D8D6876A39FE9, 0x970D585AC632BF8E },
        { 4, Prime32, 0xEF78D5C489CFE10B, 0x7170492A2AA08992 },
        { 6, 0, 0x3E7039BDDA43CFC6, 0x082AFE0B8162D12A },
        { 6, Prime32, 0x269D8F70BE98856E, 0x5A865B5389ABD2B1 },
        { 8, 0, 0x64C69CAB4BB21DC5, 0x47A7F080D82BB456 },
        { 8, Prime32, 0x5F462F3DE2E8B940, 0xF959013232655FF1 },
        { 9, 0, 0xED7CCBC501EB7501, 0x564EF6078950D457 },
        { 9, Prime32, 0x07DE00B45EEE033A, 0x75FB6D1BD353B45C },
        { 12, 0, 0x061A192713F69AD9, 0x6E3EFD8FC7802B18 },
        { 12, Prime32, 0x9BE9F9A67F3C7DFB, 0xD7E09D518A3405D3 },
        { 16, 0, 0x562980258A998629, 0xC68C368ECF8A9C05 },
        { 16, Prime32, 0xB07EEEAB4C56392B, 0x3767C90D0CDBB93D },
        { 17, 0, 0xABBC12D11973D7DB, 0x955FA78643ED3669 },
        { 17, Prime32, 0x3CC9FF6CAE79ACCB, 0x99E7C628E75D6431 },
        { 24, 0, 0x1E7044D28B1B901D, 0x0CE966E4678D3761 },
        { 24, Prime32, 0xD7304C54EBAD40A9, 0x3162026714A6A243 },
        { 48, 0, 0xF942219AED80F67B, 0xA002AC4E5478227E },
        { 48, Prime32, 0x7BA3C3E453A1934E, 0x163ADDE36C072295 },
        { 80, 0, 0x454AE6BF7A8A532D, 0xFDF2CEFDE9EAAC8A },
        { 80, Prime32, 0x7ABFEBDF2326DFF0, 0x27F9BE94EF318D63 },
        { 128, 0, 0xEBB15E34A7FB5AB1, 0x39992220E045260A },
        { 128, Prime32, 0x1453819941D93C1D, 0x98801187DF8D614D },
        { 129, 0, 0x86C9E3BC8F0A3B5C, 0x03815FC91F1B30B6 },
        { 129, Prime32, 0xB37B716F66B40F02, 0xB7F7349A47B39E56 },
        { 195, 0, 0x3FB593C086A66075, 0x7729543A26B207EE },
        { 195, Prime32, 0x6447716EBBD2DA99, 0xC45384C328326617 },
        { 240, 0, 0x5C9AAE94C8EBE5A0, 0xAA4202DAA2769DC8 },
        { 240, Prime32, 0xCA19087F1D335DAE, 0xDA888104BEAE5AE0 },
        { 241, 0, 0xC5A639ECD2030E5E, 0x99A80ECF0ECFC647 },
        { 241, Prime32, 0x5927E3637BAC8149, 0x4BF2229C3A8FC3C3 },
        { 403, 0, 0xCDEB804D65C6DEA4, 0x1B6DE21E332DD73D },
        { 403, Prime32, 0x1FEF87BD75DBE404, 0x1EF41459552CB839 },
        { 512, 0, 0x617E49599013CB6B, 0x18D2D110DCC9BCA1 },
        { 512, Prime32, 0x545F610E9F5A78EC, 0x06EEB0D56508040F },
        { 1023, 0, 0x87A8F7B2F2E22496, 0xE8083E4D83214C3C },
        { 1023, Prime32, 0xC38922D5971CD2D7, 0xFBD299789B9A9759 },
        { 1024, 0, 0xDD85C9B5C1109C5C, 0x0D30D24071C64C57 },
        { 1024, Prime32, 0xB8B95C07CD4A75FA, 0x885B0B4DEBE3D2FF },
        { 1025, 0, 0xD870C0FA13211C6A, 0xFD3EE4FE7F2954C6 },
        { 1025, Prime32, 0x2F15255340AE4F6C, 0x3364FAD6F5FF1741 },
        { 2048, 0, 0xDD59E2C3A5F038E0, 0xF736557FD47073A5 },
        { 2048, Prime32, 0x230D43F30206260B, 0x7FB03F7E7186C3EA },
        { 2049, 0, 0xD3AFA4329779B921, 0x4CD2BD192F2D70BD },
        { 2049, Prime32, 0x60E0F49946D79DAF, 0x782BC6262B86BFE8 },
        { 2240, 0, 0x6E73A90539CF2948, 0xCCB134FBFA7CE49D },
        { 2240, Prime32, 0xED385111126FBA6F, 0x50A1FE17B338995F },
        { 2367, 0, 0xCB37AEB9E5D361ED, 0xE89C0F6FF369B427 },
        { 2367, Prime32, 0x6F5360AE69C2F406, 0xD23AAE4B76C31ECB },
        { 4160, 0, 0x4F323B15321E94E1, 0x67140711C1E3E335 },
        { 4160, Prime32, 0x71C9218C2DC48FF4, 0x82466B99FEB516A4 },
    };

    public static TheoryData<int, ulong, ulong> Xxh64Vectors => new()
    {
        { 0, 0, 0xEF46DB3751D8E999 },
        { 0, Prime32, 0xAC75FDA2929B17EF },
        { 1, 0, 0xE934A84ADB052768 },
        { 1, Prime32, 0x5014607643A9B4C3 },
        { 4, 0, 0x9136A0DCA57457EE },
        { 4, Prime32, 0xCAAB286BD8E9FDB5 },
        { 14, 0, 0x8282DCC4994E35C8 },
        { 14, Prime32, 0xC3BD6BF63DEB6DF0 },
        { 31, 0, 0x299B39A290E6D783 },
        { 31, Prime32, 0xDA673D5FEB5C1D79 },
        { 32, 0, 0x18B216492BB44B70 },
        { 32, Prime32, 0xB3F33BDF93ADE409 },
        { 33, 0, 0x55C8DC3E578F5B59 },
        { 33, Prime32, 0xE92C292F64BC3071 },
        { 63, 0, 0xA9EFBE0FA0F3F4E7 },
        { 63, Prime32, 0x6C911FADB05B6FC2 },
        { 64, 0, 0xEF558F8ACAC2B5CD },
        { 64, Prime32, 0xB5EEBA99264CC44F },
        { 222, 0, 0xB641AE8CB691C174 },
        { 222, Prime32, 0x20CB8AB7AE10C14A },
        { 1000, 0, 0x52BD1358F22E9EF7 },
        { 1000, Prime32, 0x72751A2408017E26 },
    };

    [Theory]
    [MemberData(nameof(Xxh3Vectors))]
    public void Xxh3_gives_the_references_values(int length, ulong seed, ulong expected) =>
        Assert.Equal(expected, XxHash3.HashToUInt64(SanityBuffer(length), (long)seed));

    [Theory]
    [MemberData(nameof(Xxh128Vectors))]
    public void Xxh128_gives_the_references_values(int length, ulong seed, ulong low, ulong high) =>
        Assert.Equal(new UInt128(high, low), XxHash128.HashToUInt128(SanityBuffer(length), (long)seed));

    [Theory]
    [MemberData(nameof(Xxh64Vectors))]
    public void Xxh64_gives_the_references_values(int length, ulong seed, ulong expected) =>
        Assert.Equal(expected, XxHash64.HashToUInt64(SanityBuffer(length), (long)seed));

    [Theory]
    [InlineData(0)]
    [InlineData(42)]
    public void Pieces_give_the_same_as_the_whole(long seed)
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var bytes = SanityBuffer(random.Next(5000));
            NonCryptographicHashAlgorithm[] hashes =
                [new XxHash64(seed), new XxHash3(seed), new XxHash128(seed), new Crc32(), new Crc64()];
            byte[][] whole = [XxHash64.Hash(bytes, seed), XxHash3.Hash(bytes, seed), XxHash128.Hash(bytes, seed),
                Crc32.Hash(bytes), Crc64.Hash(bytes)];
            for (var at = 0; at < bytes.Length;)
            {
                var next = Math.Min(bytes.Length, at + random.Next(1, random.Next(2, 3000)));
                foreach (var hash in hashes)
                {
                    hash.Append(bytes.AsSpan(at..next));
                    _ = hash.GetCurrentHash(); // must not disturb what follows
                }
                at = next;
            }
            for (var i = 0; i < hashes.Length; i++)
            {
                Assert.Equal(whole[i], hashes[i].GetHashAndReset());
                hashes[i].Append(bytes);
                Assert.Equal(whole[i], hashes[i].GetCurrentHash());
            }
        }
    }

    [Fact]
    public void Crcs_of_the_package_have_their_check_values()
    {
        var check = Encoding.ASCII.GetBytes("123456789");
        Assert.Equal(0xCBF43926, Crc32.HashToUInt32(check));
        Assert.Equal([0x26, 0x39, 0xF4, 0xCB], Crc32.Hash(check)); // little-endian
        Assert.Equal(0x6C40DF5F0B497347u, Crc64.HashToUInt64(check));
        Assert.Equal([0x6C, 0x40, 0xDF, 0x5F, 0x0B, 0x49, 0x73, 0x47], Crc64.Hash(check));
    }

    [Fact]
    public async Task Streams_and_short_destinations_are_treated_as_the_package_does()
    {
        var bytes = SanityBuffer(200_000);
        var hash = new XxHash3();
        hash.Append(new MemoryStream(bytes));
        var digest = new byte[8];
        Assert.Equal(8, hash.GetCurrentHash(digest));
        Assert.Equal(XxHash3.Hash(bytes), digest);
        Assert.False(hash.TryGetCurrentHash(new byte[7], out var written));
        Assert.Equal(0, written);
        Assert.Throws<ArgumentException>(() => hash.GetCurrentHash(new byte[7]));
        Assert.Throws<ArgumentException>(() => hash.GetHashAndReset(new byte[7]));
        Assert.Equal(8, hash.GetHashAndReset(digest));
        await hash.AppendAsync(new MemoryStream(bytes));
        Assert.Equal(digest, hash.GetCurrentHash());
        Assert.Equal(8, hash.HashLengthInBytes);
        Assert.False(XxHash3.TryHash(bytes, new byte[7], out _));
        Assert.Throws<ArgumentException>(() => XxHash3.Hash(bytes, new byte[7]));
    }

    private static byte[] SanityBuffer(int length)
    {
        var bytes = new byte[length];
        var power = Prime32;
        for (var i = 0; i < length; i++, power *= Prime64) bytes[i] = (byte)(power >> 56);
        return bytes;
    }
}
