namespace ZenkoFunctions.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    /// <summary>It did what was asked.</summary>
    public const int Done = 0;

    /// <summary>It could not; stderr says why and what to do.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>The disk failed to keep what it had taken; going on could lose what was acknowledged.</summary>
    public const int StorageLost = 3;

    /// <summary>It did what was asked, and found differences between what it compared, or copies that were given up.</summary>
    public const int Differs = 4;

    /// <summary>What it watched did not end in the time that it was given; it goes on.</summary>
    public const int TimeOver = 5;

    /// <summary>Of <c>doctor</c>: something may not go on for long, or not for everybody, or could not be checked.</summary>
    public const int Warnings = 1;

    /// <summary>Of <c>doctor</c>: something does not work.</summary>
    public const int Problems = 2;

    /// <summary>For the help.</summary>
    public const string Table = """
        Exit codes:
          0    done
          1    failed: stderr says why and what to do (doctor: warnings)
          2    the command line makes no sense (doctor: problems)
          3    serve: the disk failed to keep what was written
          4    done, but there were differences, copies that were given up, or versions that could not be removed
          5    what was watched took longer than --timeout; it goes on
          130  Ctrl-C; what was watched goes on
        """;

    /// <summary>It was told to stop watching (Ctrl-C); what it watched goes on.</summary>
    public const int Interrupted = 130;
}
