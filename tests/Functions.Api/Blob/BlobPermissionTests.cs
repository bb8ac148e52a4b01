using ZenkoFunctions.Api.Blob;
using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Api.Tests.Blob;

/// <summary>The table of operations.</summary>
public sealed class BlobPermissionTests
{
    [Fact]
    public void Only_these_operations_let_those_ask_who_do_not_sign() => Golden.Check(
        "blob-anonymous.txt",
        string.Concat(BlobOperations.All.Where(o => o.Spec.Public != ContainerAccess.None).Select(o => $"{o.Spec.Verb} {o.Spec.Name}: {o.Spec.Public}\n").Order(StringComparer.Ordinal)));

    [Fact]
    public void Each_operation_is_for_these_letters_of_a_signature() => Golden.Check(
        "blob-permissions.txt",
        string.Concat(BlobOperations.All.Select(o => $"{o.Spec.Verb} {o.Spec.Name}: {(o.Spec.Permissions.Length == 0 ? "-" : o.Spec.Permissions)}, {o.Spec.Action}\n").Order(StringComparer.Ordinal)));
}
