using System.Buffers;
using System.Text.Json;
using ZenkoFunctions.Core.Composition;

namespace ZenkoFunctions.Hosting;

/// <summary>
/// The <c>local.settings.json</c> of an app's folder, by which <c>func start</c> runs it over Azurite. Its keys are in the source and
/// so known to everybody, as Azurite's own is: they are refused over any other storage.
/// </summary>
internal static class LocalSettings
{
    private const string FileName = "local.settings.json";

    /// <summary>Writes the file.</summary>
    /// <param name="folder">The app's folder.</param>
    /// <param name="handler">The name of the executable.</param>
    /// <param name="port">Where the host is to listen.</param>
    public static void Write(string folder, string handler, int port)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteBoolean("IsEncrypted", false);
            json.WriteStartObject("Values");
            json.WriteString("FUNCTIONS_WORKER_RUNTIME", "custom");
            json.WriteString("AzureWebJobsDisableHomepage", "true");
            json.WriteString("AzureFunctionsWebHost__hostid", handler.ToLowerInvariant().Replace('.', '-'));
            json.WriteString("ZENKOFN_HANDLER", handler);
            foreach (var (name, value) in AppSettings.ForLocalUse) json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteStartObject("Host");
            json.WriteNumber("LocalHttpPort", port);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        File.WriteAllBytes(Path.Combine(folder, FileName), buffer.WrittenSpan);
    }
}
