using System.Text;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>
/// A bucket with a thousand "directories" is filled once, in no order, and then listed page by page: flat, and with a
/// delimiter, where one page of a thousand common prefixes stands for all the keys there are.
/// </summary>
internal static class Listings
{
    private const int FillConnections = 16, DelimiterPages = 20;

    // Has no factor in common with the number of keys, so that it goes through all of them.
    private const long Stride = 7919;

    public static IEnumerable<Func<Measurement>> Rows(Target target, Plan plan, string bucket, bool fill)
    {
        if (fill)
        {
            var next = -1L;
            yield return () => Runner.Run($"filling with {plan.Keys:N0} keys, {FillConnections} connections", Unit.RequestsPerSecond, target, FillConnections, 900, (connection, _, _) =>
            {
                var number = Interlocked.Increment(ref next);
                if (number >= plan.Keys) return null;
                number = number * Stride % plan.Keys;
                connection.Send("PUT"u8, Names.Listed(bucket, (int)number), default, Body.Of(number, 100));
                connection.Expect(200);
                connection.Drain();
                return 100;
            });
        }
        var path = Encoding.ASCII.GetBytes($"/{bucket}");
        var (token, seen) = ("", 0);
        yield return () => Runner.Run($"listing {plan.Keys:N0} keys, a page", Unit.MillisecondsPerPage, target, 1, plan.ListSeconds, (connection, _, turn) =>
        {
            if (turn > 0 && token.Length == 0) return seen == plan.Keys ? null : throw new LoadException($"{seen} keys were listed");
            var after = token.Length > 0 ? $"continuation-token={Uri.EscapeDataString(token)}&" : "";
            var text = Page(connection, path, $"{after}list-type=2&max-keys=1000");
            var keys = Xml.Count(text, "<Key>");
            if (keys != 1000) throw new LoadException($"{keys} keys on a page");
            seen += keys;
            token = Xml.Between(text, "<NextContinuationToken>", "</NextContinuationToken>") ?? "";
            return text.Length;
        });
        yield return () => Runner.Run($"listing {plan.Keys:N0} keys with delimiter, a page", Unit.MillisecondsPerPage, target, 1, plan.ListSeconds, (connection, _, turn) =>
        {
            if (turn == DelimiterPages) return null;
            var text = Page(connection, path, "delimiter=%2F&list-type=2&max-keys=1000");
            var prefixes = Xml.Count(text, "<CommonPrefixes>");
            if (prefixes != 1000) throw new LoadException($"{prefixes} common prefixes on a page");
            return text.Length;
        });
    }

    private static string Page(Connection connection, byte[] path, string query)
    {
        connection.Send("GET"u8, path, Encoding.ASCII.GetBytes(query));
        connection.Expect(200);
        return connection.Text();
    }
}
