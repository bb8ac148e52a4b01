using System.Buffers;
using System.Text.Json;

namespace ZenkoFunctions.Hosting;

/// <summary>
/// A function as the Functions host knows it: its name, and the trigger that its <c>function.json</c> declares. Names start with
/// <c>Fx_</c>, which no bucket, container or account can be called.
/// </summary>
/// <param name="Name"><c>Fx_</c> and letters: <c>^[A-Za-z][A-Za-z0-9_-]{0,127}$</c> is the host's rule.</param>
public abstract record Function(string Name)
{
    /// <summary>The name of the file that declares a function, in a folder of the function's name.</summary>
    public const string FileName = "function.json";

    private static readonly JsonWriterOptions Indented = new() { Indented = true, NewLine = "\n" };

    /// <summary>The content of its <c>function.json</c>.</summary>
    public ReadOnlyMemory<byte> Declaration()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteStartArray("bindings");
            foreach (var binding in Bindings)
            {
                json.WriteStartObject();
                foreach (var (name, value) in binding) json.WriteString(name, value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>Properties of each binding, in order.</summary>
    protected abstract IEnumerable<(string Name, string Value)[]> Bindings { get; }

    /// <summary>Writes the declarations of functions into an app's folder, and removes those of functions that are no more.</summary>
    public static void WriteAll(string folder, IReadOnlyCollection<Function> functions)
    {
        foreach (var old in Directory.GetDirectories(folder, "Fx_*"))
            if (functions.All(function => function.Name != Path.GetFileName(old))) Directory.Delete(old, recursive: true);
        foreach (var function in functions)
        {
            var place = Directory.CreateDirectory(Path.Combine(folder, function.Name));
            File.WriteAllBytes(Path.Combine(place.FullName, FileName), function.Declaration().Span);
        }
    }
}

/// <summary>
/// Takes every HTTP request there is, whatever its verb and path. One binding in and one out, named so: with any other number
/// the host wraps requests in JSON instead of passing them on.
/// </summary>
/// <param name="Name">Its name.</param>
public sealed record HttpFunction(string Name) : Function(Name)
{
    /// <inheritdoc/>
    protected override IEnumerable<(string Name, string Value)[]> Bindings =>
    [
        [("type", "httpTrigger"), ("direction", "in"), ("name", "req"), ("authLevel", "anonymous"), ("route", "{*path}")],
        [("type", "http"), ("direction", "out"), ("name", "res")],
    ];
}

/// <summary>Takes the messages of a queue.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Queue">The queue.</param>
/// <param name="Connection">The app setting that says where the queue is.</param>
public sealed record QueueFunction(string Name, string Queue, string Connection) : Function(Name)
{
    /// <summary>The name of the binding, under which the host hands the message over.</summary>
    public const string Binding = "msg";

    /// <summary>The function of a job's queue: <c>Fx_Garbage</c> for <c>garbage</c>, <c>Fx_LateRows</c> for <c>late-rows</c>.</summary>
    public static QueueFunction Of(string queue, string connection) =>
        new("Fx_" + string.Concat(queue.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..])), queue, connection);

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, string Value)[]> Bindings =>
        [[("type", "queueTrigger"), ("direction", "in"), ("name", Binding), ("queueName", Queue), ("connection", Connection)]];
}
