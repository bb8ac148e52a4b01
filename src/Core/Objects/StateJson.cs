using System.Text.Json.Serialization;
using ZenkoFunctions.Core.Access;
using ZenkoFunctions.Core.Encryption;
using ZenkoFunctions.Core.Limits;

namespace ZenkoFunctions.Core.Objects;

/// <summary>
/// How rows and messages of this room are stored: JSON, so that they grow without a migration. Golden files pin the form.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Bucket))]
[JsonSerializable(typeof(ObjectVersion))]
[JsonSerializable(typeof(Upload))]
[JsonSerializable(typeof(Part))]
[JsonSerializable(typeof(ManifestRow))]
[JsonSerializable(typeof(PageRow))]
[JsonSerializable(typeof(Garbage))]
[JsonSerializable(typeof(FollowUp))]
[JsonSerializable(typeof(Tombstone))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(VersioningSetting))]
[JsonSerializable(typeof(MirrorSetting))]
[JsonSerializable(typeof(BucketTags))]
[JsonSerializable(typeof(ContainerSetting))]
[JsonSerializable(typeof(CorsSetting))]
[JsonSerializable(typeof(BlobState))]
[JsonSerializable(typeof(WebsiteSetting))]
[JsonSerializable(typeof(LifecycleSetting))]
[JsonSerializable(typeof(ObjectLockSetting))]
[JsonSerializable(typeof(RequesterPays))]
[JsonSerializable(typeof(QuotaSetting))]
[JsonSerializable(typeof(RequestLimits))]
[JsonSerializable(typeof(RedirectSetting))]
[JsonSerializable(typeof(NotificationSetting))]
[JsonSerializable(typeof(ObjectEvent))]
[JsonSerializable(typeof(EventMessage))]
[JsonSerializable(typeof(LoggingSetting))]
[JsonSerializable(typeof(SearchIndex))]
[JsonSerializable(typeof(SearchEntry))]
[JsonSerializable(typeof(DroppedEntries))]
[JsonSerializable(typeof(Retention))]
[JsonSerializable(typeof(Acl))]
[JsonSerializable(typeof(Sse))]
[JsonSerializable(typeof(SseDefault))]
[JsonSerializable(typeof(PolicySetting))]
[JsonSerializable(typeof(OwnershipSetting))]
[JsonSerializable(typeof(PublicAccessBlock))]
[JsonSerializable(typeof(ReplicationSetting))]
[JsonSerializable(typeof(ReplicationState))]
[JsonSerializable(typeof(ReplicationIntent))]
[JsonSerializable(typeof(ReplicationMessage))]
[JsonSerializable(typeof(CopyLease))]
[JsonSerializable(typeof(CopyWork))]
internal sealed partial class StateJson : JsonSerializerContext;
