using System.Buffers;
using System.IO.Pipelines;
using ZenkoFunctions.Api.S3;
using ZenkoFunctions.Api.S3.Signatures;
using ZenkoFunctions.Contracts;
using ZenkoFunctions.Core.Identity;

namespace ZenkoFunctions.Api.Tests.Signatures;

/// <summary>An authenticator with one account and AWS's example key, at the time of AWS's examples.</summary>
public sealed class Gate
{
    public const string KeyId = "AKIAIOSFODNN7EXAMPLE", Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Region = "us-east-1";

    public static readonly DateTimeOffset Day = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);

    private Gate(Accounts accounts, Account owner, ManualClock clock) =>
        (Accounts, Owner, Clock, Authenticator) = (accounts, owner, clock, new(accounts, Region, clock));

    public Accounts Accounts { get; }
    public Account Owner { get; }
    public ManualClock Clock { get; }
    public Authenticator Authenticator { get; }

    public static async Task<Gate> Open(string keyId = KeyId, string secret = Secret)
    {
        var clock = new ManualClock(Day);
        var accounts = new Accounts(new InMemoryTable(), new MasterKey(new byte[MasterKey.Length]), clock);
        var owner = (await accounts.CreateAccount("owner", "owner@example.com", null, null, default)).Value;
        _ = (await accounts.CreateKey(owner, null, keyId, secret, default)).Value;
        return new(accounts, owner, clock);
    }

    public Signer Signer(string keyId = KeyId, string secret = Secret) => new(keyId, secret, Region, Clock.Now);

    public ValueTask<Authenticated> Verify(SignedRequest request, string? hostBucket = null) =>
        Authenticator.Verify(request.ToWire(), hostBucket, default);

    /// <summary>Verifies the request and reads its payload to the end.</summary>
    public async Task<(Authenticated Sender, byte[] Payload)> Receive(SignedRequest request, params int[] segments)
    {
        var sender = await Authenticator.Verify(request.ToWire(segments), null, default);
        return (sender, await ReadAll(sender.Body));
    }

    public async Task<S3Exception> Refusal(SignedRequest request, string? hostBucket = null) =>
        await Assert.ThrowsAsync<S3Exception>(async () =>
        {
            var sender = await Verify(request, hostBucket);
            await ReadAll(sender.Body);
        });

    public static async Task<byte[]> ReadAll(PipeReader reader)
    {
        var bytes = new MemoryStream();
        while (true)
        {
            var result = await reader.ReadAsync();
            foreach (var memory in result.Buffer) bytes.Write(memory.Span);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted) break;
        }
        await reader.CompleteAsync();
        return bytes.ToArray();
    }
}
