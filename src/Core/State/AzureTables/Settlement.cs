namespace ZenkoFunctions.Core.State.AzureTables;

/// <summary>What the rows tell of an Apply whose answer was lost.</summary>
internal enum Finding
{
    /// <summary>Nothing either way.</summary>
    Nothing,

    /// <summary>All rows to be deleted are gone, by us or by somebody who did the same.</summary>
    Gone,

    /// <summary>Its conditions hold: it has not taken place so far.</summary>
    Open,

    /// <summary>Too much has happened to the rows since.</summary>
    Ambiguous,

    /// <summary>As <see cref="Open"/>, for certain: a row is still in the very state that a condition names.</summary>
    CertainlyOpen,

    /// <summary>Somebody else was first.</summary>
    Refused,

    /// <summary>It took place.</summary>
    Committed,
}

/// <summary>
/// Settles lost answers. Each row that an Apply writes carries its nonce, and the nonce of the state that it replaced, which
/// the condition's stamp knew. So a row that we may have written tells
/// <list type="bullet">
/// <item>our nonce, now or just before: committed (an Apply is atomic, so one row is enough);</item>
/// <item>that somebody replaced the very state that we had asked for, or inserted where nothing was to be: refused;</item>
/// <item>the state that we had asked for: it has not taken place so far;</item>
/// <item>anything else: two others have been there since, and nobody can tell.</item>
/// </list>
/// A deletion leaves no nonce. Where an Apply only deletes, and all its rows are gone, that is what was asked for, and it
/// counts as committed even if a rival did the same at the same moment.
/// One thing is taken for impossible that is only harmless: that our row was inserted, deleted and inserted anew by others
/// within the seconds of a lost answer; that counts as refused, and nothing of ours is left behind.
/// </summary>
internal static class Settlement
{
    /// <summary>What one row tells.</summary>
    public static Finding Judge(Change change, Entity? row, string nonce)
    {
        if (row is not null && (row.Nonce == nonce || row.Before == nonce)) return Finding.Committed;
        var known = EntityJson.TryRead(change.Condition.Stamp, out var etag, out var before);
        return change.Condition.Kind switch
        {
            ConditionKind.Is when row is not null && known && row.ETag == etag => Finding.CertainlyOpen,
            ConditionKind.Is when row is not null && known && before.Length > 0 && row.Before == before => Finding.Refused,
            ConditionKind.Is when row is null && change.Value is null => Finding.Gone,
            ConditionKind.Is => Finding.Ambiguous,
            ConditionKind.Absent when row is null => Finding.Open,
            ConditionKind.Absent => row.Before.Length == 0 ? Finding.Refused : Finding.Ambiguous,
            _ when change.Value is null => row is null ? Finding.Gone : Finding.Open,
            _ => Finding.Open,
        };
    }

    /// <summary>What all rows tell together: the surest word counts, and a row that is gone only where nothing was to be written.</summary>
    public static Finding Sum(IReadOnlyList<Change> changes, IEnumerable<Finding> findings)
    {
        var sum = Finding.Nothing;
        var writes = changes.Any(change => change.Value is not null);
        foreach (var finding in findings)
        {
            var one = finding == Finding.Gone && writes ? Finding.Nothing : finding;
            if (one > sum) sum = one;
        }
        return sum;
    }
}
