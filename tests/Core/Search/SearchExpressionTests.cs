using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Search;
using ZenkoFunctions.Core.Tests.Objects;

namespace ZenkoFunctions.Core.Tests.Search;

/// <summary>Zenko's grammar: what can be read, what it means, and what is said of the rest.</summary>
public sealed class SearchExpressionTests
{
    private static readonly Bucket Bucket = new()
    {
        Name = "bucket", Id = "aaaaaaaaaaaaaaaa", OwnerId = "1", OwnerCanonicalId = "canonical", OwnerName = "owner", Created = DateTimeOffset.UnixEpoch,
    };

    private static readonly ObjectVersion Version = new()
    {
        Size = 1024,
        ETag = "d41d8cd98f00b204e9800998ecf8427e",
        Modified = new(2026, 4, 19, 18, 31, 49, 426, TimeSpan.Zero),
        Sequence = 1,
        Id = "id",
        Headers = new Dictionary<string, string> { ["Content-Type"] = "image/png" },
        Metadata = new Dictionary<string, string> { ["color"] = "blue", ["age"] = "5", ["empty"] = "", ["quote"] = "it's \"so\"", ["word"] = "LIKE" },
        Tags = new Dictionary<string, string> { ["type"] = "color", ["a.b"] = "dotted" },
        Body = BodyPlace.Nowhere,
    };

    private static bool Holds(string text) => SearchExpression.Parse(text).Value.Holds(new(Bucket, "photos/cat.JPG", Version, "here"));

    [Theory]
    [InlineData("key = photos/cat.JPG")]
    [InlineData("`key`='photos/cat.JPG'")]
    [InlineData("(key=\"photos/cat.JPG\")")]
    [InlineData("key LIKE \"cat\"")]
    [InlineData("key like \"/\\.jpe?g$/i\"")]
    [InlineData("key LIKE '^photos/c.t[.]'")]
    [InlineData("x-amz-meta-color=blue")]
    [InlineData("x-amz-meta-color != red")]
    [InlineData("x-amz-meta-color <> red")]
    [InlineData("x-amz-meta-absent != red")]
    [InlineData("x-amz-meta-absent = null")]
    [InlineData("x-amz-meta-absent >= NULL")]
    [InlineData("x-amz-meta-color != null")]
    [InlineData("x-amz-meta-color > aqua AND x-amz-meta-color < \"navy\"")]
    [InlineData("x-amz-meta-empty = \"\"")]
    [InlineData("x-amz-meta-empty < a")]
    [InlineData("x-amz-meta-quote = 'it\\'s \"so\"'")]
    [InlineData("x-amz-meta-quote = \"it's \\\"so\\\"\"")]
    [InlineData("x-amz-meta-word = 'LIKE'")]
    [InlineData("x-amz-meta-age = '5'")]
    [InlineData("x-amz-meta-age != 5")]
    [InlineData("tags.type=color")]
    [InlineData("tags.a.b='dotted'")]
    [InlineData("content-length=1024")]
    [InlineData("content-length = 0x400")]
    [InlineData("content-length > 1023.5 and content-length<=1.024e3")]
    [InlineData("content-length != '1024'")]
    [InlineData("content-length LIKE '.*' OR key LIKE 'c'")]
    [InlineData("content-type = image/png")]
    [InlineData("cache-control = ''")]
    [InlineData("last-modified >= \"2026-04-19T18:31:49.426Z\" AND last-modified < \"2026-04-20\"")]
    [InlineData("owner-id = canonical AND owner-display-name = owner")]
    [InlineData("dataStoreName = here")]
    [InlineData("x-amz-storage-class = STANDARD")]
    [InlineData("isDeleteMarker = null")]
    [InlineData("isDeleteMarker != true")]
    [InlineData("tags != 'x' AND tags != null")]
    [InlineData("replication-status = ''")]
    [InlineData("replicationInfo.backends.site != x")]
    [InlineData("key=x AND key=y OR key LIKE cat")]
    [InlineData("key LIKE cat OR key=x AND key=y")]
    [InlineData("key LIKE nothing OR (key LIKE cat AND (x-amz-meta-color=blue OR key=z))")]
    [InlineData("\tkey\nLIKE\r'cat' ")]
    [InlineData("= key photos/cat.JPG")]
    [InlineData("key LIKE 'an/ice-cream/' OR key LIKE 's/c'")]
    [InlineData("key LIKE '/photos\\/CAT/i'")]
    [InlineData("key LIKE '[x:]' OR key LIKE '[/:]cat'")]
    [InlineData("key LIKE '/ P H O T O S #x/ix'")]
    public void What_is_true_of_the_version(string text) => Assert.True(Holds(text));

    [Theory]
    [InlineData("key = cat")]
    [InlineData("key LIKE '^cat'")]
    [InlineData("key LIKE \"\\.jpg$\"")]
    [InlineData("x-amz-meta-color = null")]
    [InlineData("x-amz-meta-color > null")]
    [InlineData("x-amz-meta-absent < red")]
    [InlineData("x-amz-meta-absent LIKE '.*'")]
    [InlineData("x-amz-meta-age = 5")]
    [InlineData("x-amz-meta-age > 4")]
    [InlineData("content-length='1024'")]
    [InlineData("content-length LIKE '1024'")]
    [InlineData("isDeleteMarker = 'true'")]
    [InlineData("tags = 'x'")]
    [InlineData("(key=x OR key LIKE cat) AND key=y")]
    [InlineData("x-amz-meta-Color=blue")]
    public void What_is_not_true_of_the_version(string text) => Assert.False(Holds(text));

