using System.Buffers;
using System.Text;
using System.Xml.Linq;
using ZenkoFunctions.Api.S3;

namespace ZenkoFunctions.Api.Tests.S3;

public sealed class XmlShapeTests
{
    private sealed class Owner
    {
        public string? Id { get; set; }
    }

    private sealed class Item
    {
        public string? Key { get; set; }
        public long? Size { get; set; }
        public DateTimeOffset? Modified { get; set; }
    }

    private sealed class Message
    {
        public string? Name { get; set; }
        public bool? Quiet { get; set; }
        public Owner? Owner { get; set; }
        public List<Item> Items { get; } = [];
        public List<Item> Wrapped { get; } = [];
        public List<string> Algorithms { get; } = [];
    }

    private static readonly XmlShape<Owner> OwnerShape = new XmlShape<Owner>("Owner")
        .Text("ID", m => m.Id, (m, v) => m.Id = v);

    private static readonly XmlShape<Item> ItemShape = new XmlShape<Item>("Item")
        .Text("Key", m => m.Key, (m, v) => m.Key = v, required: true)
        .Integer("Size", m => m.Size, (m, v) => m.Size = v)
        .Date("Modified", m => m.Modified, (m, v) => m.Modified = v);

    private static readonly XmlShape<Message> Shape = new XmlShape<Message>("Message")
        .Text("Name", m => m.Name, (m, v) => m.Name = v)
        .Flag("Quiet", m => m.Quiet, (m, v) => m.Quiet = v)
        .Nested("Owner", OwnerShape, m => m.Owner, (m, v) => m.Owner = v)
        .Many("Item", ItemShape, m => m.Items, (m, v) => m.Items.Add(v))
        .Wrapped("Items", "Item", ItemShape, m => m.Wrapped, (m, v) => m.Wrapped.Add(v))
        .Texts("Algorithm", m => m.Algorithms, (m, v) => m.Algorithms.Add(v))
        .Unserved("Noise");

