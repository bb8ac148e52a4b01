using Microsoft.AspNetCore.Components;

namespace ZenkoFunctions.Api.Console;

/// <summary>A page, rendered of what was read for it before.</summary>
public abstract class ConsolePage<TModel> : ComponentBase
{
    /// <summary>The request.</summary>
    [Parameter, EditorRequired]
    public ConsoleCall Call { get; set; } = null!;

    /// <summary>What it shows.</summary>
    [Parameter, EditorRequired]
    public TModel Model { get; set; } = default!;
}
