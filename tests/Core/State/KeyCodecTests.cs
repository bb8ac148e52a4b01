using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.State;

namespace ZenkoFunctions.Core.Tests.State;

public sealed class KeyCodecTests
{
    private const string Space = "oabcdefghij234567";
    private const char Kind = 'c';

    // Few letters, so that keys share heads; lengths around the multiples of seven and around the split; everything that
    // UTF-8 and UTF-16 order differently.
    private static readonly Gen<string> Letter = Gen.Frequency(
        (20, Gen.Elements("a", "b", "/")),
        (3, Gen.Elements("\0", "\u007f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U00010000", "\U0010ffff")),
        (1, Gen.Choose(1, 0x10ffff).Where(Rune.IsValid).Select(value => new Rune(value).ToString())));

    private static readonly Gen<string> Key =
        from head in Gen.Elements("", new string('a', 6), new string('a', 7), new string('a', 832), new string('a', 840), new string('a', 1000))
        from length in Gen.Choose(1, 24)
        from letters in Letter.ArrayOf(length)
        select Cut(head + string.Concat(letters));

    private static readonly Gen<(string A, string B)> Keys =
        from a in Key
        from b in Gen.OneOf(Key, Letter.Select(letter => Cut(a + letter)), Gen.Choose(1, a.Length).Select(n => Whole(a[..n])).Where(b => b != ""))
        select (a, b);

    [Fact]
    public void Rows_stand_in_the_order_of_the_keys_UTF8_bytes() => Check(Keys, pair =>
    {
        var (a, b) = (KeyCodec.Address(Space, pair.A), KeyCodec.Address(Space, pair.B));
        var expected = Math.Sign(Order(pair.A, pair.B));
        return Math.Sign(a.Row(Kind, "1").CompareTo(b.Row(Kind, "1"))) == expected
            && (expected == 0 || Math.Sign(a.Row(Kind, "z9").CompareTo(b.Row(Kind))) == expected);
    });

    [Fact]
    public void Different_keys_never_share_a_row() => Check(Keys, pair =>
        pair.A == pair.B == (KeyCodec.Address(Space, pair.A).Row(Kind) == KeyCodec.Address(Space, pair.B).Row(Kind)));

    [Fact]
    public void A_row_tells_its_key_and_its_tail() => Check(
        from key in Key from tail in Gen.Elements("", "0", "8", "1-x", "~", new string('z', KeyCodec.TailUnits)) select (key, tail), it =>
    {
        var row = KeyCodec.Address(Space, it.key).Row(Kind, it.tail);
        return KeyCodec.Key(Space, row.Partition, row.Row) == it.key && KeyCodec.Tail(row.Row) == it.tail;
    });

    [Fact]
    public void Names_keep_the_bounds_of_every_engine() => Check(Key, key =>
    {
        var row = KeyCodec.Address(new string('s', KeyCodec.SpaceUnits), key).Row(Kind, new string('z', KeyCodec.TailUnits));
        TableLimits.Check(row.Partition, [Change.Delete(row.Row, Condition.Any)]);
        return true;
    });

    [Fact]
    public void A_prefix_range_holds_exactly_the_keys_with_that_prefix() => Check(
        from keys in Keys from length in Gen.Choose(0, 1024) select (keys.A, Prefix: Whole(keys.B[..Math.Min(length, keys.B.Length)])), it =>
        Holds(KeyCodec.Prefix(Space, Kind, it.Prefix), it.A) == it.A.StartsWith(it.Prefix, StringComparison.Ordinal));

    [Fact]
    public void Bounds_fall_exactly_at_and_after_a_key() => Check(Keys, pair =>
    {
        var row = KeyCodec.Address(Space, pair.A).Row(Kind, "7");
        var order = Order(pair.A, pair.B);
        return row >= KeyCodec.From(Space, Kind, pair.B) == order >= 0
            && row >= KeyCodec.After(Space, Kind, pair.B) == order > 0
            && row >= KeyCodec.AfterPrefix(Space, Kind, pair.B)
                == (order > 0 && !pair.A.StartsWith(pair.B, StringComparison.Ordinal));
    });

    [Fact]
    public void A_marker_beyond_the_longest_key_stands_after_the_keys_it_extends()
    {
        var longest = new string('k', 1024);
        var row = KeyCodec.Address(Space, longest).Row(Kind);
        Assert.True(row < KeyCodec.From(Space, Kind, longest + "aa"));
        Assert.True(row < KeyCodec.After(Space, Kind, longest + "aa"));
        Assert.True(KeyCodec.Address(Space, longest[1..] + "l").Row(Kind) > KeyCodec.After(Space, Kind, longest + "aa"));
        Assert.False(Holds(KeyCodec.Prefix(Space, Kind, longest + "aa"), longest));
    }

    [Fact]
    public void Six_letters_and_six_letters_with_a_zero_behind_them_differ() =>
        Assert.NotEqual(KeyCodec.Address(Space, "aaaaaa"), KeyCodec.Address(Space, "aaaaaa\0"));

    // Golden: what is stored must be found by every later version.
    [Theory]
    [InlineData("a", "s\u6640\u4e00\u4e00\u4e001")]
    [InlineData("photos/", "s\u6a1a\u54f7\u5fbd\u812f7")]
    public void The_encoding_stays_as_it_is(string key, string partition) =>
        Assert.Equal(new KeyAddress(partition, ""), KeyCodec.Address("s", key));

    [Fact]
    public void A_long_key_continues_in_the_row_name()
    {
        var address = KeyCodec.Address("s", new string('\0', 840) + "a");
        Assert.Equal("s" + new string('\u4e00', 480) + "8", address.Partition);
        Assert.Equal("\u6640\u4e00\u4e00\u4e001", address.Rest);
    }

    [Fact]
    public void Keys_that_are_empty_too_long_or_half_a_surrogate_pair_are_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => KeyCodec.Address(Space, ""));
        Assert.ThrowsAny<ArgumentException>(() => KeyCodec.Address(Space, new string('a', 1025)));
        Assert.ThrowsAny<ArgumentException>(() => KeyCodec.Address(Space, "a\ud800"));
    }

    private static bool Holds(KeyRange range, string key)
    {
        var row = KeyCodec.Address(Space, key).Row(Kind, "3");
        return row >= range.From && row < range.To;
    }

    private static int Order(string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));

    private static string Cut(string key)
    {
        while (Encoding.UTF8.GetByteCount(key) > 1024) key = Whole(key[..^1]);
        return key;
    }

    // Not ending in half a pair.
    private static string Whole(string key) => key.Length > 0 && char.IsHighSurrogate(key[^1]) ? key[..^1] : key;

    private static void Check<T>(Gen<T> gen, Func<T, bool> holds) =>
        Prop.ForAll(gen.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
