using System.Globalization;
using System.Net;

namespace ZenkoFunctions.Core.Access;

/// <summary>How a condition takes a key with several values.</summary>
internal enum Quantifier
{
    /// <summary>As one value: any of them will do.</summary>
    None,
    ForAnyValue,
    ForAllValues,
}

/// <summary>What an operator compares.</summary>
internal enum Comparison
{
    String,
    StringIgnoreCase,
    Like,
    Number,
    Date,
    Bool,
    Address,
    Arn,
    Null,
}

/// <summary>An operator: what it compares, which outcomes of the comparison hold, and whether it is the opposite.</summary>
/// <param name="Kind">What is compared.</param>
/// <param name="Signs">The signs of (request's value compared with the policy's) that hold.</param>
/// <param name="IsNegated">Whether it holds where none of the values match, and where the key is absent.</param>
internal sealed record ConditionOperator(Comparison Kind, string Signs = "=", bool IsNegated = false)
{
    private static readonly Dictionary<string, ConditionOperator> All = new(StringComparer.Ordinal)
    {
        ["StringEquals"] = new(Comparison.String),
        ["StringNotEquals"] = new(Comparison.String, IsNegated: true),
        ["StringEqualsIgnoreCase"] = new(Comparison.StringIgnoreCase),
        ["StringNotEqualsIgnoreCase"] = new(Comparison.StringIgnoreCase, IsNegated: true),
        ["StringLike"] = new(Comparison.Like),
        ["StringNotLike"] = new(Comparison.Like, IsNegated: true),
        ["BinaryEquals"] = new(Comparison.String),
        ["NumericEquals"] = new(Comparison.Number),
        ["NumericNotEquals"] = new(Comparison.Number, IsNegated: true),
        ["NumericLessThan"] = new(Comparison.Number, "<"),
        ["NumericLessThanEquals"] = new(Comparison.Number, "<="),
        ["NumericGreaterThan"] = new(Comparison.Number, ">"),
        ["NumericGreaterThanEquals"] = new(Comparison.Number, ">="),
        ["DateEquals"] = new(Comparison.Date),
        ["DateNotEquals"] = new(Comparison.Date, IsNegated: true),
        ["DateLessThan"] = new(Comparison.Date, "<"),
        ["DateLessThanEquals"] = new(Comparison.Date, "<="),
        ["DateGreaterThan"] = new(Comparison.Date, ">"),
        ["DateGreaterThanEquals"] = new(Comparison.Date, ">="),
        ["Bool"] = new(Comparison.Bool),
        ["IpAddress"] = new(Comparison.Address),
        ["NotIpAddress"] = new(Comparison.Address, IsNegated: true),
        ["ArnEquals"] = new(Comparison.Arn),
        ["ArnLike"] = new(Comparison.Arn),
        ["ArnNotEquals"] = new(Comparison.Arn, IsNegated: true),
        ["ArnNotLike"] = new(Comparison.Arn, IsNegated: true),
        ["Null"] = new(Comparison.Null),
    };

    /// <summary>Whether the policy's value may hold wildcards.</summary>
    public bool HasWildcards => Kind is Comparison.Like or Comparison.Arn;

    public static ConditionOperator? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>Whether the operator could ever be asked with that value of a policy.</summary>
    public bool Accepts(string value) => Kind switch
    {
        Comparison.Number => Number(value) is not null,
        Comparison.Date => Date(value) is not null,
        Comparison.Bool or Comparison.Null => bool.TryParse(value, out _),
        Comparison.Address => Network.Parse(value) is not null,
        _ => true,
    };

    /// <summary>Whether the comparison holds, the negation left aside.</summary>
    public bool Compare(string actual, string wanted, AccessRequest request) => Kind switch
    {
        Comparison.String => actual == wanted,
        Comparison.StringIgnoreCase => actual.Equals(wanted, StringComparison.OrdinalIgnoreCase),
        Comparison.Like or Comparison.Arn => Pattern.Matches(wanted, actual, request, ignoreCase: false),
        Comparison.Bool => actual.Equals(wanted, StringComparison.OrdinalIgnoreCase),
        Comparison.Number => Number(actual) is { } a && Number(wanted) is { } b && Sign(a.CompareTo(b)),
        Comparison.Date => Date(actual) is { } a && Date(wanted) is { } b && Sign(a.CompareTo(b)),
        Comparison.Address => IPAddress.TryParse(actual, out var address) && Network.Parse(wanted) is { } network && network.Has(address),
        _ => false,
    };

