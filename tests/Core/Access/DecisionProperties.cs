using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ZenkoFunctions.Core.Access;

namespace ZenkoFunctions.Core.Tests.Access;

/// <summary>What holds of decisions whatever policies, callers and objects there are.</summary>
public sealed class DecisionProperties
{
    private static readonly string[] Actions = ["s3:GetObject", "s3:PutObject", "s3:*", "s3:Get*", "*", "s3:PutObjectAcl"];
    private static readonly string[] Resources = ["a", "a/b", "*", "a/*", "?", "b*", "a/${aws:username}"];
    private static readonly string[] Principals = ["\"*\"", "{\"AWS\":\"000000000001\"}", "{\"AWS\":\"000000000002\"}"];

    private sealed record Line(bool Allows, string Principal, string Action, string Resource)
    {
        public string Text =>
            $$"""{"Effect":"{{(Allows ? "Allow" : "Deny")}}","Principal":{{Principal}},"Action":"{{Action}}","Resource":"arn:aws:s3:::bkt/{{Resource}}"}""";
    }

    private sealed record Case(IReadOnlyList<Line> Lines, Line More, Caller Caller, string Action, string Key, Acl? Acl, string Owner);

    private static readonly Gen<Line> Statement =
        from allows in Gen.Frequency((2, Gen.Constant(true)), (1, Gen.Constant(false)))
        from principal in Gen.Elements(Principals)
        from action in Gen.Elements(Actions)
        from resource in Gen.Elements(Resources)
        select new Line(allows, principal, action, resource);

    private static readonly Gen<Case> Cases =
        from lines in Statement.ArrayOf()
        from more in Statement
        from account in Gen.Elements(1, 2, 0)
        from isUser in Gen.Elements(true, false)
        from action in Gen.Elements("s3:GetObject", "s3:PutObject", "s3:PutObjectAcl", "s3:GetObjectAcl", "s3:DeleteObject")
        from key in Gen.Elements("a", "a/b", "b", "a/b/c", "a/ann")
        from grant in Gen.Elements(AclGroups.AllUsers, AclGroups.AuthenticatedUsers, null)
        from owner in Gen.Elements("one", "two")
        select new Case(
            [.. lines.Take(4)], more, CallerOf(account, isUser), action, key,
            grant is null ? null : new([new(new(null, grant), Permission.FullControl)]), owner);

    [Fact]
    public void An_explicit_denial_wins_over_everything() => Holds(c =>
    {
        var line = c.More with { Allows = false, Principal = "\"*\"", Action = "*", Resource = "*" };
        return Decide(c, [.. c.Lines, line]) == Core.Access.Access.Denied && Decide(c, [line, .. c.Lines]) == Core.Access.Access.Denied;
    });

    [Fact]
    public void A_wider_resource_never_permits_less() => Holds(c =>
        !IsAllowed(c, [.. c.Lines, c.More with { Allows = true }]) || IsAllowed(c, [.. c.Lines, c.More with { Allows = true, Resource = "*" }]));

    [Fact]
    public void Another_allow_never_forbids() => Holds(c => !IsAllowed(c, c.Lines) || IsAllowed(c, [.. c.Lines, c.More with { Allows = true }]));

    [Fact]
    public void Another_denial_never_permits() => Holds(c => IsAllowed(c, c.Lines) || !IsAllowed(c, [.. c.Lines, c.More with { Allows = false }]));

    [Fact]
    public void The_order_of_statements_does_not_matter() => Holds(c => Decide(c, c.Lines) == Decide(c, [.. c.Lines.Reverse()]));

    [Fact]
    public void Blocking_public_access_never_permits_more() => Holds(c =>
        Decide(c, c.Lines) == Core.Access.Access.Allowed || Decide(c, c.Lines, new(true, true, true, true)) != Core.Access.Access.Allowed);

