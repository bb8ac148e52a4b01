namespace ZenkoFunctions.HostDouble;

/// <summary>What the double does where a handler answers a trigger call with 2xx and no JSON body.</summary>
public enum EmptyAnswer
{
    /// <summary>Fails the invocation, explains the trap, and makes <see cref="FunctionsHost.DisposeAsync"/> throw.</summary>
    Refuse,

    /// <summary>Does what the real host does: the invocation hangs until functionTimeout, then the handler is restarted.</summary>
    Hang,
}

/// <summary>How the double is started.</summary>
public sealed record HostOptions
{
    /// <summary>The folder with host.json, local.settings.json and one folder with a function.json for each function.</summary>
    public required string AppFolder { get; init; }

    /// <summary>App settings; they win over the Values of local.settings.json.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The port clients use, on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether an App Service front end stands before the host: its headers, https, and its time-out.</summary>
    public bool FrontEnd { get; init; }

    /// <summary>Whether OPTIONS is answered (204, no CORS headers) before it reaches the host.</summary>
    public bool SwallowOptions { get; init; }

    /// <summary>Largest request body in bytes; null takes FUNCTIONS_REQUEST_BODY_SIZE_LIMIT, or 104,857,600.</summary>
    public long? BodyLimit { get; init; }

    /// <summary>The clock of timer triggers; everything else lives in real time.</summary>
    public TimeProvider TimerClock { get; init; } = TimeProvider.System;

    /// <summary>Where the status of timers outlives the host; null forgets it with the host.</summary>
    public string? StateFolder { get; init; }

    /// <summary>How long the front end waits for the next byte to or from the host before it answers 502.</summary>
    public TimeSpan FrontEndTimeout { get; init; } = TimeSpan.FromSeconds(230);

    /// <summary>YARP's activity time-out.</summary>
    public TimeSpan ActivityTimeout { get; init; } = TimeSpan.FromSeconds(240);

    /// <summary>How long a received queue message is invisible; it is renewed at half of that.</summary>
    public TimeSpan MessageLease { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What happens on an empty answer to a trigger call.</summary>
    public EmptyAnswer EmptyAnswer { get; init; }

    /// <summary>How long the handler's first start is held back: the fault "slow start", for any handler.</summary>
    public TimeSpan StartDelay { get; init; }

    /// <summary>How long a request waits for a host that is starting before it gets 503.</summary>
    public TimeSpan RequestPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>False returns from <see cref="FunctionsHost.Start"/> before the handler is ready.</summary>
    public bool WaitUntilReady { get; init; } = true;

    /// <summary>Sees each line of the log as it is written.</summary>
    public Action<LogEntry>? OnLog { get; init; }
}
