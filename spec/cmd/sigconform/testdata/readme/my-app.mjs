// Decides whether a webhook request was signed by Twilio. Everything that is hashed is bytes.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const FORM = "application/x-www-form-urlencoded";

export function validate(request) {
  const { authToken, signature, url } = request;
  if (!authToken || !signature) return false;

  const body = bodyBytes(request);
  let fields = Buffer.alloc(0);
  if (isFormPost(request)) fields = signedFields(body);
  else if (!bodyIsCovered(url, body)) return false;

  const given = Buffer.from(signature, "utf8");
  let accepted = false;
  for (const candidate of signedUrls(url, request.product)) {
    const digest = createHmac("sha1", authToken).update(candidate, "utf8").update(fields).digest("base64");
    const wanted = Buffer.from(digest);
    if (wanted.length === given.length && timingSafeEqual(wanted, given)) accepted = true;
  }
  return accepted;
}

function bodyBytes({ body, bodyBase64 }) {
  return bodyBase64 !== undefined ? Buffer.from(bodyBase64, "base64") : Buffer.from(body ?? "", "utf8");
}

function isFormPost({ method, contentType = "" }) {
  return method === "POST" && contentType.split(";")[0].trim().toLowerCase() === FORM;
}

// latin1 maps bytes to characters one to one: split and decode as text, without losing a byte
function signedFields(body) {
  return Buffer.concat(
    body.toString("latin1").split("&").filter((pair) => pair !== "")
      .map((pair) => {
        const at = pair.indexOf("=");
        return at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
      })
      .map(([name, value]) => [formDecode(name), formDecode(value)])
      .sort(([a], [b]) => Buffer.compare(a, b))
      .flat());
}

function formDecode(text) {
  const decoded = text.replaceAll("+", " ")
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(decoded, "latin1");
}

function bodyIsCovered(url, body) {
  const start = url.indexOf("?");
  const query = start < 0 ? "" : url.slice(start + 1).split("#")[0];
  const hashes = new URLSearchParams(query).getAll("bodySHA256").map((hash) => hash.toLowerCase());
  if (hashes.length === 0) return body.length === 0;
  return hashes.includes(createHash("sha256").update(body).digest("hex"));
}

function signedUrls(url, product) {
  const start = url.indexOf("://") + 3;
  const scheme = url.slice(0, start), rest = url.slice(start);
  const end = rest.search(/[/?#]|$/);
  const authority = rest.slice(rest.lastIndexOf("@", end - 1) + 1, end);
  const tail = rest.slice(end);
  const withPort = scheme + authority + tail;
  const withoutPort = scheme + authority.replace(/:[0-9]*$/, "") + tail;

  if (scheme.toLowerCase() === "https://") {
    if (product === "voice") return [withoutPort];
    if (product === undefined) return [withPort, withoutPort];
  }
  if (scheme.toLowerCase() === "wss://" && !withPort.endsWith("/")) return [withPort, withPort + "/"];
  return [withPort];
}
