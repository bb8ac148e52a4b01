using System.Diagnostics;
using System.Net.Sockets;

namespace ZenkoFunctions.Benchmarks.Load;

/// <summary>One request (or a few that belong together); false when there is nothing left to do.</summary>
/// <param name="connection">The connection of this worker.</param>
/// <param name="worker">Counts from 0.</param>
/// <param name="turn">Counts from 0, for each worker.</param>
/// <returns>How many bytes of body went over, or null when there is nothing left to do.</returns>
internal delegate long? Step(Connection connection, int worker, int turn);

/// <summary>Runs steps on threads, each with its own connection, and measures them.</summary>
internal static class Runner
{
    private const int MostErrors = 5;

    /// <summary>Loads until <paramref name="seconds"/> have passed or the workers have nothing left to do.</summary>
    public static Measurement Run(string row, Unit unit, Target target, int connections, double seconds, Step step)
    {
        using var ready = new Barrier(connections + 1);
        var workers = new Worker[connections];
        var threads = new Thread[connections];
        var limit = (long)(seconds * Stopwatch.Frequency);
        long begin = 0;
        for (var i = 0; i < connections; i++)
        {
            var (number, worker) = (i, workers[i] = new Worker());
            threads[i] = new Thread(
                () =>
                {
                    var connection = new Connection(target);
                    ready.SignalAndWait();
                    ready.SignalAndWait();
                    worker.Run(connection, target, number, step, Volatile.Read(ref begin) + limit);
                },
                256 * 1024);
            threads[i].Start();
        }
        ready.SignalAndWait();
        ServerProcess.ResetPeak(target.Pid);
        var (server, driver) = (ServerProcess.CpuSeconds(target.Pid), Environment.CpuUsage.TotalTime);
        Volatile.Write(ref begin, Stopwatch.GetTimestamp());
        ready.SignalAndWait();
        foreach (var thread in threads) thread.Join();

        var latency = new Histogram();
        foreach (var worker in workers) latency.Add(worker.Latency);
        return new Measurement(row, unit)
        {
            Latency = latency,
            Bytes = workers.Sum(worker => worker.Bytes),
            Seconds = (workers.Max(worker => worker.End) - begin) / (double)Stopwatch.Frequency,
            Errors = workers.Sum(worker => worker.Errors),
            FirstError = workers.Select(worker => worker.FirstError).FirstOrDefault(error => error is not null),
            ServerSeconds = -server,
            DriverSeconds = (Environment.CpuUsage.TotalTime - driver).TotalSeconds,
            PeakMiB = ServerProcess.PeakMiB(target.Pid),
        };
    }

    private sealed class Worker
    {
        public Histogram Latency { get; } = new();

        public long Bytes { get; private set; }

        public long End { get; private set; }

        public int Errors { get; private set; }

        public string? FirstError { get; private set; }

        public void Run(Connection connection, Target target, int number, Step step, long deadline)
        {
            var now = Stopwatch.GetTimestamp();
            for (var turn = 0; now < deadline && Errors < MostErrors; turn++)
            {
                try
                {
                    if (step(connection, number, turn) is not { } bytes) break;
                    var then = Stopwatch.GetTimestamp();
                    Latency.Add(then - now);
                    Bytes += bytes;
                    now = then;
                }
                catch (Exception error) when (error is LoadException or SocketException)
                {
                    Errors++;
                    FirstError ??= error.Message;
                    connection.Dispose();
                    if (!TryConnect(target, ref connection)) break;
                    now = Stopwatch.GetTimestamp();
                }
            }
            End = now;
            connection.Dispose();
        }

        private static bool TryConnect(Target target, ref Connection connection)
        {
            try
            {
                connection = new Connection(target);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
