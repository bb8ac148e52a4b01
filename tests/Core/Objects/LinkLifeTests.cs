using ZenkoFunctions.Core.Objects;

namespace ZenkoFunctions.Core.Tests.Objects;

public sealed class LinkLifeTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(19, 0)]
    [InlineData(20, 10)]
    [InlineData(300, 150)]
    [InlineData(86400, 300)]
    public void A_link_lives_half_as_long_as_replaced_bytes_and_five_minutes_at_most(int grace, int life) =>
        Assert.Equal(TimeSpan.FromSeconds(life), new ObjectOptions { ReadGrace = TimeSpan.FromSeconds(grace) }.LinkLife);
}
