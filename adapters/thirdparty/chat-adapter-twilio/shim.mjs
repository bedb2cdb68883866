// Puts @chat-adapter/twilio behind the validator protocol: its verifyTwilioRequest gets the request
// of the Fetch API that a handler has, and the configured URL as webhookUrl.
import { createInterface } from "node:readline";
import { TwilioWebhookVerificationError, verifyTwilioRequest } from "@chat-adapter/twilio/webhook";

async function answer(asked) {
  const body = asked.bodyBase64 ? Buffer.from(asked.bodyBase64, "base64") : Buffer.from(asked.body ?? "");
  let request;
  try {
    const headers = {};
    if (asked.contentType !== undefined) headers["content-type"] = asked.contentType;
    if (asked.signature !== undefined) headers["x-twilio-signature"] = asked.signature;
    request = new Request("http://localhost/", { method: asked.method, headers, body: body.length ? body : undefined });
  } catch (thrown) {
    return { unsupported: `the Fetch API has no such request: ${thrown.message}` };
  }
  try {
    await verifyTwilioRequest(request, { authToken: asked.authToken, webhookUrl: asked.url });
    return { valid: true };
  } catch (thrown) {
    if (thrown instanceof TwilioWebhookVerificationError) return { valid: false };
    throw thrown;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answered;
  try {
    answered = await answer(asked);
  } catch (thrown) {
    answered = { error: String(thrown) };
  }
  process.stdout.write(JSON.stringify({ id: asked.id, ...answered }) + "\n");
}
