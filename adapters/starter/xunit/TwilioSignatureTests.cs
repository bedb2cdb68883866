// Tests your validator with the vectors of sigconform, in your own test suite.
//
// 1. sigconform vectors export --out testdata      # once, and again for newer vectors; commit the file
// 2. Copy it to the output: <None Update="testdata/**" CopyToOutputDirectory="PreserveNewest" /> in the project.
// 3. Put your validator into Validate.
// 4. dotnet test --filter TwilioSignatureTests
//
// testdata/known-failures.txt, if there is one, lists what is known to fail: an id and a reason on each line.
// until=2027-01-31 in the reason is the last day (UTC) on which that is excused.

#nullable disable

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

public class TwilioSignatureTests
{
    // ---- BEGIN your validator --------------------------------------------------------------------
    /// <summary>
    /// Returns true if the signature is right. vector has authToken, method, url and, where the request has them,
    /// product, contentType, params ([[name, value], …]) and signature.
    /// </summary>
    static bool Validate(JsonElement vector, byte[] body)
    {
        throw new NotImplementedException("put your validator into Validate");
    }
    // ---- END your validator ----------------------------------------------------------------------

    static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "testdata");
    static readonly JsonElement Export = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "vectors.json"))).RootElement;
    static readonly Dictionary<string, JsonElement> Vectors =
        Export.GetProperty("vectors").EnumerateArray().ToDictionary(vector => vector.GetProperty("id").GetString());
    static readonly Dictionary<string, string> Known = !File.Exists(Path.Combine(Folder, "known-failures.txt"))
        ? new Dictionary<string, string>()
        : File.ReadLines(Path.Combine(Folder, "known-failures.txt")).Where(line => line.Trim() != "" && !line.StartsWith("#"))
            .Select(line => line.Trim()).ToDictionary(line => line.Split()[0]);
    static readonly string Today = DateTime.UtcNow.ToString("yyyy-MM-dd");

    /// <summary>The last day on which an entry excuses anything; today if it has none.</summary>
    static string Until(string entry)
    {
        var found = Regex.Match(entry, @"\suntil=(\S*)");
        return found.Success ? found.Groups[1].Value : Today;
    }

    public static IEnumerable<object[]> Ids => Vectors.Keys.Select(id => new object[] { id });

    [Fact]
    public void NoVectorIsLost()
    {
        Assert.Equal(1, Export.GetProperty("format").GetInt32());
        Assert.NotEmpty(Vectors);
        Assert.Equal(Export.GetProperty("count").GetInt32(), Vectors.Count);
        Assert.Empty(Known.Keys.Except(Vectors.Keys));
        Assert.All(Known.Values, entry => Assert.Matches(@"^\d{4}-\d\d-\d\d$", Until(entry)));
    }

    [Theory, MemberData(nameof(Ids))]
    public void Vector(string id)
    {
        var vector = Vectors[id];
        var valid = vector.GetProperty("expected").GetString() == "valid";
        bool passed;
        try
        {
            passed = Validate(vector, vector.GetProperty("bodyBase64").GetBytesFromBase64()) == valid;
        }
        catch (Exception) // an error keeps a forged request out, and a genuine one
        {
            passed = !valid;
        }
        if (Known.TryGetValue(id, out var entry))
        {
            Assert.False(passed, "it passes: take it out of known-failures.txt");
            Assert.False(string.CompareOrdinal(Until(entry), Today) < 0,
                $"known until {Until(entry)}, which is over: fix it, or give it another date ({entry})");
        }
        else Assert.True(passed, vector.GetProperty("comment").GetString());
    }
}
