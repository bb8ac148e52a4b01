using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ZenkoFunctions.Cli.Probing;

/// <summary>What something in front keeps for itself or lets pretend: preflight requests, redirects, odd paths, forwarded headers, forged triggers.</summary>
internal static class PlatformChecks
{
    private const string Origin = "https://probe.example.com", Elsewhere = "203.0.113.7";

    /// <summary>Headers in which platforms say where a client is, as it could claim itself.</summary>
    private static readonly string[] AddressHeaders = ["X-Forwarded-For", "X-Client-IP", "CLIENT-IP", "X-Azure-ClientIP", "X-Azure-SocketIP", "X-Real-IP", "True-Client-IP", "Forwarded"];

    /// <summary>The same for the certificate that a client has shown.</summary>
    private static readonly string[] CertificateHeaders = ["X-ARR-ClientCert", "X-Client-Cert", "X-Client-Certificate", "X-SSL-Client-Cert", "SSL-Client-Cert", "X-Forwarded-Client-Cert", "Client-Cert"];

    /// <summary>The same for the host that a client asked for.</summary>
    private static readonly string[] HostHeaders = ["X-Forwarded-Host", "DISGUISED-HOST", "X-Original-Host", "WAS-DEFAULT-HOSTNAME"];

    /// <summary>The checks.</summary>
    public static IReadOnlyList<Check> All { get; } =
    [
        new("preflight (OPTIONS)", Preflight),
        new("CORS of answers", Cors),
        new("form upload and redirect", FormAndRedirect),
        new("path that begins with //", DoubleSlash),
        new("forged trigger calls", Triggers),
        new("client address", Address),
        new("client certificate", Certificate),
        new("host", Host),
    ];

    private static async Task<Finding> Preflight(Session session, CancellationToken ct)
    {
        var set = await session.Set("PUT", "cors=",
            $"<CORSConfiguration><CORSRule><AllowedOrigin>{Origin}</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader></CORSRule></CORSConfiguration>", ct);
        if (set.Status != 200) return Finding.Broken(set.Told, "The CORS of a bucket cannot be set.", "See who answers, and what it wants.");
        var call = new Call("OPTIONS", session.At("cors")) { IsAnonymous = true, Headers = [("Origin", Origin), ("Access-Control-Request-Method", "PUT")] };
        var answer = await session.Until(call, a => a["access-control-allow-origin"] is not null, ct);
        return answer.IsGateways && answer["access-control-allow-origin"] is Origin or "*"
            ? Finding.Ok("answered by the bucket's CORS")
            : Finding.Limited(
                $"{answer.Told}, Access-Control-Allow-Origin {answer["access-control-allow-origin"] ?? "none"}",
                "Preflight requests do not reach the gateway: the CORS of buckets does not hold, and browsers cannot upload unless the platform allows it.",
                "Set the parameter corsOrigins of the template to the origins of your web applications.");
    }

    private static async Task<Finding> Cors(Session session, CancellationToken ct)
    {
        var call = new Call("PUT", session.At("cors")) { Headers = [("Origin", Origin)] };
        var answer = await session.Until(call, a => a["access-control-allow-origin"] is not null, ct);
        return answer["access-control-allow-origin"] is Origin or "*"
            ? Finding.Ok("the origin is named")
            : Finding.Limited($"{answer.Told} without Access-Control-Allow-Origin", "Browsers do not show answers to web pages of other origins.", "Set the parameter corsOrigins of the template to the origins of your web applications.");
    }

    private static async Task<Finding> FormAndRedirect(Session session, CancellationToken ct)
    {
        const string target = "https://probe.example.com/done?a=b%2Fc";
        var fields = session.Signer.Form(signed =>
        {
            var conditions = signed.Select(f => $$"""{"{{f.Name}}":"{{f.Value}}"}""")
                .Concat([$$"""{"bucket":"{{session.Bucket}}"}""", """{"key":"form"}""", $$"""{"success_action_redirect":"{{target}}"}"""]);
            var until = session.Clock.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture);
            return $$"""{"expiration":"{{until}}","conditions":[{{string.Join(',', conditions)}}]}""";
        });
        var form = new StringBuilder();
        foreach (var (name, value) in fields.Prepend(("success_action_redirect", target)).Prepend(("key", "form")))
            form.Append(CultureInfo.InvariantCulture, $"--probe\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        form.Append("--probe\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nfrom a form\r\n--probe--\r\n");
        var answer = await session.Send(
            new("POST", session.Root) { IsAnonymous = true, Body = Encoding.UTF8.GetBytes(form.ToString()), Headers = [("Content-Type", "multipart/form-data; boundary=probe")] }, ct);
        return answer.Status == 303 && answer["location"]?.StartsWith(target, StringComparison.Ordinal) == true
            ? Finding.Ok("303 with its Location")
            : Finding.Limited($"{answer.Told}, Location {answer["location"] ?? "none"}", "Uploads by browsers' forms, or redirects, do not get through as they are.", "Let POSTs of multipart/form-data through, and redirects back.");
    }

    private static async Task<Finding> DoubleSlash(Session session, CancellationToken ct)
    {
        var answer = await session.Send(new("GET", "/" + session.At("headers")), ct);
        return answer.IsGateways
            ? Finding.Ok($"{answer.Told}, from the gateway")
            : Finding.Limited(answer.Told, "Keys that begin with a slash cannot be reached with the bucket in the host name.", "Tell users of such keys to use the path style.");
    }