    private static readonly DateTimeOffset Date = new(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private static string Write<T>(XmlShape<T> shape, T message) where T : new()
    {
        var buffer = new ArrayBufferWriter<byte>();
        shape.Write(buffer, message);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static Message Read(string document) => Shape.Read(Encoding.UTF8.GetBytes(document));

    [Fact]
    public void Each_kind_of_element_is_written_as_AWS_writes_it()
    {
        var message = new Message
        {
            Name = "a&b",
            Quiet = true,
            Owner = new() { Id = "\"x\"" },
            Items = { new() { Key = "k/ä", Size = -1, Modified = Date } },
            Wrapped = { new() { Key = "w" } },
            Algorithms = { "SHA1", "CRC32" },
        };
        Assert.Equal(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Message xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
            """ +
            "<Name>a&amp;b</Name><Quiet>true</Quiet><Owner><ID>&quot;x&quot;</ID></Owner>" +
            "<Item><Key>k/ä</Key><Size>-1</Size><Modified>2026-01-02T03:04:05.006Z</Modified></Item>" +
            "<Items><Item><Key>w</Key></Item></Items><Algorithm>SHA1</Algorithm><Algorithm>CRC32</Algorithm></Message>",
            Write(Shape, message));
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        var message = new Message
        {
            Name = " <&>\"'\r\n\t ]]> \ud83d\ude00 " + new string('é', 5000),
            Quiet = false,
            Owner = new() { Id = "" },
            Items = { new() { Key = "1", Size = long.MaxValue, Modified = Date }, new() { Key = "2" } },
            Wrapped = { new() { Key = "3", Size = 0 } },
            Algorithms = { "X" },
        };
        var read = Read(Write(Shape, message));
        Assert.Equal(message.Name, read.Name);
        Assert.Equal(Write(Shape, message), Write(Shape, read));
    }

    [Theory]
    [InlineData("<Message xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Name>n</Name></Message>")]
    [InlineData("<Message><Name>n</Name></Message>")]
    [InlineData("<m:Message xmlns:m='urn:x' m:a='1'> <!-- c --> <m:Name>n</m:Name> </m:Message>\n")]
    [InlineData("<?xml version='1.0'?><Message><Name><![CDATA[n]]></Name></Message>")]
    public void Documents_are_read_with_and_without_a_namespace(string document) => Assert.Equal("n", Read(document).Name);

    [Fact]
    public void An_element_of_what_is_not_there_yet_is_not_passed_over() => Assert.Equal(
        S3Errors.NotImplemented, Assert.Throws<S3Exception>(() => Read("<Message><Noise/><Name>n</Name></Message>")).Error);

    [Theory]
    [InlineData("")]
    [InlineData("no xml")]
    [InlineData("<Other/>")]
    [InlineData("<Message>")]
    [InlineData("<Message><Unknown/></Message>")]
    [InlineData("<Message>text</Message>")]
    [InlineData("<Message><Name><b/></Name></Message>")]
    [InlineData("<Message><Name>1</Name><Name>2</Name></Message>")]
    [InlineData("<Message><Quiet>yes</Quiet></Message>")]
    [InlineData("<Message><Item/></Message>")]
    [InlineData("<Message><Item><Key>k</Key><Size>1.5</Size></Item></Message>")]
    [InlineData("<Message><Item><Key>k</Key><Size>99999999999999999999</Size></Item></Message>")]
    [InlineData("<Message><Item><Key>k</Key><Modified>soon</Modified></Item></Message>")]
    [InlineData("<Message><Items><Name>n</Name></Items></Message>")]
    [InlineData("<Message><Items>text</Items></Message>")]
    [InlineData("<Message/><Message/>")]
    [InlineData("<!DOCTYPE Message [<!ENTITY a 'b'>]><Message><Name>&a;</Name></Message>")]
    public void A_document_that_does_not_follow_the_shape_is_malformed(string document) =>
        Assert.Equal(S3Errors.MalformedXML, Assert.Throws<S3Exception>(() => Read(document)).Error);

    [Fact]
    public void Characters_that_XML_cannot_hold_become_references()
    {
        Assert.Contains(
            "<Name>&#1;&#31;&#65535;a&#13;\n\ufffd</Name>", Write(Shape, new() { Name = "\u0001\u001f\uffffa\r\n\ud800" }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_percent_encoded_where_the_message_asks_for_it()
    {
        var shape = new XmlShape<Owner>("O").Name("N", m => m.Id, _ => true);
        Assert.Contains(
            "<N>a/b%20c%2B%25%26%0A%C3%A4%F0%9F%98%80-_.*</N>",
            Write(shape, new() { Id = "a/b c+%&\nä\ud83d\ude00-_.*" }), StringComparison.Ordinal);
    }

    [Fact]
    public void Garbled_documents_are_malformed_and_nothing_worse()
    {
        var message = new Message { Name = "n", Quiet = true, Owner = new() { Id = "o" }, Algorithms = { "A" }, Wrapped = { new() { Key = "k" } } };
        message.Items.Add(new() { Key = "1", Size = 1, Modified = Date });
        var good = Encoding.UTF8.GetBytes(Write(Shape, message));
        var random = new Random(20260101);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bad = good.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--) bad[random.Next(bad.Length)] = (byte)random.Next(256);
            try
            {
                Shape.Read(bad.AsMemory(0, random.Next(4) == 0 ? random.Next(bad.Length) : bad.Length));
            }
            catch (S3Exception e) when (e.Error == S3Errors.MalformedXML)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 10_000, 19_999);
    }

    [Fact]
    public void A_page_of_a_thousand_keys_is_written_without_garbage()
    {
        var message = new Message();
        for (var i = 0; i < 1000; i++)
            message.Items.Add(new() { Key = $"some/path/of/usual/length/{i:D8}.jpeg", Size = i * 1000, Modified = Date });
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        Shape.Write(buffer, message);
        Assert.Equal(1000, XDocument.Parse(Encoding.UTF8.GetString(buffer.WrittenSpan)).Root!.Elements().Count() - 1);

        var before = GC.GetAllocatedBytesForCurrentThread();
        buffer.ResetWrittenCount();
        Shape.Write(buffer, message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
    }
}