    [Fact]
    public void Any_text_at_all_is_a_policy_or_a_message()
    {
        var words = Gen.Elements(
            "{", "}", "[", "]", ":", ",", "\"", "\\", "Version", "\"2012-10-17\"", "\"Statement\"", "\"Effect\"", "\"Allow\"", "\"Principal\"", "\"*\"",
            "\"Action\"", "\"s3:*\"", "\"Resource\"", "\"arn:aws:s3:::bkt/*\"", "\"Condition\"", "\"Bool\"", "\ud800", "\"\\ud800\"", "1e999", "null", "${", "\uffff");
        Prop.ForAll(words.ArrayOf().Select(string.Concat).ToArbitrary(), IsTotal).QuickCheckThrowOnFailure();
        Prop.ForAll<string>(text => text is null || IsTotal("{" + text)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_json_in_the_place_of_any_value_is_a_policy_or_a_message()
    {
        const string Good =
            """{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"s","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:*"],"Resource":"arn:aws:s3:::bkt/*","Condition":{"StringLike":{"aws:Referer":["a"]}}}]}""";
        string[] values = ["null", "true", "0", "1e400", "\"\"", "\"x\"", "[]", "{}", "[[]]", "[{}]", "{\"a\":[]}", "\"\\ud800\"", "[null]"];
        string[] places = ["\"2012-10-17\"", "\"i\"", "\"s\"", "\"Allow\"", "{\"AWS\":[\"*\"]}", "[\"*\"]", "[\"s3:*\"]", "\"arn:aws:s3:::bkt/*\"", "{\"aws:Referer\":[\"a\"]}", "[\"a\"]", "{\"StringLike\":{\"aws:Referer\":[\"a\"]}}"];
        foreach (var place in places)
            foreach (var value in values)
                Assert.True(IsTotal(Good.Replace(place, value, StringComparison.Ordinal)), $"{value} for {place}");
        Assert.True(JsonDocument.Parse(Good).RootElement.ValueKind == JsonValueKind.Object && Policy.Parse(Good, PolicyKind.Bucket, "bkt").Refusal is null);
    }

    private static bool IsTotal(string text)
    {
        foreach (var kind in Enum.GetValues<PolicyKind>())
        {
            var read = Policy.Parse(text, kind, "bkt");
            if (read.Refusal is not null && (read.Refusal != Refusal.MalformedPolicy || string.IsNullOrEmpty(read.Detail))) return false;
        }
        return true;
    }

    private static void Holds(Func<Case, bool> property) => Prop.ForAll(Cases.ToArbitrary(), property).QuickCheckThrowOnFailure();

    private static bool IsAllowed(Case c, IReadOnlyList<Line> lines) => Decide(c, lines) == Core.Access.Access.Allowed;

    private static Core.Access.Access Decide(Case c, IReadOnlyList<Line> lines, PublicAccessBlock? block = null)
    {
        var text = $$"""{"Version":"2012-10-17","Statement":[{{string.Join(',', lines.Select(line => line.Text))}}]}""";
        var bucket = new BucketFacts
        {
            OwnerId = "000000000001",
            OwnerCanonicalId = "one",
            Policy = lines.Count == 0 ? null : Policy.Parse(text, PolicyKind.Bucket, "bkt").Value,
            Acl = c.Acl,
            Block = block ?? PublicAccessBlock.None,
        };
        var request = new AccessRequest(c.Caller, c.Action, "arn:aws:s3:::bkt/" + c.Key, key => key == "aws:username" ? ["ann"] : null);
        return Decision.Of(request, bucket, new(c.Owner, c.Acl));
    }

    private static Caller CallerOf(int account, bool isUser) => account == 0 ? Caller.Anonymous : new()
    {
        AccountId = "00000000000" + account,
        CanonicalId = account == 1 ? "one" : "two",
        Arn = $"arn:aws:iam::00000000000{account}:{(isUser ? "user/ann" : "root")}",
        Policies = isUser ? [Policy.Parse("""{"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}""", PolicyKind.Identity).Value] : null,
    };
}
