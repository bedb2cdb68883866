// The pages in a browser: what a person does with them, and what a validator
// must not be able to do to him. 'make test-pages' makes the pages first.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const pages = process.env.PAGES;
const address = (name) => pathToFileURL(`${pages}/${name}/index.html`).href;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const everyPage = ["mistaken", "right", "hostile", "matrix", "matrix/mistaken"];
const phone = { width: 360, height: 740 };

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});
after(() => browser?.close());

// open opens a page and fails the test at its end if anything went wrong on it:
// an error, a violation of its policy, a dialog, a request for something else.
async function open(t, name, { hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const wrong = [];
  await context.route("**", (route) => {
    const url = route.request().url();
    if (url.startsWith(pathToFileURL(pages).href)) return route.continue();
    wrong.push(`it asked for ${url}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) wrong.push(message.text()); });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("dialog", (dialog) => { wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  t.after(async () => {
    await context.close();
    assert.deepEqual(wrong, [], "went wrong on the page");
  });
  await page.goto(address(name) + hash);
  return page;
}
const shown = (page) => page.locator(".vector:visible").count();
const inView = (locator) => locator.evaluate((e) => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.top < innerHeight; });

describe("every page", () => {
  for (const name of everyPage) {
    test(`${name} loads alone, in order and without an error`, async (t) => {
      const page = await open(t, name);
      assert.match(await page.title(), /sigconform/);
      assert.equal(await page.locator("h1").count(), 1);
      const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map((e) => e.id));
      assert.equal(new Set(ids).size, ids.length, "an id is there twice");
      const dead = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]:not([href^="#?"])')]
        .map((a) => a.getAttribute("href")).filter((h) => !document.getElementById(decodeURIComponent(h.slice(1)))));
      assert.deepEqual(dead, [], "links to nowhere");
    });
    test(`${name} fits a phone`, async (t) => {
      const page = await open(t, name, { viewport: phone, hasTouch: true });
      await page.evaluate(() => document.querySelectorAll("details").forEach((d, i) => { if (i < 60) d.open = true; }));
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= phone.width, `it is ${width} pixels wide`);
    });
    for (const colorScheme of ["light", "dark"]) {
      test(`${name} is accessible in the ${colorScheme}`, async (t) => {
        const page = await open(t, name, { colorScheme });
        await page.evaluate(() => { // some vectors stand for all: they are alike, and the search is slow
          document.querySelectorAll(".vector").forEach((v, i) => { if (i > 40) v.remove(); });
          document.querySelectorAll("details").forEach((d, i) => { d.open = i < 12; });
        });
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa"] }));
        assert.deepEqual(violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`), []);
      });
    }
  }
});

describe("a report", () => {
  test("is filtered, and the address says by what", async (t) => {
    const page = await open(t, "mistaken");
    const all = await shown(page);
    await page.selectOption("select[name=outcome]", "failed");
    const failing = await shown(page);
    assert.ok(failing > 0 && failing < all, `${failing} of ${all}`);
    assert.equal(await page.locator("#vectors .shown").textContent(), `${failing} of ${all}`);
    await page.selectOption("select[name=rule]", "sorted-by-name");
    assert.match(page.url(), /#\?outcome=failed&rule=sorted-by-name$/);
    const both = await shown(page);
    assert.ok(both > 0 && both < failing);
    await page.reload();
    assert.equal(await shown(page), both, "the address does not lead to the same");
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await page.waitForFunction((n) => document.querySelectorAll(".vector:not([hidden])").length === n, all);
  });

  test("leads from a number to its vectors", async (t) => {
    const page = await open(t, "mistaken");
    const link = page.locator(".legend a.accept");
    const count = Number(await link.locator("b").textContent());
    await link.click();
    assert.equal(await shown(page), count);
    assert.ok(await inView(page.locator("#vectors")));
  });

  test("is searched for words in any order; nothing found is said", async (t) => {
    const page = await open(t, "mistaken");
    await page.keyboard.press("/");
    await page.keyboard.type("RULE-NOBODY-HAS");
    assert.equal(await shown(page), 0);
    assert.ok(await page.getByText("Nothing matches.").isVisible());
    await page.getByRole("button", { name: "Clear the filter" }).click();
    await page.keyboard.type("unsorted form-order/");
    const ids = await page.locator(".vector:visible").evaluateAll((all) => all.map((v) => v.id));
    assert.ok(ids.includes("form-order/unsorted") && ids.every((id) => id.startsWith("form-order/")), String(ids));
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector(".vector[hidden]"));
  });

  test("opens the vector that the address names, even one that a filter hides", async (t) => {
    const page = await open(t, "mistaken", { hash: "#form-order/unsorted" });
    const vector = page.locator('[id="form-order/unsorted"]');
    assert.ok(await vector.evaluate((v) => v.open));
    assert.ok(await inView(vector));
    await page.selectOption("select[name=outcome]", "answered");
    assert.ok(!(await vector.isVisible()));
    await page.evaluate(() => { location.hash = "form-order/unsorted"; });
    await vector.waitFor({ state: "visible" });
    assert.ok(await inView(vector));
  });

  test("is used with the keyboard alone", async (t) => {
    const page = await open(t, "mistaken");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "To the vectors");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.id === "vectors");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.name), "q");
    await page.keyboard.type("form-order/unsorted");
    for (let i = 0; i < 12 && !(await page.evaluate(() => document.activeElement.matches(".vector > summary"))); i++) await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(focus, "none", "the focus cannot be seen");
    await page.keyboard.press("Enter");
    assert.ok(await page.locator('[id="form-order/unsorted"]').evaluate((v) => v.open));
    for (let i = 0; i < 6 && !(await page.evaluate(() => document.activeElement.matches(".command button"))); i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await pasted(page), await page.locator('[id="form-order/unsorted"] .command code').textContent());
  });

  test("copies a bug report that says what is wrong", async (t) => {
    const page = await open(t, "mistaken");
    const cause = page.locator("article.cause").filter({ hasText: "does not sort" }).first();
    await cause.getByText("Bug report in Markdown").click();
    await cause.getByRole("button", { name: /bug report/ }).click();
    await page.waitForFunction(() => [...document.querySelectorAll("button")].some((b) => b.textContent === "Copied"));
    const text = await cause.locator(".markdown").textContent();
    for (const want of ["### The validator does not sort", '"signature": ', "Twilio signs", "sigconform run --id "]) assert.ok(text.includes(want), want);
  });

  test("is light or dark as the system is, until one says otherwise", async (t) => {
    const page = await open(t, "mistaken", { colorScheme: "dark" });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await page.locator(".theme").click();
    const light = await background();
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await background(), light);
  });

  test("is read without scripts", async (t) => {
    const page = await open(t, "mistaken", { javaScriptEnabled: false });
    assert.ok(!(await page.locator("form.filter").isVisible()));
    await page.locator('[id="form-order/unsorted"] > summary').click();
    assert.ok(await page.locator('[id="form-order/unsorted"] .body').isVisible());
  });
});

