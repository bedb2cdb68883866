// A webhook in ASP.NET Core with the validator of Twilio's SDK, in a filter as Twilio's
// tutorial has it: the URL is put together from the request, and what Request.Form gives is
// signed; any other body is read as text.
using Twilio.Security;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUrls("http://127.0.0.1:" + Environment.GetEnvironmentVariable("PORT"));
var app = builder.Build();
var validator = new RequestValidator(Environment.GetEnvironmentVariable("TWILIO_AUTH_TOKEN"));

async Task<bool> IsValid(HttpRequest request)
{
    var url = $"{request.Scheme}://{request.Host}{request.Path}{request.QueryString}";
    var signature = request.Headers["X-Twilio-Signature"].ToString();
    if (signature == "")
    {
        return false;
    }
    if (request.HasFormContentType)
    {
        var form = await request.ReadFormAsync();
        return validator.Validate(url, form.ToDictionary(field => field.Key, field => field.Value.ToString()), signature);
    }
    using var reader = new StreamReader(request.Body);
    var body = await reader.ReadToEndAsync();
    return body == "" && !request.Query.ContainsKey("bodySHA256")
        ? validator.Validate(url, new Dictionary<string, string>(), signature)
        : validator.Validate(url, body, signature);
}

app.Map("/sms", async (HttpContext context) =>
{
    if (!await IsValid(context.Request))
    {
        return Results.StatusCode(403);
    }
    return Results.Text("<Response><Message>Hello</Message></Response>", "text/xml");
});
app.Run();
