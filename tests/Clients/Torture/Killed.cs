using Amazon.Runtime;

namespace ZenkoFunctions.Clients.Tests.Torture;

/// <summary>Tells a server that was killed from one that refuses.</summary>
public static class Killed
{
    /// <summary>Whether the connection was lost: an answer with a status would be a refusal.</summary>
    public static bool Is(Exception e) => e switch
    {
        AmazonServiceException service => service.StatusCode == 0,
        HttpRequestException or IOException or OperationCanceledException or AmazonClientException => true,
        _ => false,
    };
}
