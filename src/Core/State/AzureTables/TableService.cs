using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>A page of a query, and where the next begins.</summary>
internal sealed record Page(List<Row> Rows, Continuation? Next);

/// <summary>Where a query goes on: opaque to us. The row is missing where the next partition is to be read from its start.</summary>
internal sealed record Continuation(string Partition, string? Row);

/// <summary>The requests of the table service, one method each.</summary>
internal sealed class TableService(HttpPipeline pipeline, Uri endpoint, TimeProvider clock)
{
    private const string Json = "application/json;odata=minimalmetadata";

    // The last version that the tables' own features needed; JSON since 2013-08-15, tokens since 2020-12-06.
    private const string Version = "2020-12-06";

    private static readonly string ReadTimeout = Timeout(AzureTableOptions.ReadTimeout);
    private static readonly string WriteTimeout = Timeout(AzureTableOptions.WriteTimeout);

    private readonly string root = endpoint.AbsoluteUri.TrimEnd('/') + "/";

    /// <summary>The time.</summary>
    public TimeProvider Clock => clock;

    /// <summary>The row, or null.</summary>
    public async Task<Entity?> Get(string table, TableKey key, CancellationToken ct)
    {
        using var message = Message(RequestMethod.Get, $"{table}{TableUri.Entity(key)}?{ReadTimeout}");
        var response = await Read(message, table, ct);
        if (response.Status == 200) return Parse(table, response, EntityJson.Read);
        var error = TableError.Read(response.Status, response.Content);
        return error.Verdict == Verdict.Absent ? null : throw error.Exception(table);
    }

    /// <summary>One page of a query. It may be short of <paramref name="top"/> rows, even empty, and still not the last.</summary>
    public async Task<Page> Query(string table, string filter, int top, Continuation? from, CancellationToken ct)
    {
        var path = new StringBuilder(table).Append("()?").Append(ReadTimeout).Append(CultureInfo.InvariantCulture, $"&$top={top}");
        if (filter.Length > 0) path.Append("&$filter=").Append(filter);
        if (from is not null) path.Append("&NextPartitionKey=").Append(Uri.EscapeDataString(from.Partition));
        if (from?.Row is { } row) path.Append("&NextRowKey=").Append(Uri.EscapeDataString(row));
        using var message = Message(RequestMethod.Get, path.ToString());
        var response = await Read(message, table, ct);
        if (response.Status != 200) throw TableError.Read(response.Status, response.Content).Exception(table);
        var rows = Parse(table, response, EntityJson.ReadPage);
        return new(rows, Next(response.Headers));
    }

    /// <summary>Where the headers of an answer say that a query goes on, or null.</summary>
    public static Continuation? Next(ResponseHeaders headers) =>
        headers.TryGetValue("x-ms-continuation-NextPartitionKey", out var partition) && partition is { Length: > 0 }
            ? new(partition, headers.TryGetValue("x-ms-continuation-NextRowKey", out var row) && row is { Length: > 0 } ? row : null)
            : null;

    /// <summary>Sends one change by itself, or several as a transaction. Sent once, whatever happens to its answer.</summary>
    /// <returns>What became of it, and for <see cref="Verdict.Absent"/> and <see cref="Verdict.Failed"/> the error.</returns>
    public async Task<(Verdict Verdict, TableError? Error)> Send(string table, string partition, IReadOnlyList<Change> changes, string nonce)
    {
        using var message = changes.Count == 1 ? Single(table, partition, changes[0], nonce) : Transaction(table, partition, changes, nonce);
        message.ResponseClassifier = Once.Classifier;
        message.NetworkTimeout = AzureTableOptions.WriteTimeout + AzureTableOptions.NetworkTime;
        try
        {
            // The caller's token is not passed on: who goes away now would leave everybody in doubt.
            await pipeline.SendAsync(message, CancellationToken.None);
        }
        catch (Exception exception) when (IsTransport(exception))
        {
            return (NeverSent(exception) ? Verdict.Busy : Verdict.Doubtful, null);
        }
        var response = message.Response;
        var error = (TableError?)null;
        if (response.Status is < 200 or > 299) error = TableError.Read(response.Status, response.Content);
        else if (changes.Count > 1 && !BatchAnswer.TryRead(response.Content, changes.Count, out error)) return (Verdict.Doubtful, null);
        return (error?.Verdict ?? Verdict.Done, error);
    }

