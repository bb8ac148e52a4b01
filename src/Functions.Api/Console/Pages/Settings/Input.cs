namespace ZenkoFunctions.Api.Console.Pages.Settings;

/// <summary>How a value is typed or chosen.</summary>
public enum InputKind
{
    /// <summary>A line.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>Lines.</summary>
    Area,

    /// <summary>Lines of code.</summary>
    Code,

    /// <summary>One of few, all of them shown.</summary>
    Choice,

    /// <summary>One of several.</summary>
    Select,

    /// <summary>Any of several; the value has those that are chosen, with blanks between.</summary>
    Checks,

    /// <summary>Not shown; kept as it is.</summary>
    Hidden,
}

/// <summary>An option of a choice.</summary>
/// <param name="Value">As it is sent.</param>
/// <param name="Label">For people.</param>
/// <param name="Hint">What it means; null where the label says that.</param>
public sealed record Option(string Value, string Label, string? Hint = null);

/// <summary>A value of a form.</summary>
/// <param name="Name">Its name; without dots.</param>
/// <param name="Label">For people.</param>
/// <param name="Kind">How it is typed or chosen.</param>
public sealed record Input(string Name, string Label, InputKind Kind = InputKind.Text)
{
    /// <summary>What to type; null where the label says that.</summary>
    public string? Hint { get; init; }

    /// <summary>What can be chosen.</summary>
    public IReadOnlyList<Option> Options { get; init; } = [];
}

/// <summary>The values of a form, by the names of its inputs.</summary>
public sealed class FormValues
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>One of them; null where it is empty.</summary>
    public string? this[string name]
    {
        get => values.GetValueOrDefault(name);
        set
        {
            if (string.IsNullOrEmpty(value)) values.Remove(name);
            else values[name] = value;
        }
    }

    /// <summary>The repeated part, one for each time.</summary>
    public IList<FormValues> Rows { get; } = [];

    /// <summary>Whether all are empty.</summary>
    public bool IsEmpty => values.Count == 0;

    /// <summary>The lines of one, without those that are empty.</summary>
    public string[] Lines(string name) => (this[name] ?? "").Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>What is chosen of <see cref="InputKind.Checks"/>.</summary>
    public string[] Chosen(string name) => (this[name] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What was sent.</summary>
    /// <param name="form">The fields: those of a row have its number behind a dot, those of checks their option.</param>
    /// <param name="inputs">Of the form.</param>
    /// <param name="row">Of its repeated part.</param>
    /// <param name="mostRows">How many there may be.</param>
    internal static FormValues Of(ConsoleForm form, IReadOnlyList<Input> inputs, IReadOnlyList<Input> row, int mostRows)
    {
        var values = Read(inputs, "");
        var hidden = row.Where(input => input.Kind == InputKind.Hidden).Select(input => input.Name).ToList();
        for (var i = 0; i < mostRows && row.Count > 0; i++)
        {
            var one = Read(row, $".{i}");
            // A row of which nothing is left but what nobody sees was taken out.
            if (one.values.Keys.Except(hidden).Any()) values.Rows.Add(one);
        }
        return values;

        FormValues Read(IReadOnlyList<Input> of, string suffix)
        {
            var read = new FormValues();
            foreach (var input in of)
            {
                read[input.Name] = input.Kind == InputKind.Checks
                    ? string.Join(' ', input.Options.Where(option => form[$"{input.Name}{suffix}.{option.Value}"] is not null).Select(option => option.Value))
                    : form[input.Name + suffix];
            }
            return read;
        }
    }
}
