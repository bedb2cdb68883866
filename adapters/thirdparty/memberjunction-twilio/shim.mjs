// Puts @memberjunction/ai-bridge-twilio behind the validator protocol: its verifyTwilioSignature gets the
// configured URL and the form as Express gives it. It has no parameter for a body that is no form.
import { createInterface } from "node:readline";
import { verifyTwilioSignature } from "@memberjunction/ai-bridge-twilio";

function answer(asked) {
  if (!asked.params && (asked.body || asked.bodyBase64)) return { unsupported: "it takes forms only, and those that are UTF-8" };
  const form = Object.create(null);
  for (const [name, value] of asked.params ?? []) form[name] = name in form ? [form[name], value].flat() : value;
  try {
    const valid = verifyTwilioSignature(asked.authToken, asked.signature, asked.url, form);
    return { valid, ...(asked.params && { used: "params" }) };
  } catch (thrown) {
    return { error: String(thrown) };
  }
}

console.log = console.info = console.error; // what it logs is no answer
for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const asked = JSON.parse(line);
  process.stdout.write(JSON.stringify({ id: asked.id, ...answer(asked) }) + "\n");
}
