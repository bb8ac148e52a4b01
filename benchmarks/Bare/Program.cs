using ZenkoFunctions.Benchmarks.Bare;

// bare DIRECTORY PORT — the limit that the product is measured against: HTTP, MD5 and files, nothing else.
if (args is not [var directory, var port])
{
    await Console.Error.WriteLineAsync("usage: bare DIRECTORY PORT");
    return 2;
}

// A flush blocks its thread. With the pool's default of one thread a core, sixteen writers would wait for each other
// here and not at the disk, which would make this server a lower limit than it is.
ThreadPool.SetMinThreads(128, 16);

var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.ListenLocalhost(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture));
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.Limits.MinRequestBodyDataRate = null;
    kestrel.Limits.MinResponseDataRate = null;
    kestrel.AddServerHeader = false;
});
var app = builder.Build();
app.Run(new FileServer(Directory.CreateDirectory(directory).FullName).Answer);
await app.RunAsync();
return 0;
