using System.Net;
using Microsoft.Extensions.Logging;

namespace ZenkoFunctions.Cli;

/// <summary>How to serve.</summary>
/// <param name="Data">Full path of the data directory.</param>
/// <param name="EndPoint">Where to listen.</param>
/// <param name="Region">The region of signatures.</param>
/// <param name="Domains">Domains below which a label is a bucket.</param>
/// <param name="AccountsFile">Accounts to seed, or null.</param>
/// <param name="KeepReplaced">How long bytes outlive the objects that named them.</param>
/// <param name="LogLevel">The least severe entries to log.</param>
/// <param name="LogAsJson">JSON lines rather than text.</param>
internal sealed record ServeSettings(
    string Data, IPEndPoint EndPoint, string Region, IReadOnlyList<string> Domains, string? AccountsFile, TimeSpan KeepReplaced,
    LogLevel LogLevel, bool LogAsJson);
