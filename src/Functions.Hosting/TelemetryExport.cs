using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using ZenkoFunctions.Core.Monitoring;

namespace ZenkoFunctions.Hosting;

/// <summary>
/// Sends metrics and spans to a collector by OpenTelemetry's protocol, where its own environment variables say to which
/// (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and those that go with it).
/// </summary>
public sealed class TelemetryExport : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private readonly MeterProvider metrics;
    private readonly TracerProvider spans;

    private TelemetryExport(string service)
    {
        // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which come later, win.
        var resource = ResourceBuilder.CreateEmpty().AddService(service).AddTelemetrySdk().AddEnvironmentVariableDetector();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Telemetry.Name).AddOtlpExporter().Build();
        spans = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Telemetry.Name).AddOtlpExporter().Build();
    }

    /// <summary>Begins; null where no collector is named.</summary>
    /// <param name="service">What the collector is to call this program.</param>
    public static TelemetryExport? Start(string service) =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Endpoint)) ? null : new(service);

    /// <summary>Sends what has not been sent yet, as long as that takes five seconds at the most, and ends.</summary>
    public void Dispose()
    {
        const int Patience = 5000;
        spans.ForceFlush(Patience);
        metrics.ForceFlush(Patience);
        spans.Dispose();
        metrics.Dispose();
    }
}