describe("a hostile validator", () => {
  for (const name of ["hostile", "matrix", "matrix/hostile"]) {
    test(`has its text shown as text: ${name}`, async (t) => {
      const page = await open(t, name);
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
      await page.mouse.move(400, 400);
      assert.equal(await page.evaluate(() => window.harmed), undefined);
      assert.equal(await page.locator("img, iframe, object, embed, main script, a[href^='javascript']").count(), 0);
      const text = await page.evaluate(() => document.body.textContent);
      if (name !== "matrix") {
        assert.ok(text.includes("<script>window.harmed = 1</script>"), "its text is not there");
        assert.ok(text.includes("\\u202e") && text.includes("\\x1b"), "invisible characters are not written out");
      }
      assert.ok(!/[\u202e\u0000\u001b]/.test(text), "an invisible character is there as it is");
    });
  }
});

test("the matrix leads from a cell to its failures, and on to the vector", async (t) => {
  const page = await open(t, "matrix");
  await page.locator("a.cell[href='#sorted-by-name/mistaken']").click();
  const broken = page.locator("[id='sorted-by-name/mistaken']");
  assert.ok(await inView(broken));
  assert.match(await broken.textContent(), /does not sort the parameters/);
  await broken.locator("a", { hasText: "form-order/unsorted" }).click();
  await page.waitForURL(/matrix\/mistaken\/index\.html#form-order\/unsorted$/);
  assert.ok(await page.locator("[id='form-order/unsorted']").evaluate((v) => v.open));
});

// pasted is what the clipboard holds, as the search field takes it.
async function pasted(page) {
  await page.waitForFunction(() => [...document.querySelectorAll("button")].some((b) => b.textContent === "Copied"));
  await page.locator("input[name=q]").fill("");
  await page.locator("input[name=q]").focus();
  await page.keyboard.press("Control+V");
  return page.locator("input[name=q]").inputValue();
}

test("pictures, to be looked at", async (t) => {
  for (const [file, name, options] of [
    ["light", "mistaken", {}], ["dark", "mistaken", { colorScheme: "dark" }],
    ["vector", "mistaken", { hash: "#form-order/unsorted" }], ["phone", "mistaken", { viewport: phone, deviceScaleFactor: 2 }],
    ["phone-vector", "mistaken", { viewport: phone, deviceScaleFactor: 2, hash: "#form-order/unsorted" }],
    ["hostile", "hostile", {}], ["matrix", "matrix", {}], ["matrix-dark", "matrix", { colorScheme: "dark" }], ["matrix-phone", "matrix", { viewport: phone, deviceScaleFactor: 2 }],
  ]) {
    const page = await open(t, name, options);
    await page.screenshot({ path: `${pages}/${file}.png` });
  }
});
