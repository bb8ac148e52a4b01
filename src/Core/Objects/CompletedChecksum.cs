using ZenkoFunctions.Core.Bytes;

namespace ZenkoFunctions.Core.Objects;

/// <summary>The checksum of a multipart object, from those of its parts and what the client says of them.</summary>
internal static class CompletedChecksum
{
    public static Result<Checksum> Of(Upload upload, CompleteRequest request, IReadOnlyList<Part> parts)
    {
        var algorithm = upload.Algorithm ?? ChecksumAlgorithm.Crc64Nvme;
        var type = upload.ChecksumType ?? ChecksumType.FullObject;
        if (request.ChecksumType is { } givenType && givenType != type)
        {
            return Refusal.InvalidRequest.Because(
                $"The upload was created with the checksum type {Checksums.Name(type)}; the complete request says {Checksums.Name(givenType)}.");
        }

        var checksum = type == ChecksumType.FullObject
            ? Checksums.Combine(algorithm, parts.Select(part => (Digest(part, algorithm), part.Size)))
            : Checksums.Composite(algorithm, parts.Select(part => Digest(part, algorithm)).ToList());
        if (request.Checksum is { } announced &&
            (request.Algorithm != algorithm || (announced != checksum.Value && $"{announced}-{parts.Count}" != checksum.Value)))
            return Refusal.BadDigest;

        for (var i = 0; i < parts.Count; i++)
        {
            var named = request.Parts[i];
            if (named.Checksum is not null && (parts[i].Checksum is not { } known ||
                named.Algorithm != known.Algorithm || named.Checksum != known.Value)) return Refusal.InvalidPart;
        }
        return checksum;
    }

    private static byte[] Digest(Part part, ChecksumAlgorithm algorithm) => Convert.FromBase64String(
        algorithm == ChecksumAlgorithm.Crc64Nvme ? part.Crc64Nvme
        : part.Checksum is { } checksum && checksum.Algorithm == algorithm ? checksum.Value
        : throw new InvalidDataException($"Part {part.Number} has no {algorithm} checksum."));
}
