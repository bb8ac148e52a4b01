using System.Net;
using Microsoft.Extensions.Logging;
using ZenkoFunctions.Api.S3.Parsing;
using ZenkoFunctions.Core.Objects;
using ZenkoFunctions.Core.Replication;

namespace ZenkoFunctions.Cli;

/// <summary>How to serve.</summary>
/// <param name="Data">Full path of the data directory.</param>
/// <param name="Storage">The connection string of the storage account that takes the place of the directory; null where none does.</param>
/// <param name="EndPoint">Where to listen.</param>
/// <param name="Console">Where to listen for the console; null for none.</param>
/// <param name="Region">The region of signatures.</param>
/// <param name="Domains">Domains below which a label is a bucket.</param>
/// <param name="AccountsFile">Accounts to seed, or null.</param>
/// <param name="KeepReplaced">How long bytes outlive the objects that named them.</param>
/// <param name="KeepUnreferenced">How long bytes are kept that no object ever named.</param>
/// <param name="KmsKeys">Ids of keys of SSE-KMS that are to exist.</param>
/// <param name="PlainCustomerKeys">From whom keys of SSE-C are taken over plain HTTP.</param>
/// <param name="Targets">The targets of events by name: <c>http…</c> URLs, or <c>queue:NAME</c>.</param>
/// <param name="Retry">How long a failing copy is tried; null for the policy of its location's engine.</param>
/// <param name="LifecycleDay">What the days of lifecycle rules are.</param>
/// <param name="IngestEvery">How often what is mirrored is compared with its source.</param>
/// <param name="CopiesFromAnywhere">Whether sources of copies are fetched from addresses that are not public, too.</param>
/// <param name="Live">How live settings are until somebody changes them, by name.</param>
/// <param name="TlsCertificate">The PEM file of the certificate to serve HTTPS by; null for none of the person's own.</param>
/// <param name="TlsKey">The PEM file of its key.</param>
/// <param name="TlsAuto">Whether to serve HTTPS by a certificate of a local authority.</param>
/// <param name="ClientCertificates">Whether clients are asked for certificates.</param>
/// <param name="PathPrefix">A path under which everything is served once more; null for none.</param>
/// <param name="LogLevel">The least severe entries to log.</param>
/// <param name="LogAsJson">JSON lines rather than text.</param>
internal sealed record ServeSettings(
    string Data, string? Storage, IPEndPoint EndPoint, IPEndPoint? Console, string Region, IReadOnlyList<string> Domains, string? AccountsFile, TimeSpan KeepReplaced, TimeSpan KeepUnreferenced,
    IReadOnlyList<string> KmsKeys, PlainCustomerKeys PlainCustomerKeys, IReadOnlyDictionary<string, string> Targets,
    RetryPolicy? Retry, LifecycleDay LifecycleDay, TimeSpan IngestEvery, bool CopiesFromAnywhere, IReadOnlyDictionary<string, string> Live, string? TlsCertificate, string? TlsKey, bool TlsAuto, bool ClientCertificates, string? PathPrefix, LogLevel LogLevel, bool LogAsJson);
