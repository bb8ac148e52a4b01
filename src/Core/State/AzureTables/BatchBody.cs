using System.Buffers;
using System.Text;
using Azure.Core;

namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>A change as a request: alone, or inside a transaction.</summary>
/// <param name="Method">POST inserts, PUT replaces, DELETE deletes.</param>
/// <param name="Path">Behind the table's name.</param>
/// <param name="IfMatch">The tag that the row must carry; <c>*</c> for any; null where there need be no row.</param>
/// <param name="Named">The row's key where the path does not carry it.</param>
/// <param name="Before">What the row is to say of the state that it replaces.</param>
internal readonly record struct BatchPart(RequestMethod Method, string Path, string? IfMatch, TableKey? Named, string Before)
{
    /// <summary>
    /// Absent is Insert Entity; Is is Update Entity with If-Match; Any is Insert Or Replace Entity, which is Update without
    /// If-Match. Deletions always need an If-Match.
    /// </summary>
    public static BatchPart Of(Change change, string partition)
    {
        var key = new TableKey(partition, change.Row);
        if (change.Value is not null && change.Condition.Kind == ConditionKind.Absent) return new(RequestMethod.Post, "", null, key, "");
        var (tag, before) = change.Condition.Kind == ConditionKind.Is && EntityJson.TryRead(change.Condition.Stamp, out var etag, out var nonce)
            ? (etag, nonce)
            : (null, EntityJson.Whatever);
        return change.Value is null
            ? new(RequestMethod.Delete, TableUri.Entity(key), tag ?? "*", null, "")
            : new(RequestMethod.Put, TableUri.Entity(key), tag, null, before);
    }

    /// <summary>Writes the entity.</summary>
    public void WriteEntity(IBufferWriter<byte> to, ReadOnlySpan<byte> value, string nonce) => EntityJson.Write(to, Named, value, nonce, Before);
}

/// <summary>An entity group transaction: a batch of one change set ("Performing entity group transactions").</summary>
internal static class BatchBody
{
    /// <summary>Its bytes.</summary>
    /// <param name="url">The table's.</param>
    /// <param name="partition">Of all changes.</param>
    /// <param name="changes">What to do.</param>
    /// <param name="nonce">Of the Apply.</param>
    /// <param name="id">The boundaries are <c>batch_id</c> and <c>changeset_id</c>. No value can contain one: values are Base64.</param>
    public static ReadOnlyMemory<byte> Write(string url, string partition, IReadOnlyList<Change> changes, string nonce, string id)
    {
        var size = 1024L;
        foreach (var change in changes) size += 4096 + (change.Value?.Length ?? 0) * 4L / 3;
        var body = new ArrayBufferWriter<byte>((int)size);
        Text(body, $"--batch_{id}\r\nContent-Type: multipart/mixed; boundary=changeset_{id}\r\n\r\n");
        foreach (var change in changes)
        {
            var part = BatchPart.Of(change, partition);
            Text(body, $"--changeset_{id}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
            Text(body, $"{part.Method} {url}{part.Path} HTTP/1.1\r\nAccept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0;\r\n");
            if (part.IfMatch is { } tag) Text(body, $"If-Match: {tag}\r\n");
            if (part.Method == RequestMethod.Post) Text(body, "Prefer: return-no-content\r\n");
            if (change.Value is { } value)
            {
                Text(body, "Content-Type: application/json\r\n\r\n");
                part.WriteEntity(body, value.Span, nonce);
                Text(body, "\r\n");
            }
            else
            {
                Text(body, "\r\n");
            }
        }
        Text(body, $"--changeset_{id}--\r\n--batch_{id}--\r\n");
        return body.WrittenMemory;
    }

    private static void Text(ArrayBufferWriter<byte> to, string text) => Encoding.UTF8.GetBytes(text, to);
}
