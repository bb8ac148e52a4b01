using System.Diagnostics;
using ZenkoFunctions.Core.Storage;

namespace ZenkoFunctions.Api.Tests.Costs;

/// <summary>Storage transactions: what the account would bill.</summary>
/// <param name="Table">Of tables.</param>
/// <param name="BlobWrites">Blobs put, blocks put, block lists committed.</param>
/// <param name="BlobReads">Blobs read and looked at.</param>
/// <param name="Queue">Messages sent.</param>
internal readonly record struct Transactions(int Table, int BlobWrites, int BlobReads, int Queue);

/// <summary>
/// Counts the requests that this process sends to an account, on the wire: each attempt is one. Services of one Azurite
/// are told apart by their ports.
/// </summary>
internal sealed class StorageCounter : IDisposable
{
    private readonly ActivityListener listener;
    private readonly StorageAccount account;
    private int table, blobWrites, blobReads;

    public StorageCounter(StorageAccount account)
    {
        this.account = account;
        listener = new()
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Count,
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>Since the last call; the queue counts itself.</summary>
    public Transactions Take(int queued) => new(
        Interlocked.Exchange(ref table, 0), Interlocked.Exchange(ref blobWrites, 0), Interlocked.Exchange(ref blobReads, 0), queued);

    public void Dispose() => listener.Dispose();

    private void Count(Activity request)
    {
        var port = request.GetTagItem("server.port") as int?;
        if (port == account.Table.Port) Interlocked.Increment(ref table);
        else if (port == account.Blob.Port && request.GetTagItem("http.request.method") is "GET" or "HEAD") Interlocked.Increment(ref blobReads);
        // Deletions are not billed.
        else if (port == account.Blob.Port && request.GetTagItem("http.request.method") is not "DELETE") Interlocked.Increment(ref blobWrites);
    }
}
