using ZenkoFunctions.Core.Access;

namespace ZenkoFunctions.Core.Tests.Access;

public sealed class PolicyParsingTests
{
    private const string Good =
        """{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"a b","Effect":"Allow","Principal":"*","Action":"s3:Get*","Resource":"arn:aws:s3:::bkt/*"}}""";

    [Fact]
    public void A_policy_is_kept_as_the_text_it_came_as() =>
        Assert.Equal(Good, Policy.Parse(Good, PolicyKind.Bucket, "bkt").Value.Text);

    [Theory]
    [InlineData("", "first byte must be '{'")]
    [InlineData("[]", "first byte must be '{'")]
    [InlineData("{", "invalid Json")]
    [InlineData("{}", "Missing required field Statement")]
    [InlineData("""{"Statement":[]}""", "Statement is empty")]
    [InlineData("""{"Statement":[1]}""", "Invalid policy syntax")]
    [InlineData("""{"Version":"2020-01-01","Statement":[]}""", "valid version string")]
    [InlineData("""{"Other":1,"Statement":[]}""", "Unknown field Other")]
    [InlineData("""{"Statement":{},"Statement":{}}""", "invalid Json")]
    [InlineData("""{"Statement":{"Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bkt"}}""", "Missing required field Effect")]
    [InlineData("""{"Statement":{"Effect":"allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bkt"}}""", "Invalid effect: allow")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::bkt"}}""", "Missing required field Principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::bkt"}}""", "Missing required field Action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*"}}""", "Missing required field Resource")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"me","Action":"s3:*","Resource":"arn:aws:s3:::bkt"}}""", "Invalid principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:wing/a"},"Action":"s3:*","Resource":"arn:aws:s3:::bkt"}}""", "Invalid principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{},"Action":"s3:*","Resource":"arn:aws:s3:::bkt"}}""", "Invalid principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"s3:*","Resource":"arn:aws:s3:::bkt"}}""", "NotPrincipal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:Fly","Resource":"arn:aws:s3:::bkt"}}""", "invalid action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"ec2:*","Resource":"arn:aws:s3:::bkt"}}""", "invalid action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":[],"Resource":"arn:aws:s3:::bkt"}}""", "invalid action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","NotAction":"s3:*","Resource":"arn:aws:s3:::bkt"}}""", "only one of")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}}""", "invalid resource")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}""", "invalid resource")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bkt/${x"}}""", "invalid resource")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bkt","Condition":{"Odd":{"aws:SourceIp":"::1"}}}}""", "Invalid Condition type : Odd")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bkt","Condition":{"Bool":{"s3:odd":"true"}}}}""", "invalid condition key")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bkt","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/99"}}}}""", "invalid condition value")]
    [InlineData("""{"Statement":[{"Sid":"a","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bkt"},{"Sid":"a","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bkt"}]}""", "must be unique")]
    public void A_malformed_policy_is_refused_with_what_is_wrong(string json, string part)
    {
        var read = Policy.Parse(json, PolicyKind.Bucket, "bkt");
        Assert.Equal(Refusal.MalformedPolicy, read.Refusal);
        Assert.Contains(part, read.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_of_more_than_20_KiB_is_refused()
    {
        var padded = Good.Insert(1, new string(' ', Policy.MaxBytes));
        Assert.Contains("20480", Policy.Parse(padded, PolicyKind.Bucket, "bkt").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_users_policy_names_resources_but_no_principal()
    {
        Assert.Null(Policy.Parse("""{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""", PolicyKind.Identity).Refusal);
        Assert.Equal(
            Refusal.MalformedPolicy,
            Policy.Parse("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}""", PolicyKind.Identity).Refusal);
    }

    [Fact]
    public void A_roles_policy_names_principals_but_no_resource() => Assert.Null(
        Policy.Parse("""{"Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}""", PolicyKind.Trust).Refusal);
}
