using System.Text;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace ZenkoFunctions.Core.Locations.S3;

/// <summary>
/// The SDK's client of a place, made at the first use. A service that cannot be reached, or stands still, is told within seconds:
/// somebody waits for it, and jobs have tries of their own.
/// </summary>
internal sealed class S3Service(S3Place place)
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(3);

    private readonly Lazy<AmazonS3Client> client = new(() => Client(place, retries: 2));
    private readonly Lazy<AmazonS3Client> once = new(() => Client(place, retries: 0));

    /// <summary>Whether requests are signed without their bodies. The SDK wants that for TLS alone, which keeps them whole by itself.</summary>
    public bool LeavesBodiesUnsigned { get; } = place.Endpoint is null || place.Endpoint.Scheme == Uri.UriSchemeHttps;

    /// <inheritdoc cref="Watch.Ask"/>
    public Task<T> Ask<T>(Func<AmazonS3Client, CancellationToken, Task<T>> ask, CancellationToken ct, TimeSpan? patience = null) =>
        Watch.Ask(token => ask(client.Value, token), ct, patience);

    /// <inheritdoc cref="Watch.Send"/>
    public Task<T> Send<T>(Stream body, Func<AmazonS3Client, Stream, CancellationToken, Task<T>> ask, CancellationToken ct) =>
        Watch.Send(body, (watched, token) => ask(client.Value, watched, token), ct);

    /// <summary>As <see cref="Ask"/>; the SDK does not ask again.</summary>
    public Task<T> AskOnce<T>(Func<AmazonS3Client, CancellationToken, Task<T>> ask, CancellationToken ct) => Watch.Ask(token => ask(once.Value, token), ct);

    /// <summary>As <see cref="Send"/>; the SDK does not send again.</summary>
    public Task<T> SendOnce<T>(Stream body, Func<AmazonS3Client, Stream, CancellationToken, Task<T>> ask, CancellationToken ct) =>
        Watch.Send(body, (watched, token) => ask(once.Value, watched, token), ct);

    private static AmazonS3Client Client(S3Place place, int retries)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = place.PathStyle,
            HttpClientFactory = new OneClient(Connections()),
            MaxErrorRetry = retries,
            MaxStaleConnectionRetries = retries, // else ten, of whatever breaks off, also when the body went over whole
            RetryMode = RequestRetryMode.Standard,
            Timeout = System.Threading.Timeout.InfiniteTimeSpan, // the watch ends what stands still, however large it is
            // Older servers (Ceph 16 for one) refuse the trailers that the SDK would add by itself; Content-MD5 they all check.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            IgnoreConfiguredEndpointUrls = true,
        };
        if (place.Endpoint is { } endpoint) (config.ServiceURL, config.AuthenticationRegion) = (endpoint.AbsoluteUri, place.Region);
        else config.RegionEndpoint = RegionEndpoint.GetBySystemName(place.Region);
        return new(new BasicAWSCredentials(place.AccessKey, place.SecretKey), config);
    }

    /// <summary>Connections of one place, so that one that fails does not hold up others.</summary>
    private static HttpClient Connections() => new(new SocketsHttpHandler
    {
        ConnectTimeout = ConnectPatience,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // names may come to mean other addresses
        AllowAutoRedirect = false,
        UseCookies = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    })
    {
        Timeout = System.Threading.Timeout.InfiniteTimeSpan,
    };

    private sealed class OneClient(HttpClient client) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
