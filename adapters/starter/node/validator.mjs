// A starter adapter: it puts your validator behind the line protocol of sigconform.
//
// 1. Put your validator into validate(), between the two marks.
// 2. Run the vectors:  sigconform run -- node validator.mjs
//
// Node 18 or later; nothing to install.

/** Throw it where your function cannot be given such a request: the vector is skipped. */
class Unsupported extends Error {}

// ---- BEGIN your validator ------------------------------------------------------------------------
/**
 * Returns true if the signature is right; it may be async. What it throws counts as an error (a 500).
 *
 *   request.authToken    string
 *   request.method       string: "GET", "POST", …
 *   request.url          string: as it is configured at Twilio, with the query
 *   request.product      "voice", "messaging", or undefined: you are not told
 *   request.contentType  string, or undefined: there was no such header
 *   request.body         Buffer
 *   request.params       [[name, value], …]: the decoded form; undefined where the request has no form
 *   request.signature    string, or undefined: there was no such header
 *   request.signatureSettings  string, or undefined: X-Twilio-Webhooks-Signature-Settings, where a SharedKey signs (beta)
 *   request.sharedKeys   [{ id, secret }, …]: the SharedKeys that the application is configured with, or undefined
 */
async function validate(request) {
  // Your own function, called as your application calls it (import it above):
  //
  //   if (!request.params && request.body.length > 0) throw new Unsupported("the application takes forms only");
  //   return isGenuine(request.authToken, request.url, formOf(request.params ?? []), request.signature ?? "");
  //
  // The official SDK (npm install twilio):
  //
  //   const { default: twilio } = await import("twilio");
  //   const signature = request.signature ?? "";
  //   if (request.params) return twilio.validateRequest(request.authToken, signature, request.url, formOf(request.params));
  //   if (request.body.length === 0) return twilio.validateRequest(request.authToken, signature, request.url, {});
  //   return twilio.validateRequestWithBody(request.authToken, signature, request.url, request.body.toString());
  //
  // SharedKeys take two lines more (twilio 6.3.1):
  //
  //   const secret = request.signatureSettings ? secretNamedIn(request.signatureSettings, request.sharedKeys) : request.authToken;
  //   return twilio.validateRequest(secret, …, twilio.getSignatureAlgorithm(request.signatureSettings));
  throw new Error("put your validator into validate()");
}

// What validate() reads of a form; write "body" if it decodes the body itself.
const USED = "params";
// ---- END your validator --------------------------------------------------------------------------

/** The parameters as Express gives them: a name that comes twice has an array. */
function formOf(params) {
  const form = Object.create(null);
  for (const [name, value] of params) form[name] = name in form ? [form[name], value].flat() : value;
  return form;
}

async function answer(fields) {
  const { body = "", bodyBase64, ...request } = fields;
  request.body = bodyBase64 === undefined ? Buffer.from(body) : Buffer.from(bodyBase64, "base64");
  const used = request.params ? { used: USED } : {};
  try {
    return { id: fields.id, valid: Boolean(await validate(request)), ...used };
  } catch (thrown) {
    const message = String(thrown?.message ?? thrown);
    return thrown instanceof Unsupported ? { id: fields.id, unsupported: message } : { id: fields.id, error: message };
  }
}

console.log = console.info = console.error; // what your code prints is no answer

let pieces = []; // of a line that has not ended; a chunk may end within a character
for await (let chunk of process.stdin) {
  for (let end; (end = chunk.indexOf("\n")) >= 0; chunk = chunk.subarray(end + 1)) {
    const line = Buffer.concat([...pieces, chunk.subarray(0, end)]).toString();
    pieces = [];
    process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
  }
  pieces.push(chunk);
}
