using System.Buffers;
using System.Text;
using System.Text.Json;
using ZenkoFunctions.Core.State;
using ZenkoFunctions.Core.State.AzureTables;

namespace ZenkoFunctions.Core.Tests.State;

/// <summary>Rows and transactions as they go over the wire.</summary>
public sealed class TransactionFormTests
{
    // As the service answers ("Performing entity group transactions").
    private const string Committed =
        "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n"
        + "--changesetresponse_2\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        + "HTTP/1.1 204 No Content\r\nX-Content-Type-Options: nosniff\r\nETag: W/\"datetime'2026-11-21T12%3A00%3A00.1Z'\"\r\n\r\n\r\n"
        + "--changesetresponse_2\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        + "HTTP/1.1 204 No Content\r\nDataServiceVersion: 1.0;\r\n\r\n\r\n"
        + "--changesetresponse_2--\r\n--batchresponse_1--\r\n";

    private const string Conflict =
        "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n"
        + "--changesetresponse_2\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        + "HTTP/1.1 409 Conflict\r\nX-Content-Type-Options: nosniff\r\nContent-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8\r\n\r\n"
        + "{\"odata.error\":{\"code\":\"EntityAlreadyExists\",\"message\":{\"lang\":\"en-US\",\"value\":\"1:The specified entity already exists.\\nRequestId:3\\nTime:4\"}}}\r\n"
        + "--changesetresponse_2--\r\n--batchresponse_1--\r\n";

    [Fact]
    public void A_transaction_is_done_when_every_change_was()
    {
        Assert.True(BatchAnswer.TryRead(Encoding.UTF8.GetBytes(Committed), 2, out var error));
        Assert.Null(error);
        Assert.False(BatchAnswer.TryRead(Encoding.UTF8.GetBytes(Committed), 3, out _));
    }

    [Fact]
    public void A_transaction_that_was_refused_names_the_change()
    {
        Assert.True(BatchAnswer.TryRead(Encoding.UTF8.GetBytes(Conflict), 2, out var error));
        Assert.Equal(new(409, "EntityAlreadyExists", "The specified entity already exists.", 1), error);
    }

    [Fact]
    public void An_answer_that_breaks_off_is_taken_for_done_nowhere()
    {
        foreach (var text in new[] { "", "<html>", "HTTP/1.1 ", "HTTP/1.1 abc\r\n" }) Assert.False(BatchAnswer.TryRead(Encoding.UTF8.GetBytes(text), 1, out _));
        var second = Committed.LastIndexOf("HTTP/1.1 204", StringComparison.Ordinal);
        for (var length = 0; length < second; length++)
            Assert.False(BatchAnswer.TryRead(Encoding.UTF8.GetBytes(Committed[..length]), 2, out _), Committed[..length]);
        var status = Conflict.IndexOf("409", StringComparison.Ordinal) + 3;
        for (var length = status; length < Conflict.Length; length++)
        {
            Assert.True(BatchAnswer.TryRead(Encoding.UTF8.GetBytes(Conflict[..length]), 2, out var error));
            Assert.NotEqual(Verdict.Done, error!.Verdict);
        }
    }