    /// <summary>What the host sends to a function can be imitated: nothing of it may be run.</summary>
    private static async Task<Finding> Triggers(Session session, CancellationToken ct)
    {
        foreach (var function in new[] { "Fx_Garbage", "Fx_Events", "Fx_Sweeps", "Fx_Gateway" })
        {
            var answer = await session.Send(
                new("POST", "/" + function)
                {
                    IsAnonymous = true,
                    Body = """{"Data":{"msg":"{}","timer":{}},"Metadata":{"DequeueCount":"1","sys":{}}}"""u8.ToArray(),
                    Headers = [("Content-Type", "application/json; charset=utf-8"), ("User-Agent", "Azure-Functions-Host/4.0"), ("X-Azure-Functions-InvocationId", Guid.NewGuid().ToString())],
                }, ct);
            if (answer.Status < 300)
                return Finding.Broken($"POST /{function} was answered {answer.Status}", "Anybody can run the jobs, with messages of their own making.", "Take the endpoint off the network until this is understood.");
        }
        return Finding.Ok("refused");
    }

    private static async Task<Finding> Address(Session session, CancellationToken ct)
    {
        await session.Put("public", "public"u8.ToArray(), ct);
        await session.Put("guarded", "guarded"u8.ToArray(), ct);
        var arn = $"arn:aws:s3:::{session.Bucket}";
        var set = await session.Set("PUT", "policy=", $$$"""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"{{{arn}}}/public"},
              {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"{{{arn}}}/guarded","Condition":{"IpAddress":{"aws:SourceIp":"{{{Elsewhere}}}/32"}} }]}
            """, ct);
        if (set.Status is not (200 or 204)) return Finding.Limited($"a policy was answered {set.Told}", "What addresses clients can claim could not be found out.", "Probe as the root account.");
        var open = await session.Until(new("GET", session.At("public")) { IsAnonymous = true }, a => a.Status == 200, ct);
        if (open.Status != 200) return Finding.Limited($"an object for everybody was answered {open.Told}", "What addresses clients can claim could not be found out; anonymous reads do not work.", "See whether something in front wants a sign-in.");
        var believed = new List<string>();
        foreach (var header in AddressHeaders)
        {
            var value = header == "Forwarded" ? $"for={Elsewhere}" : Elsewhere;
            if ((await session.Send(new("GET", session.At("guarded")) { IsAnonymous = true, Headers = [(header, value)] }, ct)).Status == 200) believed.Add(header);
        }
        return believed.Count == 0
            ? Finding.Ok("no header that a client sends is believed")
            : Finding.Broken($"believed from the client: {string.Join(", ", believed)}", "Anybody can claim any address: policies with aws:SourceIp do not protect.", "Unset ZENKOFN_CLIENT_IP_HEADER, or name a header that the platform sets itself.");
    }

    /// <summary>A certificate is no secret. One is bound to the probe's own key, and told by a client that has not shown it.</summary>
    private static async Task<Finding> Certificate(Session session, CancellationToken ct)
    {
        const string route = "/_/management/certificates";
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = session.Clock.GetUtcNow();
        using var certificate = new CertificateRequest("CN=" + session.Bucket, key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddMinutes(-20), now.AddHours(1));
        var bound = await session.Send(new("POST", route) { Body = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()) }, ct);
        if (bound.Status is not (200 or 201)) return Finding.Limited($"a certificate was answered {bound.Told}", "Whether clients can claim certificates could not be found out.", "Probe with a key that lasts and whose policies let it register certificates.");
        var believed = new List<string>();
        try
        {
            await session.Put("certified", "certified"u8.ToArray(), ct);
            foreach (var header in CertificateHeaders)
            {
                var call = new Call("GET", session.At("certified")) { IsAnonymous = true, Headers = [(header, Convert.ToBase64String(certificate.RawData))] };
                if ((await session.Send(call, ct)).Status == 200) believed.Add(header);
            }
        }
        finally
        {
            await session.Send(new("DELETE", $"{route}/{Signer.Hex(certificate.GetCertHash(HashAlgorithmName.SHA256))}"), ct);
        }
        return believed.Count == 0
            ? Finding.Ok("no header that a client sends is believed")
            : Finding.Broken($"believed from the client: {string.Join(", ", believed)}", "Who knows a registered certificate, which is no secret, signs in by it.", "Unset ZENKOFN_CLIENT_CERTIFICATE_HEADER at once, or name a header that the platform sets itself.");
    }

    private static async Task<Finding> Host(Session session, CancellationToken ct)
    {
        const string other = "other.example.com";
        var believed = new List<string>();
        foreach (var header in HostHeaders)
            if ((await session.Send(new("HEAD", session.Root) { SignedHost = other, Headers = [(header, other)] }, ct)).Status == 200) believed.Add(header);
        return believed.Count == 0
            ? Finding.Ok("no header that a client sends replaces Host")
            : Finding.Limited($"believed from the client: {string.Join(", ", believed)}", "Signatures hold for a host that the client names itself: a request that was signed for another endpoint with the same keys can be sent here.", "Use these keys for no other endpoint.");
    }
}
