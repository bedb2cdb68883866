// What the page does beside being read: filter, search, links, copying.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const one = (selector, within = document) => within.querySelector(selector);

  // Light and dark: as the system has it, until the button says otherwise.
  const remembered = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  if (remembered === "light" || remembered === "dark") root.dataset.theme = remembered;
  one(".theme")?.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* a page from a file may keep nothing */ }
  });

  // Copying: the text before the button, just as it is shown.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.previousElementSibling.textContent;
    const label = button.innerHTML;
    let done = "Copied";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.body.appendChild(document.createElement("textarea"));
      area.value = text;
      area.select();
      if (!document.execCommand("copy")) done = "Press Ctrl+C";
      area.remove();
      button.focus();
    }
    button.textContent = done;
    setTimeout(() => { button.innerHTML = label; }, 1500);
  });

  const form = one("form.filter");
  if (!form) return;
  const vectors = [...document.querySelectorAll(".vector")];
  const fields = ["q", "outcome", "bug", "family", "rule", "question"];
  const searched = new Map(); // a vector to the text that is searched
  const textOf = (v) => {
    if (!searched.has(v)) searched.set(v, 
      [v.id, v.textContent, v.className, v.dataset.bug, v.dataset.rule, v.dataset.text].join(" ").replaceAll("_", " ").toLowerCase());
    return searched.get(v);
  };

  const apply = () => {
    const want = Object.fromEntries(fields.map((name) => [name, form.elements[name].value]));
    const words = want.q.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const v of vectors) {
      const d = v.dataset;
      const fits = (!want.outcome || v.classList.contains(want.outcome)) && (!want.bug || d.bug === want.bug) &&
        (!want.family || v.id.startsWith(want.family + "/")) && (!want.question || d.question === want.question) &&
        (!want.rule || (d.rule ?? "").split(" ").includes(want.rule)) && words.every((word) => textOf(v).includes(word));
      v.hidden = !fits;
      if (fits) shown++;
    }
    one("#vectors .shown").textContent = shown === vectors.length ? `${shown}` : `${shown} of ${vectors.length}`;
    one(".nothing").hidden = shown > 0;
  };

  // The address says what is shown: #family/slug a vector, #?rule=… a filter.
  const write = () => {
    const query = new URLSearchParams();
    for (const name of fields) if (form.elements[name].value) query.set(name, form.elements[name].value);
    history.replaceState(null, "", query.size ? "#?" + query : location.pathname + location.search);
  };
  const read = () => {
    const hash = location.hash.slice(1);
    if (hash.startsWith("?")) {
      const query = new URLSearchParams(hash.slice(1));
      for (const name of fields) form.elements[name].value = query.get(name) ?? "";
      apply();
      one("#vectors").scrollIntoView();
      one("#vectors").focus({ preventScroll: true });
      return;
    }
    let target = null;
    try { target = document.getElementById(decodeURIComponent(hash)); } catch { /* no address of ours */ }
    if (!target?.matches(".vector")) return;
    if (target.hidden) { form.reset(); apply(); }
    target.open = true;
    target.scrollIntoView();
    one("summary", target)?.focus({ preventScroll: true });
  };
  form.addEventListener("input", () => { apply(); write(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { apply(); write(); }));
  one(".clear").addEventListener("click", () => { form.reset(); form.elements.q.focus(); });
  addEventListener("hashchange", read);
  document.addEventListener("click", (event) => { // the same link a second time
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) read();
  });
  addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      form.elements.q.focus();
      form.elements.q.select();
    } else if (event.key === "Escape" && event.target === form.elements.q) {
      form.reset();
    }
  });
  apply();
  read();
})();
