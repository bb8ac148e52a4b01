using System.Globalization;

namespace ZenkoFunctions.HostDouble;

/// <summary>
/// A schedule of timer triggers: second minute hour day month weekday, in UTC; five fields mean second 0. Each field: *, a, a-b, /step and
/// lists of those, months and weekdays also by English name, Sunday is 0. All fields must match (also both day fields).
/// </summary>
internal sealed class Cron
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private static readonly (string Name, int Least, int Most, string[] Names)[] Fields =
    [
        ("second", 0, 59, []), ("minute", 0, 59, []), ("hour", 0, 23, []), ("day", 1, 31, []), ("month", 1, 12, Months),
        ("weekday", 0, 6, Days),
    ];

    private readonly ulong[] sets;

    private Cron(ulong[] sets) => this.sets = sets;

    /// <summary>Null with a problem that says what to write.</summary>
    public static Cron? Parse(string text, out string? problem)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 5) parts = ["0", .. parts];
        if (parts.Length != 6)
        {
            problem = $"\"{text}\" is no CRON expression: write six fields, such as \"0 */5 * * * *\" for every five minutes " +
                "(times such as 00:05:00 run on App Service plans only).";
            return null;
        }
        var sets = new ulong[6];
        for (var i = 0; i < 6; i++)
            if (!TryField(parts[i], Fields[i], out sets[i]))
            {
                problem = $"the {Fields[i].Name} \"{parts[i]}\" of \"{text}\" is not understood: write *, a number from {Fields[i].Least} to " +
                    $"{Fields[i].Most}, a range a-b, a step */n, or a list of those.";
                return null;
            }
        var cron = new Cron(sets);
        problem = cron.Next(DateTimeOffset.UnixEpoch) is null ? $"\"{text}\" never comes: no such day." : null;
        return problem is null ? cron : null;
    }

    /// <summary>The first time after the given one, in UTC; null if there is none within eight years (29 February needs that).</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var at = new DateTime(after.UtcTicks - after.UtcTicks % TimeSpan.TicksPerSecond, DateTimeKind.Utc).AddSeconds(1);
        for (var end = at.AddYears(8); at < end;)
        {
            if (!Has(4, at.Month)) at = new DateTime(at.Year, at.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1);
            else if (!Has(3, at.Day) || !Has(5, (int)at.DayOfWeek)) at = at.Date.AddDays(1);
            else if (!Has(2, at.Hour)) at = at.Date.AddHours(at.Hour + 1);
            else if (!Has(1, at.Minute)) at = at.AddSeconds(60 - at.Second);
            else if (!Has(0, at.Second)) at = at.AddSeconds(1);
            else return new DateTimeOffset(at);
        }
        return null;
    }

    /// <summary>Whether it ever fires twice within a minute: then the host keeps no status of it.</summary>
    public bool OftenerThanMinutes => ulong.PopCount(sets[0]) > 1;

    private bool Has(int field, int value) => (sets[field] >> value & 1) != 0;

    private static bool TryField(string text, (string Name, int Least, int Most, string[] Names) field, out ulong set)
    {
        set = 0;
        foreach (var item in text.Split(','))
        {
            var (range, step) = (item, 1);
            if (item.Split('/') is [var before, var by])
            {
                if (!int.TryParse(by, NumberStyles.None, CultureInfo.InvariantCulture, out step) || step is < 1 or > 60) return false;
                range = before;
            }
            int from, to;
            if (range == "*") (from, to) = (field.Least, field.Most);
            else if (range.Split('-') is [var first, var last])
            {
                if (!TryValue(first, field, out from) || !TryValue(last, field, out to) || from > to) return false;
            }
            else
            {
                if (!TryValue(range, field, out from)) return false;
                to = range == item ? from : field.Most;
            }
            for (var value = from; value <= to; value += step) set |= 1UL << value;
        }
        return set != 0;
    }

    private static bool TryValue(string text, (string Name, int Least, int Most, string[] Names) field, out int value)
    {
        var named = Array.FindIndex(field.Names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        value = named + field.Least;
        return named >= 0 ||
            (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= field.Least && value <= field.Most);
    }
}