    /// <summary>The names of tables that are there; of more than a thousand, some.</summary>
    public async Task<HashSet<string>> Tables(CancellationToken ct)
    {
        using var message = Message(RequestMethod.Get, $"Tables?{ReadTimeout}");
        var response = await Read(message, "list", ct);
        return response.Status == 200 ? Parse("list", response, EntityJson.ReadTables) : throw TableError.Read(response.Status, response.Content).Exception("list");
    }

    /// <summary>Makes a table where it is missing.</summary>
    public async Task Create(string table, CancellationToken ct)
    {
        using var message = Message(RequestMethod.Post, $"Tables?{ReadTimeout}");
        message.Request.Headers.Add("Prefer", "return-no-content");
        Body(message.Request, Json, Encoding.UTF8.GetBytes($$"""{"TableName":"{{table}}"}"""));
        var response = await Read(message, table, ct);
        if (response.Status is >= 200 and <= 299) return;
        var error = TableError.Read(response.Status, response.Content);
        if (error.Code != "TableAlreadyExists") throw error.Exception(table);
    }

    private HttpMessage Single(string table, string partition, Change change, string nonce)
    {
        var part = BatchPart.Of(change, partition);
        var message = Message(part.Method, $"{table}{part.Path}?{WriteTimeout}");
        if (part.IfMatch is { } tag) message.Request.Headers.Add("If-Match", tag);
        if (part.Method == RequestMethod.Post) message.Request.Headers.Add("Prefer", "return-no-content");
        if (change.Value is { } value)
        {
            var body = new ArrayBufferWriter<byte>(value.Length * 4 / 3 + 1024);
            part.WriteEntity(body, value.Span, nonce);
            Body(message.Request, Json, body.WrittenMemory);
        }
        return message;
    }

    private HttpMessage Transaction(string table, string partition, IReadOnlyList<Change> changes, string nonce)
    {
        var message = Message(RequestMethod.Post, $"$batch?{WriteTimeout}");
        var id = Guid.NewGuid().ToString();
        Body(message.Request, $"multipart/mixed; boundary=batch_{id}", BatchBody.Write(root + table, partition, changes, nonce, id));
        return message;
    }

    private HttpMessage Message(RequestMethod method, string path)
    {
        var message = pipeline.CreateMessage();
        message.BufferResponse = true;
        message.Request.Method = method;
        message.Request.Uri.Reset(new(root + path));
        var headers = message.Request.Headers;
        headers.Add("Accept", Json);
        headers.Add("x-ms-version", Version);
        headers.Add("DataServiceVersion", "3.0;NetFx");
        headers.Add("MaxDataServiceVersion", "3.0;NetFx");
        return message;
    }

    private static string Timeout(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"timeout={time.TotalSeconds}");

    private static void Body(Request request, string type, ReadOnlyMemory<byte> body)
    {
        request.Headers.Add("Content-Type", type);
        request.Content = RequestContent.Create(body);
    }

    // What changes nothing: the pipeline sends it again, with jitter, where that may help.
    private async Task<Response> Read(HttpMessage message, string table, CancellationToken ct)
    {
        try
        {
            await pipeline.SendAsync(message, ct);
            return message.Response;
        }
        catch (Exception exception) when (!ct.IsCancellationRequested && IsTransport(exception))
        {
            throw new AzureTableException($"The table {table} at {endpoint.Host} does not answer: {Innermost(exception).Message}", 0, "", exception);
        }
    }

    private static T Parse<T>(string table, Response response, Func<ReadOnlySpan<byte>, T> read)
    {
        try
        {
            return read(response.Content);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            throw new AzureTableException($"The table {table} gave an answer that cannot be read: {exception.Message}", response.Status, "", exception);
        }
    }

    // Azure.Core: the last failure, all failures of a few tries, or its own time-out.
    private static bool IsTransport(Exception exception) =>
        exception is RequestFailedException or AggregateException or IOException or HttpRequestException or OperationCanceledException;

    // No connection, no request.
    private static bool NeverSent(Exception exception) =>
        exception.InnerException is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        };

    private static Exception Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner) exception = inner;
        return exception;
    }

    private sealed class Once : ResponseClassifier
    {
        public static readonly Once Classifier = new();

        public override bool IsRetriableResponse(HttpMessage message) => false;

        public override bool IsRetriableException(Exception exception) => false;

        public override bool IsRetriable(HttpMessage message, Exception exception) => false;
    }
}
