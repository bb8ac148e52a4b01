using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.State;

/// <summary>Times as <c>2026-11-21T16:42:38.328Z</c>, with as many digits as they have; read with any offset.</summary>
public sealed class UtcTimes : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
}
