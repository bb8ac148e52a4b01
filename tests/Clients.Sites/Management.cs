using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ZenkoFunctions.Clients.Tests.Harness;

namespace ZenkoFunctions.Clients.Sites.Tests;

/// <summary>The answer of a management call.</summary>
internal sealed record Told(HttpStatusCode Status, string Text)
{
    /// <summary>The JSON document of a success.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.True(Status == HttpStatusCode.OK, $"{Status}: {Text}");
            return Parsed;
        }
    }

    /// <summary>The JSON document, whatever the status.</summary>
    public JsonElement Parsed
    {
        get
        {
            using var document = JsonDocument.Parse(Text);
            return document.RootElement.Clone();
        }
    }
}

/// <summary>Signed calls (SigV4, service s3) by hand, as the management API gets them.</summary>
internal sealed class Management(string endpoint, string accessKey = ServerProcess.AccessKey, string secretKey = ServerProcess.SecretKey) : IDisposable
{
    private const string Scope = "us-east-1/s3/aws4_request";

    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public Task<Told> Get(string path) => Send(HttpMethod.Get, path, "");

    public Task<Told> Post(string path, string body = "") => Send(HttpMethod.Post, path, body);

    public Task<Told> Put(string path, string body) => Send(HttpMethod.Put, path, body);

    /// <summary>A form, as the queries of AWS's other services are; by way of a proxy that has taken it over HTTPS.</summary>
    public Task<Told> Form(params (string Name, string Value)[] fields) => Send(
        HttpMethod.Post, "/", string.Join('&', fields.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}")),
        request =>
        {
            request.Content!.Headers.ContentType = new("application/x-www-form-urlencoded");
            request.Headers.Add("X-Forwarded-Proto", "https");
        });

    public Task<Told> Delete(string path) => Send(HttpMethod.Delete, path, "");

    public void Dispose() => http.Dispose();

    /// <param name="verb">The verb.</param>
    /// <param name="path">Encoded path, and query with its parameters in order of name.</param>
    /// <param name="body">Its text.</param>
    /// <param name="more">Adds what is not signed.</param>
    private async Task<Told> Send(HttpMethod verb, string path, string body, Action<HttpRequestMessage>? more = null)
    {
        var (uri, content, now) = (new Uri(endpoint + path), Encoding.UTF8.GetBytes(body), DateTime.UtcNow);
        var (day, stamp) = (now.ToString("yyyyMMdd", CultureInfo.InvariantCulture), now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        var canonical = string.Join(
            '\n', verb, path.Split('?')[0], uri.Query.TrimStart('?'), $"host:{uri.Authority}", $"x-amz-content-sha256:{hash}", $"x-amz-date:{stamp}", "",
            "host;x-amz-content-sha256;x-amz-date", hash);
        var toSign = $"AWS4-HMAC-SHA256\n{stamp}\n{day}/{Scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var part in (string[])[day, .. Scope.Split('/')]) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        using var request = new HttpRequestMessage(verb, uri);
        if (content.Length > 0) request.Content = new ByteArrayContent(content);
        request.Headers.Add("x-amz-date", stamp);
        request.Headers.Add("x-amz-content-sha256", hash);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={accessKey}/{day}/{Scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
            + $"Signature={Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)))}");
        more?.Invoke(request);
        using var answer = await http.SendAsync(request);
        return new(answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
