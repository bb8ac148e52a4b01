using System.CommandLine;
using System.Globalization;
using System.Text;
using ZenkoFunctions.Api.Ostor;
using ZenkoFunctions.Cli.Remote;

namespace ZenkoFunctions.Cli.Commands;

/// <summary><c>zenkofn s3-admin</c>: what <c>ostor-s3-admin</c> is asked for, by its names and flags, answered by its lines.</summary>
internal static class S3Admin
{
    private const string Quotas = "ostor-quotas", Limits = "ostor-limits";

    private const string Examples = """
        Examples:
          zenkofn s3-admin create-user -e user@example.com
          zenkofn s3-admin create-user -S -e user@example.com              a system user, who administrates
          zenkofn s3-admin query-users -a                                  with the secrets of their keys
          zenkofn s3-admin query-user-info -e user@example.com
          zenkofn s3-admin disable-user -e user@example.com
          zenkofn s3-admin gen-access-key -e user@example.com
          zenkofn s3-admin revoke-access-key -e user@example.com -k d866d9d114cc3d20G456
          zenkofn s3-admin create-account -n below -e user@example.com
          zenkofn s3-admin list-all-buckets
          zenkofn s3-admin query-bucket-info -b photos
          zenkofn s3-admin set-limits -e user@example.com -t ops -L get=3600
          zenkofn s3-admin query-limits -e user@example.com
          zenkofn s3-admin query-quotas -b photos

        Scripts for ostor-s3-admin go on with: alias ostor-s3-admin='zenkofn s3-admin'
        Unlike there, the keys of an administrator sign.
        """;

    private static readonly Option<string?> Email = Text("--email", "-e", "e-mail", "The user, by e-mail address.");
    private static readonly Option<string?> Id = Text("--id", "-i", "id", "The user, by 16 hex digits.");
    private static readonly Option<bool> System = new("--system", "-S") { Description = "Makes a system user: its keys administrate the installation by ostor's API. Only the root may do that." };
    private static readonly Option<string?> Volume = Text("--volume", "-V", "id", "Taken for the sake of scripts, and not used: there is one volume.");
    private static readonly Option<string?> Key = Text("--key", "-k", "id", "The id of the access key.", isRequired: true);
    private static readonly Option<string?> Bucket = Text("--bucket", "-b", "name", "The bucket.");
    private static readonly Option<string?> Name = Text("--name", "-n", "name", "An account of the user, which has keys of its own.");
    private static readonly Option<bool> Secrets = new("--all", "-a") { Description = "Shows the secrets of keys, too." };
    private static readonly Option<string?> Default = Text("--default", "-o", "user|bucket", "What holds where nothing is said: of each user, or of each bucket.");
    private static readonly Option<string?> Kind = Text("--type", "-t", "ops|bandwidth", "What is limited: operations, or bytes.", isRequired: true);
    private static readonly Option<string[]> Values = new("--limit", "-L") { Description = "A limit: default, get, put, list or delete of ops, out of bandwidth; 0 for none. May be given several times.", HelpName = "name=n", Required = true };

    static S3Admin()
    {
        Kind.AcceptOnlyFromAmong("ops", "bandwidth");
        Default.AcceptOnlyFromAmong("user", "bucket");
    }

