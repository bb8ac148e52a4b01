using Spectre.Console;

namespace ZenkoFunctions.Cli.Remote;

/// <summary>Long work: with a bar on a terminal, in silence elsewhere.</summary>
internal static class Watched
{
    /// <summary>Does it.</summary>
    /// <param name="what">What is being done.</param>
    /// <param name="total">How many steps there are; 0 where nobody knows.</param>
    /// <param name="quiet">Whether nothing is shown in any case.</param>
    /// <param name="work">The work; tells how many steps more are done.</param>
    public static Task<T> Run<T>(string what, long total, bool quiet, Func<Action<long>, Task<T>> work)
    {
        if (quiet || Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive) return work(_ => { });
        return AnsiConsole.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn()).StartAsync(progress =>
        {
            var task = progress.AddTask(Markup.Escape(what), maxValue: Math.Max(1, total));
            task.IsIndeterminate = total == 0;
            return work(steps =>
            {
                // More may have come since they were counted.
                task.MaxValue = Math.Max(task.MaxValue, task.Value + steps);
                task.Increment(steps);
            });
        });
    }
}
