using System.Globalization;

namespace ZenkoFunctions.Core.Queues.Sqlite;

/// <summary>A message that was received, and the lease that says so.</summary>
/// <param name="Queue">Where it came from.</param>
/// <param name="Id">The message.</param>
/// <param name="Lease">Never used twice: whoever lets it run out can no longer settle the message.</param>
/// <param name="Count">How often the message was delivered, this time included.</param>
/// <param name="Failures">How many deliveries before this one failed.</param>
/// <param name="Body">The message's bytes.</param>
public sealed record SqliteDelivery(string Queue, long Id, long Lease, int Count, int Failures, ReadOnlyMemory<byte> Body)
    : Delivery(Queue, Id.ToString(CultureInfo.InvariantCulture), Count, Failures, Body);
