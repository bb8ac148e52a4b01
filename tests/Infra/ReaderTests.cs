using ZenkoFunctions.Infra.Tests.Bicep;

namespace ZenkoFunctions.Infra.Tests;

/// <summary>The reader refuses what it does not understand, and what Azure would.</summary>
public sealed class ReaderTests
{
    [Fact]
    public void Strings_conditions_loops_and_objects_come_to_their_values()
    {
        var deployment = Play("""
            @description('How many.')
            @minValue(1)
            param count int = 3
            param names array = [
              'a'
              'b'
            ]
            var it = 'it\'s ${count}, ${count == 3 && !empty(names) ? 'three' : 'more'}' // told
            /**/
            output said string = it
            output each array = [for (name, i) in names: '${i}${name}']
            output whole object = union({
              a: 1
            }, {
              'b': {}
            })
            """.Replace("/**/", "", StringComparison.Ordinal));
        Assert.Equal("it's 3, three", deployment.Outputs["said"]);
        Assert.Equal(["0a", "1b"], Assert.IsType<List<object?>>(deployment.Outputs["each"]));
        Assert.Equal(["a", "b"], Assert.IsType<Dictionary<string, object?>>(deployment.Outputs["whole"]).Keys);
    }

    [Fact]
    public void Children_carry_their_parents_names_and_roles_what_they_are_for()
    {
        var deployment = Play("""
            resource st 'Microsoft.Storage/storageAccounts@2023-05-01' = {
              name: 'account'
            }
            resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
              parent: st
              name: 'default'
            }
            resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
              name: guid(st.id)
              scope: st
              properties: {
                principalId: st.properties.owner.id
              }
            }
            """);
        Assert.Equal("account/default", deployment.Resources[1].Name);
        Assert.Same(deployment.Resources[0], deployment.Resources[2].Scope);
        Assert.Equal("‹st.properties.owner.id›", deployment.Resources[2]["properties.principalId"]);
    }

    [Theory]
    [InlineData("output a string = 'x", "closed")]
    [InlineData("output a string = 'x${'a'", "closed")]
    [InlineData("output a string = '''x'''", "several lines")]
    [InlineData("output a string = 1", "to be string")]
    [InlineData("output a string = missing", "There is no missing")]
    [InlineData("var a = b\nvar b = a\noutput o string = a", "depends on itself")]
    [InlineData("param a string", "was not given")]
    [InlineData("@minValue(3)\nparam a int = 2\noutput o int = a", "a is 2")]
    [InlineData("@allowed([\n  'x'\n])\nparam a string = 'y'\noutput o string = a", "may not be y")]
    [InlineData("@maxLength(2)\nparam a string = 'yyy'\noutput o string = a", "'yyy'")]
    [InlineData("param a string = 'y'", "used by nobody")]
    [InlineData("var a = {\n  x: 1\n  x: 2\n}\noutput o object = a", "twice")]
    [InlineData("var a = { x: 1 }\noutput o object = a", "begins a line")]
    [InlineData("var a = [\n  1 2\n]\noutput o array = a", "line of its own")]
    [InlineData("output o string = listKeys('x')", "not understood")]
    [InlineData("func f() string => 'x'", "not understood")]
    [InlineData("type a = string", "not understood")]
    [InlineData("output o string = 'a' ?? 'b'", "begins no expression")]
    [InlineData("resource a 'Microsoft.Web/sites@2024-04-01' = {\n}", "has no name")]
    [InlineData("resource a 'Microsoft.Web/sites/config@2024-04-01' = {\n  name: 'web'\n}", "needs a parent")]
    [InlineData("resource a 'Microsoft.Web/sites' = {\n  name: 'web'\n}", "type@version")]
    [InlineData("resource a 'A.B/c@1' = {\n  name: 'x'\n}\nresource b 'A.C/c/d@1' = {\n  name: 'x'\n  parent: a\n}", "no child")]
    [InlineData("resource a 'A.B/c@1' = {\n  name: 'x'\n}\nresource b 'A.B/c@1' = {\n  name: 'x'\n}", "made twice")]
    [InlineData("targetScope = 'subscription'", "resource groups")]
    [InlineData("var a = 1 var b = 2", "behind the end")]
    public void What_is_wrong_is_said(string template, string word) =>
        Assert.Contains(word, Assert.Throws<BicepException>(() => Play(template)).Message, StringComparison.Ordinal);

    private static Deployment Play(string template)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, template + "\n");
            return Deployment.Of(file, []);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