    /// <summary>The command with its own.</summary>
    public static Command Command() => HelpWithExamples.WithExamples(new("s3-admin", "The commands of ostor-s3-admin, by its names and flags.")
    {
        Needing(Email, Made("create-user", "Makes a user with a key pair.", CreateUser, Email, System)),
        Made("query-users", "Lists users and their key pairs.", QueryUsers, Secrets),
        OfUser("query-user-info", "Shows a user and its key pairs.", QueryUser),
        OfUser("disable-user", "Lets a user's keys sign no more.", (server, parsed, ct) => Enable(server, parsed, false, ct)),
        OfUser("enable-user", "Lets them sign again.", (server, parsed, ct) => Enable(server, parsed, true, ct)),
        OfUser("delete-user", "Deletes a user who owns no buckets.", DeleteUser),
        OfUser("gen-access-key", "Makes a further key pair; two is the most.", NewKey, Name),
        OfUser("revoke-access-key", "Removes a key pair.", RevokeKey, Key, Name),
        Needing(Name, OfUser("create-account", "Makes an account of a user, which has keys of its own and may do all that the user may.", CreateAccount, Name)),
        OfUser("list-user-accounts", "Lists the accounts of a user.", ListAccounts, Secrets),
        Made("list-all-buckets", "Lists all buckets with what they hold.", ListBuckets),
        Needing(Bucket, Made("query-bucket-info", "Shows a bucket and what it holds.", QueryBucket, Bucket)),
        Needing(Bucket, Made("change-bucket-owner", "Is not supported: a bucket stays with the account that made it.", ChangeOwner, Bucket, Id)),
        Needing(Bucket, Made("delete-bucket", "Deletes a bucket of yours that is empty.", DeleteBucket, Bucket)),
        OfTarget("query-quotas", "Shows a quota.", QueryQuota, Default),
        OfTarget("query-limits", "Shows the limits of a user or a bucket.", QueryLimits),
        OfTarget("set-limits", "Sets limits of one type.", SetLimits, Kind, Values),
        OfTarget("rm-limits", "Takes limits away.", RemoveLimits),
    }, Examples);

    private static async Task<string> CreateUser(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var isSystem = parsed.GetValue(System);
        var made = await AccountCommands.Create(server, parsed.GetValue(Email)!, isSystem, ct);
        return Lines([$"UserEmail:{made.UserEmail}", $"UserId:{made.UserId}", .. Pair(made.Keys), $"Flags:{(isSystem ? "system" : "none")}"]);
    }

    private static async Task<string> QueryUsers(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (ostor, isOpen) = (new RemoteOstor(server), parsed.GetValue(Secrets));
        List<string[]> lines = [];
        foreach (var user in await ostor.Users(ct))
        {
            var keys = (await ostor.User(new("id", user.UserId), ct)).Keys;
            lines.Add([user.UserId, .. keys.Count == 0 ? ["-", "-"] : Columns(keys[0], isOpen), user.UserEmail]);
            lines.AddRange(keys.Skip(1).Select(key => (string[])["", .. Columns(key, isOpen), ""]));
        }
        return Table.Text(["S3 USER ID", "S3 ACCESS KEY ID", "S3 SECRET ACCESS KEY", "S3 USER EMAIL"], lines);
    }

    private static async Task<string> QueryUser(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var user = await new RemoteOstor(server).User(Who(parsed), ct);
        return Lines([
            $"Query user: user id={user.UserId}, user email={user.UserEmail}",
            .. user.Keys.SelectMany((key, i) => (string[])[string.Create(CultureInfo.InvariantCulture, $"Key pair[{i}]: access key id={key.Id},"), $"secret access key={key.Secret}"]),
        ]);
    }

    private static async Task<string> Enable(RemoteServer server, ParseResult parsed, bool isEnabled, CancellationToken ct)
    {
        var user = await new RemoteOstor(server).User(Who(parsed), ct);
        await new RemoteOstor(server).Enable(Who(parsed), isEnabled, ct);
        return Lines([$"{(isEnabled ? "Enabled" : "Disabled")} user: user id={user.UserId}"]);
    }

    private static async Task<string> DeleteUser(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var user = await new RemoteOstor(server).User(Who(parsed), ct);
        await new RemoteOstor(server).Delete(Who(parsed), ct);
        return Lines([$"Deleted user: user id={user.UserId}"]);
    }

    private static async Task<string> NewKey(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var made = await new RemoteOstor(server).NewKey(Who(parsed), parsed.GetValue(Name), ct);
        return Lines([$"Generate access key: user id={made.UserId}, access key id={made.Keys[0].Id},", $"secret access key={made.Keys[0].Secret}"]);
    }

