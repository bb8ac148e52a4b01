using System.Globalization;
using System.Text;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Cli;

/// <summary>What <c>serve</c> tells the person who started it, on stdout, once the socket listens.</summary>
internal static class Banner
{
    /// <summary>The block of text; with the secret only where it is to be shown (once), and the authority where clients do not trust it by themselves.</summary>
    public static string Text(string endpoint, string? console, AccessKey key, bool showSecret, string region, DataDirectory data, string? authority)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"ZenkoFunctions serves S3 at {endpoint}");
        if (console is not null) Line($"  console     {console}   (sign in by the keys below, or by the link of 'zenkofn console')");
        Line($"  data        {data.Root}");
        Line($"  region      {region}");
        Line($"  access key  {key.Id}");
        if (showSecret) Line($"  secret key  {key.Secret}   (shown this once; kept in {data.RootCredentials})");
        if (authority is not null)
        {
            Line($"  authority   {authority}");
            Line($"Trust it: clients take the file by");
            Line($"  export AWS_CA_BUNDLE={Quote(authority)} REQUESTS_CA_BUNDLE={Quote(authority)} NODE_EXTRA_CA_CERTS={Quote(authority)} SSL_CERT_FILE={Quote(authority)}");
        }
        Line($"Try");
        Line($"  export AWS_SHARED_CREDENTIALS_FILE={Quote(data.RootCredentials)} AWS_DEFAULT_REGION={region}");
        Line($"  aws --endpoint-url {endpoint} s3 mb s3://my-bucket");
        return text.ToString();
    }

    private static string Quote(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_')
            ? text : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
