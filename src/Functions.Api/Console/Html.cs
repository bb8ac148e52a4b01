using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging.Abstractions;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Console;

/// <summary>Renders components, on the server and once: whatever they need they are given, and all text in them is encoded.</summary>
internal static class Html
{
    /// <summary>A page.</summary>
    /// <param name="parameters">Those of the component.</param>
    /// <param name="status">Of the answer.</param>
    public static async ValueTask<Reply> Page<TPage>(IDictionary<string, object?> parameters, int status = 200) where TPage : IComponent
    {
        // Not shared: it would keep every page that it rendered.
        await using var renderer = new HtmlRenderer(Nothing.Instance, NullLoggerFactory.Instance);
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TPage>(ParameterView.FromDictionary(parameters))).ToHtmlString());
        return Reply.Document(Encoding.UTF8.GetBytes(html), "text/html; charset=utf-8", status);
    }

    private sealed class Nothing : IServiceProvider
    {
        public static readonly Nothing Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
