// Tests your validator with the vectors of sigconform, in your own test suite.
//
// 1. sigconform vectors export --out testdata      # once, and again for newer vectors; commit the file
// 2. Put your validator into validate().
// 3. node --test twilio-signature.test.mjs
//    or Jest 30: NODE_OPTIONS=--experimental-vm-modules npx jest twilio-signature.test.mjs
//
// known-failures.txt beside this file, if there is one, lists what is known to fail: an id and a reason on each line.
// until=2027-01-31 in the reason is the last day (UTC) on which that is excused.

import assert from "node:assert";
import { existsSync, readFileSync } from "node:fs";

const test = globalThis.test ?? (await import("node:test")).test;

// ---- BEGIN your validator ------------------------------------------------------------------------
/**
 * Returns true if the signature is right; it may be async. vector has authToken, method, url and, where the
 * request has them, product, contentType, params ([[name, value], …]) and signature; body is a Buffer.
 */
async function validate(vector, body) {
  throw new Error("put your validator into validate()");
}
// ---- END your validator --------------------------------------------------------------------------

const here = (name) => new URL(name, import.meta.url);
const { format, count, vectors } = JSON.parse(readFileSync(here("testdata/vectors.json"), "utf8"));
const known = new Map();
if (existsSync(here("known-failures.txt"))) {
  for (const line of readFileSync(here("known-failures.txt"), "utf8").split("\n")) {
    if (line.trim() && !line.startsWith("#")) known.set(line.trim().split(/\s+/)[0], line.trim());
  }
}
const today = new Date().toISOString().slice(0, 10);
const until = (id) => /\suntil=(\S*)/.exec(known.get(id))?.[1] ?? today;

test("no vector is lost", () => {
  assert.ok(format === 1 && vectors.length === count && count > 0);
  const ids = new Set(vectors.map((vector) => vector.id));
  assert.deepStrictEqual([...known.keys()].filter((id) => !ids.has(id)), [], "known-failures.txt names no vector");
  for (const id of known.keys()) assert.match(until(id), /^\d{4}-\d\d-\d\d$/, "until= takes a date as in 2027-01-31");
});

for (const vector of vectors) {
  test(vector.id, async () => {
    let accepted;
    try {
      accepted = Boolean(await validate(vector, Buffer.from(vector.bodyBase64, "base64")));
    } catch (thrown) { // an error keeps a forged request out, and a genuine one
      accepted = vector.expected === "valid" ? `threw ${thrown}` : false;
    }
    const passed = accepted === (vector.expected === "valid");
    if (known.has(vector.id)) {
      assert.ok(!passed, "it passes: take it out of known-failures.txt");
      assert.ok(until(vector.id) >= today,
        `known until ${until(vector.id)}, which is over: fix it, or give it another date (${known.get(vector.id)})`);
      return;
    }
    assert.ok(passed, `${vector.comment}: ${vector.expected}, but the answer is ${accepted}`);
  });
}
