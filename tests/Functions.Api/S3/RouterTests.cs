using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;
using S3Operations = ZenkoFunctions.Api.S3.Operations;

namespace ZenkoFunctions.Api.Tests.S3;

public sealed class RouterTests
{
    private static readonly Router Router = new(S3Operations.All, UnimplementedOperations.All);

    private static readonly string[] Verbs = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"];

    private static WireRequest Request(string verb, string query, string? header = null)
    {
        var headers = new HeaderDictionary();
        if (header is not null) headers[header] = "x";
        return new(verb, "/", query, headers, PipeReader.Create(Stream.Null), null, null, false);
    }

    private static string Route(string verb, Target target, string query, string? header = null)
    {
        var route = Router.Resolve(target, Request(verb, query, header));
        return route.Operation?.Spec.Name ?? $"{route.Refusal!.Code} {route.Name}".TrimEnd();
    }

    [Fact]
    public void Every_verb_with_every_subresource_goes_where_it_always_went()
    {
        var queries = S3Operations.All.Select(o => (o.Spec.Target, string.Join('&', o.Spec.Query)))
            .Concat(UnimplementedOperations.All.Select(u => (u.Target, string.Join('&', u.Query))))
            .Concat(UnimplementedOperations.All.SelectMany(u => u.Query.Select(q => (u.Target, q))))
            .Concat(S3Operations.All.SelectMany(o => o.Spec.Query.Select(q => (o.Spec.Target, q))))
            .Append((Target.Service, ""))
            .ToHashSet();
        var text = new StringBuilder();
        foreach (var (target, query) in queries.Order())
        {
            foreach (var verb in Verbs)
            {
                text.Append($"{verb,-7} {target,-7} {"?" + query,-34} {Route(verb, target, query)}\n");
                var copied = Route(verb, target, query, "x-amz-copy-source");
                if (copied != Route(verb, target, query))
                    text.Append($"{verb,-7} {target,-7} {"?" + query + " x-amz-copy-source",-34} {copied}\n");
            }
        }
        Golden.Check("routes.txt", text.ToString());
    }

    [Fact]
    public void Every_implemented_operation_is_reached_by_its_own_spec()
    {
        foreach (var spec in S3Operations.All.Select(o => o.Spec))
            Assert.Equal(spec.Name, Route(spec.Verb, spec.Target, string.Join('&', spec.Query), spec.Header));
    }

    [Fact]
    public void Only_these_operations_let_unsigned_requests_as_far_as_the_policy() => Golden.Check(
        "anonymous.txt",
        string.Concat(S3Operations.All.Where(o => o.Spec.Anonymous).Select(o => o.Spec.Name).Order(StringComparer.Ordinal).Select(n => n + "\n")));

    [Fact]
    public void Only_preflights_need_no_permission_and_few_operations_ask_for_it_themselves()
    {
        Assert.Equal(
            ["OptionsBucket", "OptionsObject"],
            S3Operations.All.Where(o => o.Spec.IsPreflight || o.Spec.Action.Length == 0).Select(o => o.Spec.Name));
        Assert.Equal(["CancelBucketEmptying", "DeleteObjects", "EmptyBucket", "PutObjectTagging"], S3Operations.All.Where(o => o.Spec.AsksItself).Select(o => o.Spec.Name));
    }

    [Theory]
    [InlineData(Target.Bucket, "delete")]
    [InlineData(Target.Object, "uploadId=1&partNumber=2")]
    [InlineData(Target.Object, "acl&X-Amz-Signature=0")]
    public void The_query_of_a_preflight_is_that_of_the_request_it_announces(Target target, string query) =>
        Assert.Equal($"Options{target}", Route("OPTIONS", target, query));

    [Fact]
    public void An_operation_is_either_implemented_or_not()
    {
        var names = S3Operations.All.Select(o => o.Spec.Name).Concat(UnimplementedOperations.All.Select(u => u.Name)).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Theory]
    [InlineData("x-id=GetObject")]
    [InlineData("versionId=null&response-content-type=text%2Fplain")]
    [InlineData("partNumber=2")]
    [InlineData("prefix=acl")]
    public void Parameters_that_name_no_subresource_are_passed_over(string query) =>
        Assert.Equal("GetObject", Route("GET", Target.Object, query));

    [Theory]
    [InlineData("PUT", Target.Bucket, "acl", "PutBucketAcl")]
    [InlineData("PUT", Target.Bucket, "acl=", "PutBucketAcl")]
    [InlineData("DELETE", Target.Bucket, "policy", "DeleteBucketPolicy")]
    [InlineData("PUT", Target.Object, "uploadId=1", "InvalidArgument")]
    [InlineData("PUT", Target.Object, "partNumber=1", "InvalidArgument")]
    [InlineData("DELETE", Target.Bucket, "uploads", "MethodNotAllowed")]
    [InlineData("GET", Target.Bucket, "acl&uploads", "InvalidArgument")]
    [InlineData("GET", Target.Bucket, "list-type=3", "InvalidArgument")]
    [InlineData("PATCH", Target.Object, "", "MethodNotAllowed")]
    public void A_known_subresource_never_falls_through_to_another_operation(string verb, Target target, string query, string expected) =>
        Assert.Equal(expected, Route(verb, target, query));
}
