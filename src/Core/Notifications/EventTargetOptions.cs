using System.Text;
using ZenkoFunctions.Core.Queues;

namespace ZenkoFunctions.Core.Notifications;

/// <summary>The targets of events as settings name them: <c>name=http(s)://…</c> or <c>name=queue:queue-name</c>.</summary>
public static class EventTargetOptions
{
    private const string QueueScheme = "queue:";
    private const int MaxName = 40;

    /// <summary>What begins the names of queues that are targets, so that none is one of the program's own.</summary>
    private const string QueuePrefix = "to-";

    /// <summary>Bounds a delivery: one that hangs keeps others waiting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether they can be read.</summary>
    public static bool AreTargets(IEnumerable<string> options)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return options.All(option => option.Split('=', 2) is [var name, var where] && IsName(name) && names.Add(name) && IsPlace(where));
    }

    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, string> Parse(IEnumerable<string> options) =>
        options.Select(option => option.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    /// <summary>The targets, ready to deliver to. They last as long as the program.</summary>
    public static IReadOnlyDictionary<string, IEventTarget> Open(IReadOnlyDictionary<string, string> places, string? secret, IQueue queue, TimeProvider clock)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Patience };
        var key = secret is null ? null : Encoding.UTF8.GetBytes(secret);
        return places.ToDictionary(
            place => place.Key,
            place => place.Value.StartsWith(QueueScheme, StringComparison.Ordinal)
                ? (IEventTarget)new QueueTarget(queue, QueuePrefix + place.Value[QueueScheme.Length..])
                : new Webhook(client, new Uri(place.Value), key, clock),
            StringComparer.Ordinal);
    }

    private static bool IsPlace(string where) =>
        where.StartsWith(QueueScheme, StringComparison.Ordinal)
            ? IsName(where[QueueScheme.Length..])
            : Uri.TryCreate(where, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https");

    private static bool IsName(string name) => name.Length is >= 1 and <= MaxName && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
