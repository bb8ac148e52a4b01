using System.Security.Cryptography;
using System.Text;

namespace ZenkoFunctions.Api.Tests.Operations;

/// <summary>Sends messages that must carry a digest.</summary>
internal static class Messages
{
    public static Task<Answer> SendMessage(
        this ObjectServer server, string verb, string target, string document, params string[] headers) =>
        server.Send(verb, target, document, verb is "PUT" or "POST" ? [Md5Of(document), .. headers] : headers);

    public static string Md5Of(string document) => "Content-MD5: " + Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(document)));
}