    private static async Task<string> RevokeKey(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var (ostor, key) = (new RemoteOstor(server), parsed.GetValue(Key)!);
        var user = await ostor.User(Who(parsed), ct);
        await ostor.RevokeKey(Who(parsed), parsed.GetValue(Name), key, ct);
        return Lines([$"Revoke access key: user id={user.UserId}, access key id={key}"]);
    }

    private static async Task<string> CreateAccount(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var made = await new RemoteOstor(server).NewUser(Who(parsed), parsed.GetValue(Name)!, ct);
        return Lines([$"Name:{made.Name}", .. Pair(made.Keys)]);
    }

    private static async Task<string> ListAccounts(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var user = await new RemoteOstor(server).User(Who(parsed), ct);
        var isOpen = parsed.GetValue(Secrets);
        return Table.Text(["NAME", "USER_ID", "EMAIL", "S3AccessKeyId", "S3SecretAccessKey"], [.. user.Accounts.SelectMany(account => account.Keys.Select(key =>
            (string[])[account.Name, user.UserId, user.UserEmail, .. Columns(key, isOpen)]))]);
    }

    private static async Task<string> ListBuckets(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var all = await new RemoteOstor(server).Buckets(ct);
        return string.Create(CultureInfo.InvariantCulture, $"Total {all.Count} buckets{Environment.NewLine}") + await Told(server, all, "TOTAL SIZE, BYTES", ct);
    }

    private static async Task<string> QueryBucket(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var name = parsed.GetValue(Bucket);
        var found = (await new RemoteOstor(server).Buckets(ct)).Where(each => each.Name == name).ToList();
        return found.Count == 1 ? await Told(server, found, "TOTAL(BYTES)", ct) : throw new RemoteException(404, "NoSuchBucket", $"There is no bucket {name}.");
    }

    private static Task<string> ChangeOwner(RemoteServer server, ParseResult parsed, CancellationToken ct) =>
        throw new StartupException($"A bucket stays with the account that made it. Make one in the other account, copy {parsed.GetValue(Bucket)} to it, and delete this one.");

    private static async Task<string> DeleteBucket(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        await new RemoteBuckets(server).Delete(parsed.GetValue(Bucket)!, ct);
        return Lines([$"Deleted bucket: {parsed.GetValue(Bucket)}"]);
    }

    private static async Task<string> QueryQuota(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        var quota = await new RemoteOstor(server).Find(Quotas, Target(parsed), ct) ?? throw new RemoteException(404, "NoSuchQuota", "There is no quota.");
        return Lines(((string[])["version", "size", "type"]).Select(name => $"{name}: '{quota.GetValueOrDefault(name)}'"));
    }

    private static async Task<string> QueryLimits(RemoteServer server, ParseResult parsed, CancellationToken ct) => Told(await new RemoteOstor(server).Find(Limits, Target(parsed), ct));

    private static async Task<string> SetLimits(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        Parameter[] values = [.. parsed.GetRequiredValue(Values).Select(each => each.Split('=', 2) is [var name, var value] ? new Parameter(name, value) : throw new StartupException($"-L {each}: it must be name=n."))];
        await new RemoteOstor(server).Set(Limits, ct, [Target(parsed), new(parsed.GetValue(Kind)!), .. values]);
        return await QueryLimits(server, parsed, ct);
    }

    private static async Task<string> RemoveLimits(RemoteServer server, ParseResult parsed, CancellationToken ct)
    {
        await new RemoteOstor(server).Remove(Limits, Target(parsed), ct);
        return Told(null);
    }

