// Puts twilio-node behind the validator protocol: its Express middleware is
// called with the request that Express would hand to it, for
//
//   app.use(express.urlencoded({ extended: false }))
//   app.post("/myapp", twilio.webhook({ url }, authToken), …)
//
// and with rawBody for every request that is no form, which the middleware
// wants for JSON. It decides itself when to look at that.

// The SDK is the one of the folder in which this runs, so that several
// versions share this file.
const twilio = require(require.resolve("twilio", { paths: [process.cwd()] }));
const querystring = require("node:querystring");

delete process.env.TWILIO_AUTH_TOKEN; // the middleware would fall back to it

/** Answers one request of the protocol. */
function answer(asked) {
  const body = asked.bodyBase64 ? Buffer.from(asked.bodyBase64, "base64") : Buffer.from(asked.body ?? "");
  if (asked.sharedKeys?.length > 1) {
    return { id: asked.id, unsupported: "it takes one secret; which of several SharedKeys that is, the application chooses" };
  }
  const request = {
    method: asked.method,
    headers: {
      "x-twilio-signature": asked.signature,
      "x-twilio-webhooks-signature-settings": asked.signatureSettings,
      "content-type": asked.contentType,
    },
    header: (name) => request.headers[name.toLowerCase()],
    body: {},
  };
  if (asked.params) {
    request.body = objectOf(asked.params);
  } else if (asked.method === "POST" && isForm(asked.contentType)) {
    request.body = querystring.parse(body.toString());
  } else {
    request.rawBody = body;
  }
  const used = asked.params ? "params" : "body";
  const options = { url: asked.url, sharedKeySecret: asked.sharedKeys?.[0]?.secret };
  return { id: asked.id, used, ...outcome(twilio.webhook(options, asked.authToken), request) };
}

/** What the middleware does: it goes on to the application, or it sends a response. */
function outcome(middleware, request) {
  let outcome = { error: "the middleware neither went on nor answered" };
  let status = 200;
  const response = {
    type: () => response,
    status: (code) => ((status = code), response),
    send: (text) => ((outcome = status < 500 ? { valid: false } : { error: `${status} ${text}` }), response),
  };
  middleware(request, response, () => (outcome = { valid: true }));
  return outcome;
}

/** The parameters as body-parser gives them: a name that comes twice has an array. */
function objectOf(params) {
  const object = Object.create(null);
  for (const [name, value] of params) {
    object[name] = name in object ? [object[name], value].flat() : value;
  }
  return object;
}

function isForm(contentType = "") {
  return contentType.split(";")[0].trim().toLowerCase() === "application/x-www-form-urlencoded";
}

let pieces = []; // of a line that has not ended
process.stdin.on("data", (chunk) => {
  for (let end; (end = chunk.indexOf("\n")) >= 0; chunk = chunk.subarray(end + 1)) {
    const line = Buffer.concat([...pieces, chunk.subarray(0, end)]).toString();
    pieces = [];
    const asked = JSON.parse(line);
    let answered;
    try {
      answered = answer(asked);
    } catch (thrown) {
      answered = { id: asked.id, error: String(thrown) };
    }
    process.stdout.write(JSON.stringify(answered) + "\n");
  }
  pieces.push(chunk);
});
