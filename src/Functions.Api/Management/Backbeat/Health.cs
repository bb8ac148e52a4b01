using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core.Composition;

namespace ZenkoFunctions.Api.Management.Backbeat;

/// <summary>
/// Whether the installation's tables and queues can be reached, under the names that Zenko has for its own: a queue is a topic with
/// one partition, the queues together the producer, the tables the coordinator.
/// </summary>
internal static class Health
{
    private const int Connected = 3, Disconnected = 0;

    /// <summary>The document. Without tables there is no health to tell of: InternalError.</summary>
    public static async ValueTask<Reply> Get(ManagementCall call, CancellationToken ct)
    {
        var (tables, queues) = await call.Installation.ReplicationHealth.Check(ct);
        if (!tables && !queues) return Reply.Refused(S3Errors.InternalError);
        return BackbeatJson.Object(json =>
        {
            json.WriteStartObject("topics"u8);
            foreach (var queue in Installation.JobQueues.Order(StringComparer.Ordinal))
            {
                json.WriteStartObject(queue);
                json.WriteString("name"u8, queue);
                json.WriteStartArray("partitions"u8);
                json.WriteStartObject();
                json.WriteNumber("id"u8, 0);
                json.WriteNumber("leader"u8, 0);
                Copies("replicas", true);
                Copies("isrs", queues);
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();

            json.WriteStartObject("internalConnections"u8);
            json.WriteString("isrHealth"u8, Word(queues));
            json.WriteStartObject("zookeeper"u8);
            json.WriteString("status"u8, Word(tables));
            json.WriteStartObject("details"u8);
            json.WriteString("name"u8, tables ? "SYNC_CONNECTED" : "DISCONNECTED");
            json.WriteNumber("code"u8, tables ? Connected : Disconnected);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("kafkaProducer"u8);
            json.WriteString("status"u8, Word(queues));
            json.WriteEndObject();
            json.WriteEndObject();

            void Copies(string name, bool hasOne)
            {
                json.WriteStartArray(name);
                if (hasOne) json.WriteNumberValue(0);
                json.WriteEndArray();
            }
        });
    }

    private static string Word(bool isWell) => isWell ? "ok" : "error";
}