    [Theory]
    [InlineData(409, "EntityAlreadyExists", "Refused")]
    [InlineData(412, "UpdateConditionNotSatisfied", "Refused")]
    [InlineData(412, "", "Refused")]
    [InlineData(404, "ResourceNotFound", "Absent")]
    [InlineData(404, "TableNotFound", "Failed")]
    [InlineData(409, "TableBeingDeleted", "Failed")]
    [InlineData(409, "", "Failed")]
    [InlineData(503, "ServerBusy", "Busy")]
    [InlineData(429, "", "Busy")]
    [InlineData(500, "OperationTimedOut", "Doubtful")]
    [InlineData(500, "InternalError", "Doubtful")]
    [InlineData(502, "", "Doubtful")]
    [InlineData(504, "", "Doubtful")]
    [InlineData(408, "", "Doubtful")]
    [InlineData(403, "AuthenticationFailed", "Failed")]
    [InlineData(403, "AuthorizationPermissionMismatch", "Failed")]
    [InlineData(400, "InvalidInput", "Failed")]
    [InlineData(413, "RequestBodyTooLarge", "Failed")]
    public void An_error_means_one_thing_to_a_write(int status, string code, string verdict)
    {
        var body = code.Length == 0 ? "<html>no JSON</html>" : $$$$"""{"odata.error":{"code":"{{{{code}}}}","message":{"lang":"en-US","value":"Words.\nRequestId:1"}}}""";
        var error = TableError.Read(status, Encoding.UTF8.GetBytes(body));
        Assert.Equal(verdict, $"{error.Verdict}");
        Assert.Contains($"{status} {code}", error.Exception("objects").Message, StringComparison.Ordinal);
        Assert.DoesNotContain("RequestId", error.Exception("objects").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_apply_with_the_longest_names_is_below_the_services_limits()
    {
        var longest = new string('\u8dff', TableLimits.NameUnits);
        var stamp = EntityJson.Stamp("W/\"datetime'2026-11-21T12%3A00%3A00.1234567Z'\"", new('0', 24));
        Change[] changes = [.. Enumerable.Range(0, TableLimits.Changes).Select(i =>
            Change.Put($"{i:d3}{longest[3..]}", Condition.Is(stamp), new byte[TableLimits.ApplyBytes / TableLimits.Changes]))];
        TableLimits.Check(longest, changes);
        var id = Guid.Empty.ToString();
        Assert.InRange(BatchBody.Write("https://abcdefghijklmnopqrstuvwx.table.core.windows.net/objects", longest, changes, new('0', 24), id).Length, 4_000_000, 4 << 20);
        var one = new ArrayBufferWriter<byte>();
        EntityJson.Write(one, new(longest, longest), new byte[TableLimits.ValueBytes], new('0', 24), "");
        Assert.InRange(one.WrittenCount, 900_000, 1 << 20);
        Assert.Equal(TableLimits.ValueBytes, Stored(one.WrittenSpan).Row.Value.Length);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(EntityJson.PropertyBytes, 1)]
    [InlineData(EntityJson.PropertyBytes + 1, 2)]
    [InlineData(TableLimits.ValueBytes, 12)]
    public void A_value_is_cut_into_properties_of_64_KiB(int bytes, int properties)
    {
        var value = new byte[bytes];
        new Random(bytes).NextBytes(value);
        var json = new ArrayBufferWriter<byte>();
        EntityJson.Write(json, new("p", "r"), value, "n", "b");
        using var document = JsonDocument.Parse(json.WrittenMemory);
        var parts = document.RootElement.EnumerateObject().Where(property => property.Name[0] == 'v' && !property.Name.Contains('@', StringComparison.Ordinal)).ToArray();
        Assert.Equal(properties, parts.Length);
        Assert.All(parts, part => Assert.InRange(part.Value.GetBytesFromBase64().Length, 1, EntityJson.PropertyBytes));
        var entity = Stored(json.WrittenSpan);
        Assert.Equal(value, entity.Row.Value.ToArray());
        Assert.Equal(("n", "b"), (entity.Nonce, entity.Before));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"PartitionKey":"p","RowKey":"r"}""")]
    [InlineData("""{"PartitionKey":"p","RowKey":"r","odata.etag":5}""")]
    [InlineData("""{"PartitionKey":"p","RowKey":"r","odata.etag":"W/\"1\"","v1":"AA=="}""")]
    [InlineData("""{"PartitionKey":"p","RowKey":"r","odata.etag":"W/\"1\"","v0":"AA==","v2":"AA=="}""")]
    public void A_row_that_is_none_is_no_shorter_row(string json) =>
        Assert.ThrowsAny<JsonException>(() => EntityJson.Read(Encoding.UTF8.GetBytes(json)));

    // As the service gives it back: with its tag, properties in any order.
    private static Entity Stored(ReadOnlySpan<byte> json) =>
        EntityJson.Read([.. "{\"odata.metadata\":\"x\",\"odata.etag\":\"W/\\\"1\\\"\",\"Timestamp\":\"2026\","u8, .. json[1..]]);
}
