using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Blob;

/// <summary>GetAccountInformation: what kind of account it is.</summary>
/// <param name="verb">GET or HEAD.</param>
public sealed class GetAccountInformation(string verb) : BlobOperation
{
    /// <inheritdoc/>
    // Any SAS of the account will do.
    public override BlobSpec Spec { get; } = new("GetAccountInformation", verb, Target.Service, "s3:ListAllMyBuckets", "rwdlacuptfi") { Restype = "account", Comp = "properties" };

    /// <inheritdoc/>
    public override ValueTask<Reply> Run(BlobCall call, CancellationToken ct) => new(
        Reply.Empty().With("x-ms-sku-name", call.Account.Sku).With("x-ms-account-kind", call.Account.Kind).With("x-ms-is-hns-enabled", "false"));
}