    [Theory]
    [InlineData("")]
    [InlineData("()")]
    [InlineData("key = ")]
    [InlineData("= 5")]
    [InlineData("key")]
    [InlineData("key = a key = b")]
    [InlineData("key = a b")]
    [InlineData("(key = a")]
    [InlineData("key = a)")]
    [InlineData("key = 'a")]
    [InlineData("5 = 5")]
    [InlineData("null = null")]
    [InlineData("key = key = key")]
    [InlineData("key = (key = a)")]
    [InlineData("key = a AND")]
    [InlineData("OR")]
    [InlineData("x-amz-meta-dog BETWEEN \"labrador\"")]
    [InlineData("key LIKE \"/((helloworld/\"")]
    [InlineData("key LIKE '['")]
    [InlineData("key LIKE '(?P<name>x)'")]
    public void What_cannot_be_read(string text)
    {
        var parsed = SearchExpression.Parse(text);
        Assert.Equal(text == "key" ? "Search param contains unknown attribute: key" : SearchExpression.Unreadable, parsed.Detail);
        Assert.Equal(Refusal.InvalidRequest, parsed.Refusal);
    }

    [Theory]
    [InlineData("`x-zma-meta-dog`=\"labrador\"", "x-zma-meta-dog")]
    [InlineData("x-zma-meta-dog LIKE \"labrador\"", "x-zma-meta-dog")]
    [InlineData("whatever=\"labrador\" AND key=x", "whatever")]
    [InlineData("`x-amz-meta-dog`=\"labrador\" OR madeUp=\"something\"OR `x-amz-meta-whatever`=\"ok\"", "madeUp")]
    [InlineData("size > 0", "size")]
    [InlineData("one=1 AND other=2", "other")]
    [InlineData("key AND other=2", "other")]
    [InlineData("other=2 AND key", "key")]
    public void A_name_that_is_no_field_s(string text, string name) =>
        Assert.Equal($"Search param contains unknown attribute: {name}", SearchExpression.Parse(text).Detail);

    [Theory]
    [InlineData("key LIKE '(a)\\1'", "without backtracking")]
    [InlineData("key LIKE '(?=a)b'", "without backtracking")]
    [InlineData("key LIKE '(?<!a)b'", "without backtracking")]
    [InlineData("key LIKE '(?>a+)b'", "without backtracking")]
    [InlineData("key LIKE '/a/g'", "flag 'g'")]
    [InlineData("key LIKE 5", "in quotes")]
    [InlineData("key LIKE '((a{100}){100}){100}'", "repetitions")]
    [InlineData("key LIKE 'a{99999999999999999999}'", "repetitions")]
    [InlineData("key LIKE '[[:alpha:]]'", "POSIX")]
    public void Patterns_that_are_refused_say_why(string text, string told) => Assert.Contains(told, SearchExpression.Parse(text).Detail);

    [Fact]
    public void What_is_too_long_is_refused()
    {
        Assert.Contains("8192", SearchExpression.Parse(new string(' ', 8193)).Detail);
        Assert.Contains("100 comparisons", SearchExpression.Parse(string.Join(" OR ", Enumerable.Repeat("key=a", 300))).Detail);
        Assert.Contains("1024", SearchExpression.Parse($"key LIKE '{new string('a', 1025)}'").Detail);
        Assert.Equal(SearchExpression.Unreadable, SearchExpression.Parse(new string('(', 8192)).Detail);
        Assert.Null(SearchExpression.Parse(string.Join(" OR ", Enumerable.Repeat("key=a", 100))).Refusal);
    }

    [Theory]
    [InlineData("(a+)+$")]
    [InlineData("(a|aa)+$")]
    [InlineData("(.*)*x")]
    [InlineData("(((a{10}){10}){10}){9}b")]
    [InlineData("(a?){999}a{9}b")]
    public void No_pattern_takes_for_ever(string pattern)
    {
        var expression = SearchExpression.Parse($"key LIKE '{pattern}'").Value;
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            Assert.False(expression.Holds(new(Bucket, new string('a', 1023) + "!", Version, "here")));
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            // It was given up in time.
        }
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(3));
    }

    [Theory]
    [InlineData("^abc", "abc")]
    [InlineData("^abc.*", "abc")]
    [InlineData("^abc*", "ab")]
    [InlineData("^abc+d", "abc")]
    [InlineData("^a\\.b\\/c\\d", "a.b/c")]
    [InlineData("^a|b", "")]
    [InlineData("abc", "")]
    [InlineData("/^abc/i", "")]
    [InlineData("/^abc/m", "")]
    [InlineData("^ab{0,1}", "a")]
    [InlineData("^a(bc)", "a")]
    [InlineData("^a😀?", "a")]
    public void A_pattern_may_say_how_texts_begin(string pattern, string prefix) => Assert.Equal(prefix, LikePattern.Parse(pattern).Value.Prefix);
}
