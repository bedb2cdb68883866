using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using Newtonsoft.Json;
using Twilio.Security;

/// <summary>
/// Puts twilio-csharp behind the validator protocol, as ASP.NET Core calls it: a form is
/// Request.Form.ToDictionary(field => field.Key, field => field.Value.ToString()), which joins the
/// values of a name with commas, without the empty ones, and ignores the case of names; any other
/// body is a string.
/// </summary>
static class Shim
{
    class SharedKey
    {
        public string Id { get; set; }
        public string Secret { get; set; }
    }

    class Request
    {
        public string Id { get; set; }
        public string AuthToken { get; set; }
        public string Method { get; set; }
        public string Url { get; set; }
        public string ContentType { get; set; }
        public string Body { get; set; }
        public byte[] BodyBase64 { get; set; }
        public string[][] Params { get; set; }
        public string Signature { get; set; }
        public string SignatureSettings { get; set; }
        public SharedKey[] SharedKeys { get; set; }
    }

    class Unsupported : Exception
    {
        public Unsupported(string why) : base(why) { }
    }

    static void Main()
    {
        var utf8 = new UTF8Encoding(false);
        var input = new StreamReader(Console.OpenStandardInput(), utf8);
        var output = new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true };
        for (string line; (line = input.ReadLine()) != null; )
        {
            var asked = JsonConvert.DeserializeObject<Request>(line);
            var answer = new Dictionary<string, object> { ["id"] = asked.Id, ["used"] = asked.Params != null ? "params" : "body" };
            try
            {
                answer["valid"] = Validate(asked);
            }
            catch (Unsupported choice)
            {
                answer["unsupported"] = choice.Message;
            }
            catch (Exception thrown)
            {
                answer["error"] = thrown.GetType().Name + ": " + thrown.Message;
            }
            output.Write(JsonConvert.SerializeObject(answer) + "\n");
        }
    }

    static bool Validate(Request asked)
    {
        // A request that has the settings header is signed with the SharedKey, any other one with the AuthToken.
        if (asked.SharedKeys?.Length > 1)
        {
            throw new Unsupported("it takes one secret; which of several SharedKeys that is, the application chooses");
        }
        // ASP.NET Core gives an empty text for an absent header.
        var settings = asked.SignatureSettings;
        var secret = string.IsNullOrEmpty(settings) ? asked.AuthToken : asked.SharedKeys?.FirstOrDefault()?.Secret;
        var validator = new RequestValidator(secret);
        var algorithm = RequestValidator.GetSignatureAlgorithm(settings);
        var body = asked.BodyBase64 != null ? Encoding.UTF8.GetString(asked.BodyBase64) : asked.Body ?? "";
        var nothing = body == "" && asked.ContentType == null;
        if (asked.Params != null || IsForm(asked.ContentType) || nothing)
        {
            return validator.Validate(asked.Url, Form(asked, body), asked.Signature, algorithm);
        }
        return validator.Validate(asked.Url, body, asked.Signature, algorithm);
    }

    static IDictionary<string, string> Form(Request asked, string body)
    {
        var form = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Action<string, string> add = (name, value) =>
            form[name] = !form.TryGetValue(name, out var had) || had == "" ? value : value == "" ? had : had + "," + value;
        if (asked.Params != null)
        {
            foreach (var param in asked.Params) add(param[0], param[1]);
        }
        else if (asked.Method == "POST")
        {
            foreach (var pair in body.Split(new[] { '&' }, StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = pair.Split(new[] { '=' }, 2);
                add(WebUtility.UrlDecode(parts[0]), parts.Length < 2 ? "" : WebUtility.UrlDecode(parts[1]));
            }
        }
        return form;
    }

    static bool IsForm(string contentType) =>
        (contentType ?? "").Split(';')[0].Trim().Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
}
