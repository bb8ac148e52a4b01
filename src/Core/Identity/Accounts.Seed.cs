using System.Text.Json;
using System.Text.Json.Serialization;
using ZenkoFunctions.Core.Access;

namespace ZenkoFunctions.Core.Identity;

public sealed partial class Accounts
{
    // A hundred thousand accounts; a file beyond that is a mistake.
    private const int SeedBytes = 32 * 1024 * 1024;

    /// <summary>
    /// Makes the accounts and keys that a file lists: a JSON array of
    /// <c>{name, email, id?, canonicalId?, system?, accessKeys: [{id, secret}], users: [{name, accessKeys, policies: {name: document}}]}</c>. What is there already stays; a key gets the
    /// secret that the file gives it. Nothing is written where the file is wrong in itself.
    /// </summary>
    /// <returns>The accounts of the file, in its order.</returns>
    /// <exception cref="InvalidDataException">What is wrong with the file, and where.</exception>
    public async ValueTask<IReadOnlyList<Account>> Seed(string path, CancellationToken ct)
    {
        var entries = await ReadSeed(path, ct);
        var accounts = new List<Account>(entries.Length);
        foreach (var entry in entries)
        {
            try
            {
                accounts.Add(await Seed(entry, ct));
            }
            catch (InvalidDataException wrong)
            {
                throw new InvalidDataException($"{path}, account {entry.Name}: {wrong.Message}", wrong);
            }
        }
        return accounts;
    }

    private async ValueTask<Account> Seed(SeedAccount entry, CancellationToken ct)
    {
        var account = await FindByName(entry.Name, ct)
            ?? Value(await CreateAccount(entry.Name, entry.Email, entry.Id, entry.CanonicalId, ct));
        if (!account.Email.Equals(entry.Email, StringComparison.OrdinalIgnoreCase)
            || (entry.Id ?? account.Id) != account.Id || (entry.CanonicalId ?? account.CanonicalId) != account.CanonicalId)
            throw Unusable($"exists already with e-mail {account.Email}, id {account.Id} and canonical id {account.CanonicalId}.");
        if (entry.System && !account.IsSystem) account = Value(await MarkSystem(account.Id, true, ct));
        foreach (var key in entry.AccessKeys ?? [])
            await EnsureKey(account, null, key.Id, key.Secret, ct);
        foreach (var user in entry.Users ?? [])
            await Seed(account, user, ct);
        return account;
    }

    private async ValueTask Seed(Account account, SeedUser entry, CancellationToken ct)
    {
        var user = await FindUser(account, entry.Name, ct) ?? Value(await CreateUser(account, entry.Name, ct));
        foreach (var (name, document) in entry.Policies ?? [])
            if (!user.Policies.Contains(new(name, document.GetRawText())))
                Value(await PutUserPolicy(account, user.Name, new(name, document.GetRawText()), ct));
        foreach (var key in entry.AccessKeys ?? [])
            await EnsureKey(account, user, key.Id, key.Secret, ct);
    }

    private static async ValueTask<SeedAccount[]> ReadSeed(string path, CancellationToken ct)
    {
        SeedAccount?[]? entries;
        try
        {
            await using var file = File.OpenRead(path);
            if (file.Length > SeedBytes) throw new InvalidDataException($"{path} is larger than {SeedBytes} bytes.");
            entries = await JsonSerializer.DeserializeAsync(file, SeedJson.Default.SeedAccountArray, ct);
        }
        catch (JsonException wrong)
        {
            var line = wrong.LineNumber is { } number ? $", line {number + 1}" : "";
            throw new InvalidDataException($"{path}{line}: {wrong.Message}", wrong);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"The accounts file {path} cannot be read: {missing.Message}", missing);
        }
        if (entries is null) throw new InvalidDataException($"{path} holds null instead of an array of accounts.");
        Check(path, entries);
        return entries!;
    }

    private static void Check(string path, SeedAccount?[] entries)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i] ?? throw new InvalidDataException($"{path}: entry {i + 1} is null.");
            var wrong = Credentials.WrongAccountName(entry.Name) ?? Credentials.WrongEmail(entry.Email)
                ?? (entry.Id is null ? null : Credentials.WrongAccountId(entry.Id))
                ?? (entry.CanonicalId is null ? null : Credentials.WrongCanonicalId(entry.CanonicalId))
                ?? Twice("name", entry.Name) ?? Twice("e-mail", entry.Email.ToLowerInvariant())
                ?? Twice("id", entry.Id) ?? Twice("canonical id", entry.CanonicalId);
            foreach (var key in entry.AccessKeys ?? [])
                wrong ??= Wrong(key);
            foreach (var user in entry.Users ?? [])
            {
                if (user is null) wrong ??= "A user is null.";
                if (wrong is not null) break;
                wrong = Credentials.WrongUserName(user!.Name) ?? Twice("user", $"{entry.Name}/{user.Name.ToLowerInvariant()}");
                foreach (var (name, document) in user.Policies ?? [])
                    wrong ??= Credentials.WrongPolicyName(name) ?? Policy.Parse(document.GetRawText(), PolicyKind.Identity).Detail;
                foreach (var key in user.AccessKeys ?? [])
                    wrong ??= Wrong(key);
            }
            if (wrong is not null) throw new InvalidDataException($"{path}: entry {i + 1} ({entry.Name}): {wrong}");
        }

        string? Wrong(SeedKey? key) => key is null ? "An access key is null."
            : Credentials.WrongAccessKeyId(key.Id) ?? Credentials.WrongSecret(key.Secret) ?? Twice("access key", key.Id);

        string? Twice(string kind, string? value) =>
            value is null || seen.Add($"{kind} {value}") ? null : $"The {kind} {value} stands in the file twice.";
    }
}

internal sealed class SeedAccount
{
    public required string Name { get; init; }
    public required string Email { get; init; }
    public string? Id { get; init; }
    public string? CanonicalId { get; init; }
    public bool System { get; init; }
    public SeedKey[]? AccessKeys { get; init; }
    public SeedUser[]? Users { get; init; }
}

internal sealed class SeedUser
{
    public required string Name { get; init; }
    public SeedKey[]? AccessKeys { get; init; }
    public Dictionary<string, JsonElement>? Policies { get; init; }
}

internal sealed class SeedKey
{
    public required string Id { get; init; }
    public required string Secret { get; init; }
}

[JsonSerializable(typeof(SeedAccount[]))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    AllowDuplicateProperties = false, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
internal sealed partial class SeedJson : JsonSerializerContext;
