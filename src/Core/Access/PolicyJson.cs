using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZenkoFunctions.Core.Access;

/// <summary>A bucket's policy is stored as its text. Whose bucket it names was asked when it was put.</summary>
internal sealed class PolicyJson : JsonConverter<Policy>
{
    public override Policy Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString() ?? throw new JsonException("A policy is a string.");
        var read = Policy.Parse(text, PolicyKind.Bucket);
        return read.Refusal is null ? read.Value : throw new InvalidDataException($"A stored policy cannot be read: {read.Detail}");
    }

    public override void Write(Utf8JsonWriter writer, Policy value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
}
