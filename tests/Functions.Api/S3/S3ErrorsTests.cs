using System.Reflection;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Core;

namespace ZenkoFunctions.Api.Tests.S3;

public sealed class S3ErrorsTests
{
    private static readonly Dictionary<string, S3Error> Table = typeof(S3Errors)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(f => f.Name, f => (S3Error)f.GetValue(null)!);

    [Fact]
    public void The_table_of_errors_changes_only_on_purpose() => Golden.Check(
        "errors.txt",
        string.Concat(Table.Values.OrderBy(e => e.Code, StringComparer.Ordinal).Select(e => $"{e.Status} {e.Code}: {e.Message}\n")));

    [Fact]
    public void Every_line_is_named_by_its_code() => Assert.All(Table, line => Assert.Equal(line.Key, line.Value.Code.Replace(".", "", StringComparison.Ordinal)));

    /// <summary>Refusals that only the management of accounts, or Azure's protocol, meets.</summary>
    private static readonly Refusal[] NotOfS3 =
    [
        Refusal.IdentityTaken, Refusal.NoSuchIdentity, Refusal.InvalidBlock, Refusal.InvalidBlockList, Refusal.TooManyBlocks, Refusal.WrongBlobType, Refusal.AppendPosition,
        Refusal.AppendSize, Refusal.Sealed, Refusal.InvalidPageRange, Refusal.SequenceNumber, Refusal.BlobOverwritten, Refusal.PendingCopy, Refusal.IncrementalCopy,
    ];

    [Fact]
    public void Every_refusal_of_the_domain_has_its_error() => Golden.Check(
        "refusals.txt", string.Concat(Enum.GetValues<Refusal>().Except(NotOfS3).Select(r => $"{r} -> {S3Errors.From(r).Code}\n")));
}
