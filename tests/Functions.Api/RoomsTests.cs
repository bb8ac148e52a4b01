using System.Reflection;
using System.Reflection.Emit;
using Microsoft.AspNetCore.Http;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests;

/// <summary>Which room may touch which: read from the compiled code, so that nothing written in any way escapes.</summary>
public sealed class RoomsTests
{
    /// <summary>Room → rooms it may touch besides itself and those inside it.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Core"] = [],
        ["Core.Bytes"] = [],
        ["Core.State"] = ["Core", "Core.Bytes"],
        ["Core.Monitoring"] = ["Core"],
        ["Core.Queues"] = ["Core", "Core.Monitoring", "Core.State"],
        ["Core.Locations"] = ["Core", "Core.Bytes", "Core.Identity", "Core.State", "Core.Storage"],
        ["Core.Access"] = ["Core"],
        ["Core.Limits"] = ["Core.State"],
        ["Core.Encryption"] = ["Core", "Core.Bytes", "Core.Identity", "Core.Locations", "Core.State"],
        ["Core.Identity"] = ["Core", "Core.Access", "Core.Bytes", "Core.Limits", "Core.State"],
        ["Core.Objects"] = ["Core", "Core.Access", "Core.Bytes", "Core.Limits", "Core.State", "Core.Queues", "Core.Locations", "Core.Identity", "Core.Encryption", "Core.Usage"],
        ["Core.Usage"] = ["Core", "Core.State", "Core.Queues"],
        ["Core.Replication"] = ["Core", "Core.Bytes", "Core.Encryption", "Core.Identity", "Core.State", "Core.Queues", "Core.Locations", "Core.Objects", "Core.Usage"],
        ["Core.Lifecycle"] = ["Core", "Core.Locations", "Core.Objects", "Core.Queues", "Core.Replication", "Core.State"],
        ["Core.Collection"] = ["Core", "Core.Locations", "Core.Objects", "Core.Replication", "Core.State"],
        ["Core.Settings"] = ["Core.State"],
        ["Core.Statistics"] = ["Core", "Core.Identity", "Core.Objects", "Core.Settings", "Core.State", "Core.Usage"],
        ["Core.History"] = ["Core.Monitoring", "Core.State"],
        ["Core.Search"] = ["Core", "Core.Locations", "Core.Objects", "Core.Queues", "Core.Replication", "Core.State"],
        ["Core.Expiry"] = ["Core", "Core.Objects", "Core.Replication", "Core.State"],
        ["Core.Storage"] = ["Core"],
        ["Core.Ingestion"] = ["Core", "Core.Locations", "Core.Objects", "Core.Replication", "Core.State"],
        ["Core.BlobAccounts"] = ["Core", "Core.Identity", "Core.Objects", "Core.Queues", "Core.State"],
        ["Core.Composition"] =
        [
            "Core", "Core.BlobAccounts", "Core.Limits", "Core.State", "Core.Queues", "Core.Collection", "Core.Locations", "Core.Identity", "Core.Encryption", "Core.Expiry", "Core.History", "Core.Ingestion", "Core.Lifecycle", "Core.Monitoring", "Core.Objects", "Core.Notifications", "Core.Replication", "Core.Search", "Core.Settings", "Core.Statistics", "Core.Storage", "Core.Usage",
            "Core.State.AzureTables", "Core.Queues.AzureQueues", "Core.Locations.AzureBlob", "Core.Locations.Disk", "Core.Locations.S3",
        ],
        ["Api.S3"] = ["Core", "Core.Access", "Core.Bytes", "Core.Encryption", "Core.Limits", "Core.Locations", "Core.Identity", "Core.Monitoring", "Core.Notifications", "Core.Objects", "Core.Composition", "Core.Replication", "Core.Search", "Core.Settings", "Core.Statistics", "Core.Usage"],
        ["Api.Blob"] =
        [
            "Api.S3", "Core", "Core.Access", "Core.BlobAccounts", "Core.Bytes", "Core.Composition", "Core.Encryption", "Core.Identity", "Core.Limits", "Core.Locations", "Core.Objects", "Core.Usage",
        ],
        ["Api.StorageAccounts"] = ["Api.Blob", "Api.Management", "Api.S3", "Core", "Core.Access", "Core.BlobAccounts", "Core.Composition", "Core.Identity", "Core.Locations", "Core.Objects"],
        ["Core.Notifications"] = ["Core", "Core.State", "Core.Queues", "Core.Objects"],
        ["Api.Iam"] = ["Api.S3", "Core", "Core.Access", "Core.Identity", "Core.Settings"],
        ["Api.CloudStack"] = ["Api.Management", "Api.S3", "Core", "Core.Access", "Core.Composition", "Core.Identity", "Core.Settings"],
        // What pages show they ask the APIs for, in the name of who is signed in: nothing of the domain is within their reach.
        ["Api.Console"] = ["Api.Management", "Api.S3", "Core", "Core.Composition", "Core.History", "Core.Identity", "Core.Locations"],
        ["Api.Ostor"] = ["Api.S3", "Core", "Core.Access", "Core.BlobAccounts", "Core.Composition", "Core.Identity", "Core.Limits", "Core.Monitoring", "Core.Objects", "Core.Settings", "Core.State", "Core.Statistics", "Core.Usage"],
        ["Api.Utapi"] = ["Api.S3", "Core", "Core.Access", "Core.Composition", "Core.Identity", "Core.Objects", "Core.Statistics"],
        ["Api.Management"] = ["Api.S3", "Core", "Core.Access", "Core.BlobAccounts", "Core.Composition", "Core.History", "Core.Identity", "Core.Ingestion", "Core.Locations", "Core.Monitoring", "Core.Objects", "Core.Queues", "Core.Replication", "Core.Search", "Core.Settings", "Core.State", "Core.Usage"],
        ["Api"] = ["Core.Composition", "Core.Limits", "Core.Replication", "Core.Usage", "Hosting", "Api.Blob", "Api.StorageAccounts", "Api.CloudStack", "Api.Console", "Api.Iam", "Api.Management", "Api.Ostor", "Api.S3", "Api.Utapi", "Core", "Core.Identity", "Core.Locations", "Core.Monitoring", "Core.Settings", "Core.Statistics"],
    };

    /// <summary>The engines: rooms of their own, that only who composes the program may touch. Those of SQLite share one file.</summary>
    private static readonly string[] Engines =
    [
        "Core.State.Sqlite", "Core.Queues.Sqlite", "Core.Locations.Disk", "Core.State.AzureTables", "Core.Queues.AzureQueues", "Core.Locations.AzureBlob",
        "Core.Locations.S3",
    ];

    [Fact]
    public void No_room_touches_another_than_the_table_says()
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in new[] { typeof(Gateway).Assembly, typeof(Core.Refusal).Assembly }.SelectMany(a => a.GetTypes()))
        {
            if (Room(type) is not { } from) continue;
            foreach (var touched in Touched(type).Select(Room).OfType<string>())
                if (!MayTouch(from, touched)) found.Add($"{from} touches {touched} in {type.FullName}");
        }
        Assert.True(found.Count == 0, string.Join("\n", found));
    }

    [Fact]
    public void Every_room_is_in_the_table()
    {
        var rooms = new[] { typeof(Gateway).Assembly, typeof(Core.Refusal).Assembly }
            .SelectMany(a => a.GetTypes()).Select(Room).OfType<string>().Distinct();
        Assert.DoesNotContain(rooms, room => !Allowed.ContainsKey(room) && !Engines.Contains(room));
    }

    [Fact]
    public void Nothing_but_the_reply_writer_touches_the_response() => Assert.Equal(
        [typeof(ReplyWriter)],
        typeof(Gateway).Assembly.GetTypes()
            .Where(type => Methods(type).SelectMany(method => Members(type, method)).Any(member => member.DeclaringType == typeof(HttpResponse)))
            .Select(type => type.DeclaringType ?? type).Distinct());

    private static bool MayTouch(string from, string to) =>
        from == to
        || (Engines.Contains(from)
            ? !Engines.Contains(to) || (from.EndsWith("Sqlite", StringComparison.Ordinal) && to.EndsWith("Sqlite", StringComparison.Ordinal))
            : Allowed.GetValueOrDefault(from, []).Contains(to));

    private static string? Room(Type type)
    {
        if (type.Namespace is not { } full || !full.StartsWith("ZenkoFunctions.", StringComparison.Ordinal)) return null;
        var name = full["ZenkoFunctions.".Length..];
        return Engines.FirstOrDefault(e => name == e || name.StartsWith(e + ".", StringComparison.Ordinal))
            ?? string.Join('.', name.Split('.').Take(2));
    }

    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static IEnumerable<MethodBase> Methods(Type type) => type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All));

    private static IEnumerable<Type> Touched(Type type)
    {
        var types = new List<Type?> { type.BaseType };
        types.AddRange(type.GetInterfaces());
        types.AddRange(type.GetFields(All).Select(f => f.FieldType));
        foreach (var method in Methods(type))
        {
            types.AddRange(method.GetParameters().Select(p => p.ParameterType));
            if (method is MethodInfo { ReturnType: var returned }) types.Add(returned);
            types.AddRange(Members(type, method).SelectMany(Types));
        }
        return types.OfType<Type>().SelectMany(Parts);
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericParameter ? []
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
        : [type];

    private static IEnumerable<Type?> Types(MemberInfo member) => member switch
    {
        Type type => [type],
        MethodBase method => [method.DeclaringType, .. method.IsGenericMethod ? method.GetGenericArguments() : []],
        _ => [member.DeclaringType],
    };

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>The members that a method's instructions name.</summary>
    private static IEnumerable<MemberInfo> Members(Type type, MethodBase method)
    {
        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = type.IsGenericType ? type.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var at = 0; at < il.Length;)
        {
            var code = OpCodesByValue[il[at] == 0xfe ? unchecked((short)(0xfe00 | il[at + 1])) : il[at]];
            at += code.Size;
            switch (code.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    if (type.Module.ResolveMember(BitConverter.ToInt32(il, at), typeArguments, methodArguments) is { } member) yield return member;
                    at += 4;
                    break;
                case OperandType.InlineSwitch:
                    at += 4 + (4 * BitConverter.ToInt32(il, at));
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    at += 8;
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    at += 1;
                    break;
                case OperandType.InlineVar:
                    at += 2;
                    break;
                case OperandType.InlineNone:
                    break;
                default:
                    at += 4;
                    break;
            }
        }
    }
}