    private bool Sign(int order) => Signs.Contains(order < 0 ? '<' : order > 0 ? '>' : '=');

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A date as in 2026-01-31T12:00:00Z, or seconds since 1970.</summary>
    private static decimal? Date(string text)
    {
        if (Number(text) is { } seconds && text.Length > 4) return seconds;
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date)
            ? (date.UtcTicks - DateTime.UnixEpoch.Ticks) / (decimal)TimeSpan.TicksPerSecond
            : null;
    }
}

/// <summary>One key of a condition block.</summary>
internal sealed record ConditionLine(
    ConditionOperator Operator, Quantifier Quantifier, bool IfExists, string Key, IReadOnlyList<Pattern> Values)
{
    /// <summary>Whether it keeps a statement for everybody from being public: fixed values of a key that tells who or where from.</summary>
    public bool Narrows =>
        !Operator.IsNegated && !IfExists && Quantifier != Quantifier.ForAllValues && ConditionKeys.IsNarrowing(Key)
        && Operator.Kind is Comparison.String or Comparison.StringIgnoreCase or Comparison.Like or Comparison.Arn or Comparison.Address
        && Values.All(value => !value.HasVariables && IsFixed(value));

    public bool Holds(AccessRequest request)
    {
        var actual = request.Keys(Key);
        if (actual is { Count: 0 } && Quantifier == Quantifier.None) actual = null;
        if (Operator.Kind == Comparison.Null)
        {
            foreach (var value in Values)
                if (bool.TryParse(value.Resolve(request), out var absent) && absent == (actual is null)) return true;
            return false;
        }
        if (actual is null) return IfExists || Operator.IsNegated || Quantifier == Quantifier.ForAllValues;
        return Quantifier switch
        {
            Quantifier.ForAllValues => All(actual, request),
            Quantifier.ForAnyValue => Any(actual, request, Operator.IsNegated),
            // Negated: none of the request's values may match.
            _ => Operator.IsNegated ? !Any(actual, request, false) : Any(actual, request, false),
        };
    }

    private bool All(IReadOnlyList<string> actual, AccessRequest request)
    {
        foreach (var value in actual)
            if (Matches(value, request) == Operator.IsNegated) return false;
        return true;
    }

    private bool Any(IReadOnlyList<string> actual, AccessRequest request, bool negated)
    {
        foreach (var value in actual)
            if (Matches(value, request) != negated) return true;
        return false;
    }

    private bool Matches(string actual, AccessRequest request)
    {
        foreach (var value in Values)
            if (value.Resolve(request) is { } wanted && Operator.Compare(actual, wanted, request)) return true;
        return false;
    }

    /// <summary>AWS calls a network fixed from /8 (IPv4) and /32 (IPv6) on, and other values where no wildcard is in them.</summary>
    private bool IsFixed(Pattern value) => Operator.Kind == Comparison.Address
        ? Network.Parse(value.Source) is { IsNarrow: true }
        : !value.Source.AsSpan().ContainsAny('*', '?');
}

/// <summary>A network: an address and how many of its leading bits count.</summary>
internal sealed record Network(byte[] Address, int Bits)
{
    public bool IsNarrow => Bits >= (Address.Length == 4 ? 8 : 32);

    /// <summary>A network as in <c>10.0.0.0/8</c>, an address alone, IPv4 or IPv6; null for anything else.</summary>
    public static Network? Parse(string text)
    {
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address)) return null;
        var bytes = Bytes(address);
        if (slash < 0) return new(bytes, bytes.Length * 8);
        return int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits <= bytes.Length * 8
            ? new(bytes, bits)
            : null;
    }

    public bool Has(IPAddress address)
    {
        var other = Bytes(address);
        if (other.Length != Address.Length) return false;
        var whole = Bits / 8;
        if (!other.AsSpan(0, whole).SequenceEqual(Address.AsSpan(0, whole))) return false;
        return Bits % 8 == 0 || (other[whole] ^ Address[whole]) >> (8 - (Bits % 8)) == 0;
    }

    private static byte[] Bytes(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
}
