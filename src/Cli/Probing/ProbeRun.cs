namespace ZenkoFunctions.Cli.Probing;

/// <summary>Runs all checks against a bucket that is made for them and removed again.</summary>
internal static class ProbeRun
{
    /// <summary>Every check, in the order of the report.</summary>
    public static IReadOnlyList<Check> Checks { get; } = [.. KeyChecks.All, .. BodyChecks.All, .. HeaderChecks.All, .. PlatformChecks.All];

    /// <summary>The findings.</summary>
    /// <exception cref="ProbeException">It could not begin.</exception>
    public static async Task<IReadOnlyList<Probed>> All(Session session, CancellationToken ct)
    {
        try
        {
            if (await session.Open(ct) is { } refused) throw new ProbeException(Explain(refused));
        }
        catch (IOException e)
        {
            throw new ProbeException($"Nothing answers at {session.Authority}: {e.Message}");
        }
        var found = new List<Probed>();
        try
        {
            foreach (var check in Checks) found.Add(new(check.Name, await Try(check, session, ct)));
        }
        finally
        {
            // Also where the run is broken off: the bucket is nobody else's to remove.
            found.Add(new("clean-up", await Close(session)));
        }
        return found;
    }

    private static async Task<Finding> Try(Check check, Session session, CancellationToken ct)
    {
        try
        {
            return await check.Run(session, ct);
        }
        catch (IOException e)
        {
            return Finding.Broken($"the connection failed: {e.Message}", "Such requests are cut off on their way.", "See the logs of what is in front, and of the gateway.");
        }
    }

    private static async Task<Finding> Close(Session session)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var advice = $"Remove the bucket {session.Bucket} by hand.";
        try
        {
            return await session.Close(limit.Token) is { } left ? Finding.Limited(left, "The probe's bucket is still there.", advice) : Finding.Ok("the probe's bucket is gone");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Xml.XmlException)
        {
            return Finding.Limited(e.Message, "The probe's bucket is still there.", advice);
        }
    }

    private static string Explain(Answer refused) => refused.IsGateways
        ? refused.Status == 403
            ? $"The gateway refused to make a bucket: {refused.Told}. Are the access key, its secret and the region right, and may that account make buckets? If they are right, what is in front replaces the Host header: set ZENKOFN_PUBLIC_HOSTS."
            : $"The gateway refused to make a bucket: {refused.Told}."
        : $"Something in front of the gateway answered {refused.Status} to the first request. Is the URL right, has the app been started, and does its log say why it does not run?";
}

/// <summary>The probe could not begin.</summary>
internal sealed class ProbeException(string message) : Exception(message);
