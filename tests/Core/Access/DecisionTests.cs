using ZenkoFunctions.Core.Access;

namespace ZenkoFunctions.Core.Tests.Access;

/// <summary>The cases of <c>Decisions.txt</c>, a line each.</summary>
public sealed class DecisionTests
{
    private static readonly string RootId = new('a', 64), AltId = new('b', 64);

    private static readonly Dictionary<string, Caller> Callers = new()
    {
        ["root"] = new() { AccountId = "000000000001", CanonicalId = RootId, Arn = "arn:aws:iam::000000000001:root" },
        ["alt"] = new() { AccountId = "000000000002", CanonicalId = AltId, Arn = "arn:aws:iam::000000000002:root" },
        ["anon"] = Caller.Anonymous,
        ["user"] = new() { AccountId = "000000000001", CanonicalId = RootId, Arn = "arn:aws:iam::000000000001:user/ann", Policies = [] },
        ["altuser"] = new() { AccountId = "000000000002", CanonicalId = AltId, Arn = "arn:aws:iam::000000000002:user/al", Policies = [] },
        ["session"] = new() { AccountId = "000000000001", CanonicalId = RootId, Arn = "arn:aws:sts::000000000001:assumed-role/r/s", Policies = [] },
    };

    private static readonly Dictionary<string, string> Parties = new()
    {
        ["root"] = RootId, ["alt"] = AltId, ["anon"] = Party.Anonymous.CanonicalId,
    };

    private static readonly Dictionary<string, string> Groups = new()
    {
        ["all"] = AclGroups.AllUsers, ["auth"] = AclGroups.AuthenticatedUsers, ["logs"] = AclGroups.LogDelivery,
    };

    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Access", "Decisions.txt"));

    private static readonly Dictionary<string, string> Documents = Lines
        .Where(line => line.StartsWith("policy ", StringComparison.Ordinal)).Select(line => line.Split(' ', 3)).ToDictionary(p => p[1], p => p[2]);

    public static TheoryData<string> Cases =>
        [.. Lines.Where(line => line.Length > 0 && line[0] != '#' && !line.StartsWith("policy ", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_decided_as_the_line_says(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (expected, caller, action, key) = (words[0], Callers[words[1]], words[2], words[3]);
        var facts = words[4..].Select(word => word.Split('=', 2)).ToDictionary(w => w[0], w => w.ElementAtOrDefault(1) ?? "", StringComparer.OrdinalIgnoreCase);
        caller = caller with
        {
            Policies = facts.TryGetValue("ip", out var own) ? [.. own.Split(',').Select(name => Read(name, PolicyKind.Identity))] : caller.Policies,
            SessionPolicy = facts.TryGetValue("sp", out var session) ? Read(session, PolicyKind.Identity) : null,
        };
        var block = facts.GetValueOrDefault("block");
        var bucket = key == "*" ? null : new BucketFacts
        {
            OwnerId = "000000000001",
            OwnerCanonicalId = RootId,
            Policy = facts.TryGetValue("bp", out var policy) ? Read(policy, PolicyKind.Bucket) : null,
            OwnerMayLockItselfOut = facts.ContainsKey("lock"),
            Acl = List(facts.GetValueOrDefault("bacl")),
            Block = new(false, block == "ignore", false, block == "restrict"),
            Ownership = facts.TryGetValue("own", out var ownership) ? Enum.Parse<Ownership>(ownership) : default,
        };
        var target = bucket is null || key == "-" ? null
            : new ObjectFacts(Parties[facts.GetValueOrDefault("oowner", "root")], List(facts.GetValueOrDefault("oacl")));
        var request = new AccessRequest(
            caller, action, key switch { "*" => "arn:aws:s3:::*", "-" => "arn:aws:s3:::bkt", _ => "arn:aws:s3:::bkt/" + key },
            name => facts.TryGetValue(name, out var value) ? value.Split('|') : null);

        Assert.Equal(expected, Decision.Of(request, bucket, target, facts.ContainsKey("ownwrite")).ToString().ToLowerInvariant());
    }

    public static TheoryData<string> Costly => new()
    {
        "\"aws:Referer\":\"*" + new string('a', 8_000) + "b\"",
        "\"aws:Referer\":[" + string.Join(',', Enumerable.Repeat("\"*${aws:UserAgent}b\"", 800)) + "]",
        "\"aws:Referer\":\"" + string.Concat(Enumerable.Repeat("${aws:UserAgent}", 1_000)) + "\"",
    };

    [Theory, MemberData(nameof(Costly))]
    public void What_would_take_minutes_to_decide_is_denied_at_once(string condition)
    {
        const string Rest = "\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::bkt/*\"";
        var policy = Policy.Parse(
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"," + Rest + "},{\"Effect\":\"Deny\"," + Rest
            + ",\"Condition\":{\"StringLike\":{" + condition + "}}}]}", PolicyKind.Bucket, "bkt").Value;
        var facts = new BucketFacts { OwnerId = "000000000001", OwnerCanonicalId = RootId, Policy = policy };
        string Ask(string text) => Decision.Of(new(Caller.Anonymous, "s3:GetObject", "arn:aws:s3:::bkt/k", key => key.StartsWith("aws:", StringComparison.Ordinal) ? [text] : null), facts, null).ToString();

        Assert.Equal("Allowed", Ask("Mozilla/5.0"));
        // Judged to its end, the denial would turn out not to match.
        Assert.Equal("Denied", Ask(new string('a', 15_000)));
    }

    [Fact]
    public void There_are_enough_cases() => Assert.InRange(Cases.Count, 200, int.MaxValue);

    private static Policy Read(string name, PolicyKind kind) => Policy.Parse(Documents[name], kind, kind == PolicyKind.Bucket ? "bkt" : null).Value;

    private static Acl? List(string? grants) => grants is null ? null : new([.. grants.Split(',').Select(grant =>
    {
        var (who, permission) = (grant[..grant.IndexOf(':')], grant[(grant.IndexOf(':') + 1)..]);
        return new Grant(
            Groups.TryGetValue(who, out var group) ? new(null, group) : new(Parties[who], null),
            Enum.Parse<Permission>(permission.Replace("_", "", StringComparison.Ordinal), ignoreCase: true));
    })]);
}
