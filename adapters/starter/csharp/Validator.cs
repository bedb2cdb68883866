// A starter adapter: it puts your validator behind the line protocol of sigconform.
//
// 1. Make a project around it:  dotnet new console -o my-validator && rm my-validator/Program.cs, and move Validator.cs there.
// 2. Put your validator into Validate, between the two marks.
// 3. Run the vectors:  dotnet build -o out my-validator && sigconform run -- dotnet out/my-validator.dll
//
// .NET 8 or later; no packages.

#nullable disable

using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;

static class Adapter
{
    /// <summary>Throw it where your function cannot be given such a request: the vector is skipped.</summary>
    sealed class Unsupported : Exception
    {
        public Unsupported(string why) : base(why) { }
    }

    /// <summary>A key beside the auth token.</summary>
    sealed class SharedKey
    {
        public string Id { get; set; }
        public string Secret { get; set; }
    }

    /// <summary>A request. What is null was absent, and absent is not empty.</summary>
    sealed class Request
    {
        public string Id { get; set; }
        public string AuthToken { get; set; }
        public string Method { get; set; }
        public string Url { get; set; }         // as it is configured at Twilio, with the query
        public string Product { get; set; }     // "voice", "messaging", or null: you are not told
        public string ContentType { get; set; }
        public string Body { get; set; }        // RawBody has the bytes
        public byte[] BodyBase64 { get; set; }
        public string[][] Params { get; set; }  // the decoded form, as [name, value]; null where the request has no form
        public string Signature { get; set; }
        public string SignatureSettings { get; set; } // X-Twilio-Webhooks-Signature-Settings, where a SharedKey signs (beta)
        public SharedKey[] SharedKeys { get; set; }   // those that the application is configured with; null: none

        public byte[] RawBody => BodyBase64 ?? Encoding.UTF8.GetBytes(Body ?? "");

        /// <summary>Values of one name, in whatever case, joined with commas, as Request.Form["name"].ToString() gives them.</summary>
        public Dictionary<string, string> Form()
        {
            var form = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (var param in Params ?? Array.Empty<string[]>())
                form[param[0]] = form.TryGetValue(param[0], out var before) ? before + "," + param[1] : param[1];
            return form;
        }
    }

    // ---- BEGIN your validator --------------------------------------------------------------------
    /// <summary>Returns true if the signature is right. What it throws counts as an error (a 500).</summary>
    static bool Validate(Request request)
    {
        // Your own function, called as your application calls it:
        //
        //   if (request.Params == null && request.RawBody.Length > 0) throw new Unsupported("the application takes forms only");
        //   return MyApp.IsGenuine(request.AuthToken, request.Url, request.Form(), request.Signature);
        //
        // The official SDK (dotnet add package Twilio):
        //
        //   var sdk = new Twilio.Security.RequestValidator(request.AuthToken);
        //   if (request.Params != null || request.RawBody.Length == 0)
        //       return sdk.Validate(request.Url, request.Form(), request.Signature);
        //   return sdk.Validate(request.Url, Encoding.UTF8.GetString(request.RawBody), request.Signature);
        //
        // SharedKeys take a few lines more (Twilio 8.2.0):
        //
        //   var named = request.SignatureSettings;
        //   var secret = named == null ? request.AuthToken : SecretNamedIn(named, request.SharedKeys);
        //   return new RequestValidator(secret).Validate(…, RequestValidator.GetSignatureAlgorithm(named));
        throw new NotImplementedException("put your validator into Validate");
    }

    /// <summary>What Validate reads of a form; write "body" if it decodes the body itself.</summary>
    const string Used = "params";
    // ---- END your validator ----------------------------------------------------------------------

    static Dictionary<string, object> Answer(Request request)
    {
        var answer = new Dictionary<string, object> { ["id"] = request.Id };
        try
        {
            answer["valid"] = Validate(request);
            if (request.Params != null) answer["used"] = Used;
        }
        catch (Unsupported why)
        {
            answer["unsupported"] = why.Message;
        }
        catch (Exception thrown)
        {
            answer["error"] = thrown.GetType().Name + ": " + thrown.Message;
        }
        return answer;
    }

    static void Main()
    {
        var utf8 = new UTF8Encoding(false); // without a byte order mark
        var input = new StreamReader(Console.OpenStandardInput(), utf8);
        var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true, NewLine = "\n" };
        Console.SetOut(Console.Error); // what your code prints is no answer
        var names = new JsonSerializerOptions { PropertyNameCaseInsensitive = true };
        for (string line; (line = input.ReadLine()) != null;) // of any length
        {
            output.WriteLine(JsonSerializer.Serialize(Answer(JsonSerializer.Deserialize<Request>(line, names))));
        }
    }
}
