namespace ZenkoFunctions.Core.State.Sqlite;

/// <summary>Something to be done in the writer's next transaction. All but the constructor runs on the writer's thread.</summary>
internal abstract class Write(CancellationToken ct)
{
    /// <summary>Whether the caller has given up waiting; it is not executed then.</summary>
    public bool IsCancelled => ct.IsCancellationRequested;

    /// <summary>Changes the state. What throws here takes back everybody's part of the transaction.</summary>
    public abstract void Execute(SqliteWriter writer);

    /// <summary>The transaction is durable.</summary>
    public abstract void Committed();

    /// <summary>The transaction was taken back.</summary>
    public abstract void Failed(Exception exception);

    /// <summary>The commit failed in a way that leaves open whether a restart will find the transaction.</summary>
    public virtual void Doubtful(Exception exception) => Failed(exception);
}

/// <summary>A write with an answer.</summary>
internal abstract class Write<T>(CancellationToken ct) : Write(ct)
{
    // Continuations must not run on the writer's thread: everybody waits for it.
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken ct = ct;

    /// <summary>The answer, once it is durable.</summary>
    public Task<T> Answer => answer.Task;

    /// <summary>What will be answered if the transaction commits.</summary>
    protected T Result { get; private set; } = default!;

    /// <inheritdoc/>
    public sealed override void Execute(SqliteWriter writer) => Result = Change(writer);

    /// <summary>Changes the state.</summary>
    protected abstract T Change(SqliteWriter writer);

    /// <inheritdoc/>
    public override void Committed() => answer.TrySetResult(Result);

    /// <inheritdoc/>
    public override void Failed(Exception exception)
    {
        if (exception is OperationCanceledException) answer.TrySetCanceled(ct);
        else answer.TrySetException(exception);
    }

    /// <summary>Answers something else than <see cref="Result"/>.</summary>
    protected void Conclude(T other) => answer.TrySetResult(other);
}
