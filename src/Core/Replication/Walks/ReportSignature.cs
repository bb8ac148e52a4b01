using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ZenkoFunctions.Core.Replication.Walks;

/// <summary>What a look at a report's signature came to.</summary>
public enum SignatureCheck
{
    /// <summary>Signed by that key, and not changed since.</summary>
    Valid,

    /// <summary>Changed since it was signed, or signed by nobody.</summary>
    Invalid,

    /// <summary>Signed by a key that was not given.</summary>
    UnknownKey,
}

/// <summary>
/// The member <c>signature</c> of a report: <c>{"alg":"ES256","kid":…,"value":…}</c>, ECDSA of P-256 with SHA-256 (R and S side by side, as
/// in RFC 7518) over the canonical form of all other members.
/// </summary>
public static class ReportSignature
{
    private const string Member = "signature", Algorithm = "ES256";

    /// <summary>The report with its signature.</summary>
    internal static byte[] Sign(ReadOnlyMemory<byte> report, SigningKey key)
    {
        using var document = JsonDocument.Parse(report);
        byte[] signature;
        lock (key.Key) signature = key.Key.SignData(CanonicalJson.Bytes(document.RootElement), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var signed = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(signed, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            foreach (var member in document.RootElement.EnumerateObject()) member.WriteTo(json);
            json.WriteStartObject(Member);
            json.WriteString("alg", Algorithm);
            json.WriteString("kid", key.Id);
            json.WriteString("value", Base64Url.EncodeToString(signature));
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return signed.WrittenSpan.ToArray();
    }

    /// <summary>Looks whether one of the keys has signed the report as it is.</summary>
    /// <exception cref="FormatException">It is no report, or a key is none.</exception>
    public static SignatureCheck Check(ReadOnlyMemory<byte> report, IEnumerable<ReportKey> keys)
    {
        try
        {
            using var document = JsonDocument.Parse(report);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("kind", out var kind) || kind.ToString() != VerifyReport.KindName)
                throw new FormatException($"It is no report of a verification: its kind is not {VerifyReport.KindName}.");
            if (!root.TryGetProperty(Member, out var signature) || signature.ValueKind != JsonValueKind.Object
                || Text(signature, "alg") != Algorithm || Text(signature, "kid") is not { } kid || Text(signature, "value") is not { } value) return SignatureCheck.Invalid;
            // The key is named among what is signed, too.
            if (Text(root, "key") != kid) return SignatureCheck.Invalid;
            if (keys.FirstOrDefault(key => key.Thumbprint() == kid) is not { } named) return SignatureCheck.UnknownKey;
            using var opened = named.Open();
            return Base64Url.IsValid(value)
                && opened.VerifyData(CanonicalJson.Bytes(root, Member), Base64Url.DecodeFromChars(value), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
                    ? SignatureCheck.Valid
                    : SignatureCheck.Invalid;
        }
        catch (JsonException e)
        {
            throw new FormatException($"It is no JSON document: {e.Message}", e);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