    // Of buckets that are not the caller's nobody says whether they keep old versions.
    private static async Task<string> Told(RemoteServer server, IReadOnlyList<BucketDocument> buckets, string size, CancellationToken ct)
    {
        var lines = new string[buckets.Count][];
        await Parallel.ForAsync(0, lines.Length, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = ct }, async (i, stop) =>
        {
            var bucket = buckets[i];
            var versioning = "-";
            try
            {
                versioning = (await new RemoteBuckets(server).Find(bucket.Name, "versioning", stop))?.Of("Status")?.ToLowerInvariant() ?? "none";
            }
            catch (RemoteException e) when (e.Status == 403)
            {
                // It stays.
            }
            lines[i] = [bucket.Name, bucket.OwnerId, bucket.Created, versioning, bucket.Size.Current.ToString(CultureInfo.InvariantCulture)];
        });
        return Table.Text(["BUCKET", "OWNER", "CREATION_DATE", "VERSIONING", size], lines);
    }

    private static string Told(Dictionary<string, string>? limits) => Lines(((string[])["ops:default", "ops:get", "ops:put", "ops:list", "ops:delete"])
        .Select(name => $"{name}={limits?.GetValueOrDefault(name) ?? "0.00"}ops/s").Append($"bandwidth:out={limits?.GetValueOrDefault("bandwidth:out") ?? "0"}kbs/s"));

    private static IEnumerable<string> Pair(IReadOnlyList<KeyDocument> keys) => keys.SelectMany((key, i) => (string[])
        [string.Create(CultureInfo.InvariantCulture, $"KeyPair[{i}]:S3AccessKeyId:{key.Id}"), string.Create(CultureInfo.InvariantCulture, $"KeyPair[{i}]:S3SecretAccessKey:{key.Secret}")]);

    private static string[] Columns(KeyDocument key, bool isOpen) => [key.Id, isOpen ? key.Secret : "***"];

    private static string Lines(IEnumerable<string> lines) => lines.Aggregate(new StringBuilder(), (text, line) => text.AppendLine(line)).ToString();

    private static Parameter Who(ParseResult parsed) => parsed.GetValue(Email) is { } email ? new("emailAddress", email) : new("id", parsed.GetValue(Id)!);

    private static Parameter Target(ParseResult parsed) =>
        parsed.GetValue(Bucket) is { } bucket ? new("bucket", bucket) : parsed.GetResult(Default) is { Implicit: false } ? new("default", parsed.GetValue(Default)) : Who(parsed);

    private static Command Made(string name, string description, Func<RemoteServer, ParseResult, CancellationToken, Task<string>> run, params Option[] options)
    {
        var command = new Command(name, description);
        foreach (var option in options.Append(Volume)) command.Add(option);
        return command.Asking(async (server, parsed, ct) =>
        {
            await Console.Out.WriteAsync(await run(server, parsed, ct));
            return ExitCode.Done;
        }, hasJson: false);
    }

    private static Command OfUser(string name, string description, Func<RemoteServer, ParseResult, CancellationToken, Task<string>> run, params Option[] options) =>
        OneOf(Made(name, description, run, [Email, Id, .. options]), Email, Id);

    private static Command OfTarget(string name, string description, Func<RemoteServer, ParseResult, CancellationToken, Task<string>> run, params Option[] options) =>
        OneOf(Made(name, description, run, [Email, Id, Bucket, .. options]), [Email, Id, Bucket, .. options.Where(option => option == Default)]);

    // Options that other commands can do without.
    private static Command Needing(Option option, Command command) => OneOf(command, option);

    private static Command OneOf(Command command, params Option[] options)
    {
        command.Validators.Add(result =>
        {
            if (options.Count(option => result.GetResult(option) is { Implicit: false }) != 1) result.AddError($"Say {(options.Length == 1 ? "" : "one of ")}{string.Join(", ", options.Select(option => option.Aliases.First()))}.");
        });
        return command;
    }

    private static Option<string?> Text(string name, string flag, string help, string description, bool isRequired = false) => new(name, flag) { Description = description, HelpName = help, Required = isRequired };
}
