using System.Diagnostics;
using System.Globalization;
using System.Text;
using ZenkoFunctions.Benchmarks.Load;

namespace ZenkoFunctions.Benchmarks.Search;

/// <summary>
/// Finds the same objects of a bucket by going through everything and by an index, and looks what the index costs those who write.
/// </summary>
/// <param name="target">The server.</param>
/// <param name="plan">How much.</param>
internal sealed class Comparison(Target target, Plan plan)
{
    private const string Bucket = "searched", Without = "plain", With = "indexed";

    // Has no factor in common with the number of keys, so that it goes through all of them.
    private const long Stride = 7919;

    private static readonly string Expression = $"content-length = {Plan.Bytes + 1}";

    public string Run()
    {
        foreach (var bucket in (string[])[Bucket, Without, With]) Ask("PUT", "/" + bucket);
        Put(Bucket, plan.Objects);
        var page = Median(() => Timed(() => Listed("list-type=2&max-keys=1000", isPage: true)));
        var scan = Median(() => Timed(() => Searched()));
        var pages = Pages();
        var began = Stopwatch.GetTimestamp();
        Index(Bucket);
        var building = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var index = Median(() => Timed(() => Searched()));

        // Writers: each round both, the other one first each time.
        Index(With);
        List<(double Without, double With)> writers = [];
        for (var round = 0; round < plan.Rounds; round++)
        {
            var first = Put(round % 2 == 0 ? Without : With, plan.Objects / 10, round + 1);
            var second = Put(round % 2 == 0 ? With : Without, plan.Objects / 10, round + 1);
            writers.Add(round % 2 == 0 ? (first, second) : (second, first));
        }
        var (without, with) = writers.OrderBy(each => each.With / each.Without).ElementAt(writers.Count / 2);
        var ratio = scan / index;
        return string.Create(CultureInfo.InvariantCulture, $"""
            {plan.Found} of {plan.Objects:N0} objects, `{Expression}`; medians of {plan.Rounds}.

            | what | ms |
            | --- | ---: |
            | a page of 1,000 keys of a plain listing | {page:0.0} |
            | the search without an index, {pages} pages | {scan:0.0} |
            | the search with an index, 1 page | {index:0.0} |

            * {(ratio >= Plan.Goal ? "met" : "not met")}: by the index {Plan.Goal:0} times as fast as without ({ratio:0})
            * the index was built in {building:0.0} s ({plan.Objects / building:N0} objects/s)
            * {Plan.Clients} clients that put objects of {Plan.Bytes} bytes: {without:N0}/s without an index, {with:N0}/s with one field indexed ({with / without:0.00})

            """);
    }

    private double Put(string bucket, int objects, int round = 0)
    {
        Console.Error.WriteLine($"{objects} objects are put into {bucket}");
        var next = -1L;
        var measured = Runner.Run("", Unit.RequestsPerSecond, target, Plan.Clients, 1800, (connection, _, _) =>
        {
            var number = Interlocked.Increment(ref next);
            if (number >= objects) return null;
            number = number * Stride % objects;
            var length = number % (objects / plan.Found) == 0 ? Plan.Bytes + 1 : Plan.Bytes;
            connection.Send("PUT"u8, Encoding.ASCII.GetBytes($"/{bucket}/{round}/{number / 1000:d3}/object-{number:d6}"), default, Body.Of(number, length));
            connection.Expect(200);
            connection.Drain();
            return length;
        });
        return measured.Errors == 0 ? objects / measured.Seconds : throw new LoadException($"{bucket}: {measured.FirstError}");
    }

    private void Index(string bucket)
    {
        Ask("PUT", $"/_/management/search/{bucket}", body: """{"fields":["content-length"]}""");
        while (!Ask("GET", $"/_/management/search/{bucket}").Contains("\"state\":\"ready\"", StringComparison.Ordinal)) Thread.Sleep(100);
    }

    private int Pages()
    {
        var (pages, token) = (0, "");
        do
        {
            var text = Ask("GET", "/" + Bucket, Query("list-type=2&max-keys=1000", token));
            token = Xml.Between(text, "<NextContinuationToken>", "</NextContinuationToken>") ?? "";
            pages++;
        }
        while (token.Length > 0);
        return pages;
    }

    private void Searched()
    {
        var found = Listed("list-type=2&max-keys=1000", isPage: false);
        if (found != plan.Found) throw new LoadException($"{found} were found, not {plan.Found}");
    }

    private int Listed(string query, bool isPage)
    {
        var (found, token) = (0, "");
        do
        {
            var text = Ask("GET", "/" + Bucket, isPage ? query : Query(query, token));
            found += Xml.Count(text, "<Key>");
            token = Xml.Between(text, "<NextContinuationToken>", "</NextContinuationToken>") ?? "";
        }
        while (!isPage && token.Length > 0);
        return found;
    }

    // Parameters in order of name, as signatures have them.
    private static string Query(string more, string token) =>
        $"{(token.Length > 0 ? $"continuation-token={Uri.EscapeDataString(token)}&" : "")}{more}&search={Uri.EscapeDataString(Expression)}";

    private static double Timed(Action action)
    {
        var began = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private double Median(Func<double> measure)
    {
        // Once more than is counted: until everything was seen once.
        measure();
        return Enumerable.Range(0, plan.Rounds).Select(_ => measure()).Order().ElementAt(plan.Rounds / 2);
    }

    private string Ask(string verb, string path, string query = "", string? body = null)
    {
        using var connection = new Connection(target);
        if (body is null) connection.Send(Encoding.ASCII.GetBytes(verb), Encoding.ASCII.GetBytes(path), Encoding.ASCII.GetBytes(query));
        else connection.Send(Encoding.ASCII.GetBytes(verb), Encoding.ASCII.GetBytes(path), Encoding.ASCII.GetBytes(query), Encoding.ASCII.GetBytes(body));
        connection.Expect(200);
        return connection.Text();
    }
}
