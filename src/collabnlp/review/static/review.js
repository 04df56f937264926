// Keys, saving before going on, and nothing lost. The page works without this script too.
(() => {
  "use strict";

  const LONGEST = 600; // seconds that a unit may count
  const TIMEOUT = 10000; // milliseconds that an answer may take
  const PAUSES = [1000, 2000, 4000, 8000, 15000, 30000];
  const BOUNCE = 300; // milliseconds in which nobody reads a sentence
  const PENDING = "collabnlp-pending:";
  const DRAFT = "collabnlp-draft:";
  const JUDGED = ["level", "partner", "tier", "department", "basis"];
  const KEYS_OFF = "collabnlp-keys-off";

  let busy = false; // a decision is on its way
  let wake = null; // ends the pause before the next try
  let looked = 0; // milliseconds that the unit was looked at
  let since = 0; // when looking began; 0 while the page is hidden
  let came = -BOUNCE; // when the unit came after another one
  let touched = false; // a key other than Enter was pressed since

  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const reader = () => document.body.dataset.reader || "";
  const store = () => document.body.dataset.store || "";

  // A browser may refuse to store anything; then only the recovery after a reload is missing.
  const stored = {
    get: (store, name) => { try { return store.getItem(name); } catch { return null; } },
    set: (store, name, value) => { try { store.setItem(name, value); } catch { /* refused */ } },
    remove: (store, name) => { try { store.removeItem(name); } catch { /* refused */ } },
    names: (store) => { try { return Object.keys(store); } catch { return []; } },
  };

  // -- what is told

  // The status line is replaced with its page; screen readers hear the one place that stays.
  const hear = (text) => { one("#heard").textContent = text; };

  const say = (text, kind = "", heard = text) => {
    hear(heard);
    let status = one("#status");
    if (!status) {
      // A page without a unit: what an earlier one could not save is told here too.
      if (!text) return;
      status = document.createElement("p");
      status.id = "status";
      one("#main")?.prepend(status);
    }
    status.className = kind;
    status.textContent = text;
  };

  const lock = (on) => {
    busy = on;
    const form = one("#decide");
    if (form) {
      form.classList.toggle("busy", on);
      form.setAttribute("aria-busy", String(on));
      one(".actions").classList.toggle("busy", on);
    }
    const retry = one("#retry");
    if (retry && !on) retry.hidden = true;
  };

  // -- how long the unit was looked at

  const watch = () => {
    const now = performance.now();
    if (since) looked += now - since;
    since = document.visibilityState === "visible" ? now : 0;
  };
  const seconds = () => {
    watch();
    return Math.min(looked / 1000, LONGEST).toFixed(1);
  };
  document.addEventListener("visibilitychange", watch);

  // -- what was not saved yet is kept in the browser

  const remember = (job) => stored.set(localStorage, PENDING + job.request, JSON.stringify(job));
  const forget = (job) => stored.remove(localStorage, PENDING + job.request);
  const waiting = () =>
    stored.names(localStorage)
      .filter((name) => name.startsWith(PENDING))
      .map((name) => { try { return JSON.parse(stored.get(localStorage, name)); } catch { return null; } })
      .filter((job) => job && job.reader === reader() && job.store === store())
      .sort((a, b) => a.at - b.at);

  const draftName = () => DRAFT + location.pathname + location.search;
  const fields = (form) => {
    const data = new FormData(form);
    for (const name of ["form_token", "request", "seconds"]) data.delete(name);
    return new URLSearchParams(data).toString();
  };
  const keepDraft = (form) => stored.set(sessionStorage, draftName(), fields(form));
  const dropDraft = () => stored.remove(sessionStorage, draftName());

  const fill = (form, values) => {
    for (const input of all("input, textarea", form)) {
      if (![...JUDGED, "unsure", "note"].includes(input.name)) continue;
      const wanted = values.getAll(input.name);
      if (input.type === "radio" || input.type === "checkbox") input.checked = wanted.includes(input.value);
      else input.value = wanted[0] || "";
    }
    follow(form);
  };

  const restoreDraft = (form) => {
    const draft = stored.get(sessionStorage, draftName());
    if (!draft) return;
    const values = new URLSearchParams(draft);
    if (values.get("own") !== form.elements.own.value) return dropDraft();
    fill(form, values);
  };

  // -- sending

  const pause = (milliseconds) =>
    new Promise((go) => {
      const timer = setTimeout(go, milliseconds);
      wake = () => { clearTimeout(timer); go(); };
    });

  const ask = async (address, options = {}) => {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), TIMEOUT);
    try {
      const answer = await fetch(address, { ...options, credentials: "same-origin", signal: control.signal });
      // The whole answer belongs to it: a connection may break in the middle.
      return { status: answer.status, url: answer.url, text: await answer.text() };
    } finally {
      clearTimeout(timer);
    }
  };

  // Ask until there is an answer that is no failure of server or connection.
  const insist = async (address, options, doing) => {
    for (let turn = 0; ; turn += 1) {
      let told = "The connection is lost.";
      try {
        const answer = await ask(address, options);
        if (answer.status < 500) return answer;
        told = answer.status === 503 ? message(answer) : "The server failed.";
      } catch { /* lost, or too slow */ }
      const wait = PAUSES[Math.min(turn, PAUSES.length - 1)];
      say(`${doing} ${told} Trying again in ${Math.round(wait / 1000)} s…`, "error");
      const retry = one("#retry");
      if (retry) retry.hidden = false;
      await pause(wait);
      say("Trying again…");
    }
  };

  const parsed = (answer) => { try { return JSON.parse(answer.text); } catch { return {}; } };
  const message = (answer) => parsed(answer).error || `The server answered ${answer.status}.`;

  const send = async (job) => {
    lock(true);
    say(job.kind === "save" ? "Saving…" : "…");
    const answer = await insist(
      job.address,
      {
        method: "POST",
        body: job.body,
        headers: {
          Accept: "application/json",
          "Content-Type": "application/x-www-form-urlencoded",
          "X-Form-Token": one("meta[name=form-token]").content,
        },
      },
      job.kind === "save" ? "Not saved yet; your choice is kept." : "Not done yet.",
    );
    const result = parsed(answer);
    if (answer.status === 200 && result.saved) {
      forget(job);
      return result;
    }
    if (answer.status === 403) {
      // Kept: it is sent again once the browser was let in.
      say(`Not saved: ${message(answer)} Your choice is kept in this browser; load the page again.`, "error");
      lock(false);
      return null;
    }
    forget(job);
    lock(false);
    say(`Not saved: ${message(answer)}`, "error");
    mark(result.field);
    if (result.html) {
      one(".changed")?.remove();
      const place = document.createElement("template");
      place.innerHTML = result.html; // made and escaped by our own server
      (one("#decide") || one("#main").lastElementChild).before(place.content);
      one(".changed button")?.focus({ preventScroll: true });
      one(".changed")?.scrollIntoView({ block: "nearest" });
    }
    return null;
  };

  const mark = (name) => {
    const field = name && one(`#decide [name="${CSS.escape(name)}"]`);
    if (field) field.focus();
  };

  const decide = async (form, submitter) => {
    if (busy) return;
    const address = submitter?.getAttribute("formaction") || form.getAttribute("action");
    const kind = address.endsWith("/skip") ? "skip" : address.endsWith("/undo") ? "undo" : "save";
    if (kind === "save" && form.id === "decide" && !one("[name=level]:checked", form)) {
      say("Choose a level first (0 to 5).", "error");
      one("[name=level]", form).focus();
      return;
    }
    const data = new URLSearchParams(new FormData(form));
    data.delete("form_token");
    data.set("request", crypto.randomUUID());
    data.set("seconds", seconds());
    const job = { address, kind, body: data.toString(), request: data.get("request"), reader: reader(), store: store(), at: Date.now() };
    // A refused choice that is waiting gives way to the one that is made now.
    if (kind === "save") waiting().filter((it) => it.kind === "save" && it.address === address).forEach(forget);
    remember(job);
    const draft = draftName();
    const result = await send(job);
    if (!result) return;
    stored.remove(sessionStorage, draft);
    await go(result.next);
  };

  // What an earlier page could not save, for example because it was closed.
  const recover = async () => {
    let last = null;
    const jobs = waiting();
    if (!jobs.length) return;
    for (const job of jobs) {
      say("Saving what was not saved before…");
      last = await send(job);
      if (!last) return;
    }
    if (last) await go(last.next);
  };

  // -- going on: the next page is fetched, so that a lost connection costs a moment, not the page

  const go = async (address, { push = true } = {}) => {
    lock(true);
    say("Loading…");
    const answer = await insist(address, { headers: { Accept: "text/html" } }, "Saved.");
    const next = new DOMParser().parseFromString(answer.text, "text/html");
    const main = one("#main", next);
    if (!main) { location.assign(address); return; }
    if (push) history.pushState(null, "", answer.url);
    document.title = next.title;
    document.body.dataset.reader = next.body.dataset.reader || "";
    document.body.dataset.store = next.body.dataset.store || "";
    one("meta[name=form-token]").content = one("meta[name=form-token]", next).content;
    one("#top").replaceWith(document.adoptNode(one("#top", next)));
    one("#main").replaceWith(document.adoptNode(main));
    lock(false);
    ready();
    came = performance.now();
    scrollTo(0, 0);
    (one("#unit") || one("#main")).focus({ preventScroll: true });
  };
  addEventListener("popstate", () => { if (!busy) go(location.href, { push: false }); });

  // -- the form

  // What the question would put in the place of the other label is not what is chosen any more.
  const unask = () => one(".changed")?.remove();

  // Partners and departments belong to commitments alone.
  const follow = (form) => {
    const none = one("[name=level]:checked", form)?.value === "none";
    for (const it of all(".commitment fieldset", form)) it.disabled = none;
    one(".commitment", form)?.classList.toggle("off", none);
    // The button says whether the suggestion still stands as it came.
    const stands = [...form.elements].every((it) => !JUDGED.includes(it.name) || it.checked === it.defaultChecked || none && it.name !== "level");
    for (const it of all("#keep [data-if]")) it.classList.toggle("off", (it.dataset.if === "accept") !== stands);
    const basis = one(".basis", form);
    const named = one("[name=department]:checked", form);
    basis?.classList.toggle("off", !named);
    for (const it of all("[name=basis]", form)) it.disabled = !named;
  };

  const label = (input) => (input.dataset.name ? `${input.value}, ${input.dataset.name}` : one(".face", input.parentElement).textContent.replace(/^\s*\S\s/, "").trim());

  const filter = (box) => {
    const words = box.value.trim().toLowerCase();
    let first = null;
    const inputs = all("[name=department]", box.form);
    const fits = (it) => it.value.toLowerCase().startsWith(words) || it.dataset.name.toLowerCase().includes(words);
    const exact = inputs.find((it) => it.value.toLowerCase() === words);
    for (const it of inputs) {
      const shown = !words || fits(it);
      it.parentElement.hidden = !shown;
      it.parentElement.classList.remove("first");
      if (words && shown && !first) first = it;
    }
    first = exact || first;
    if (first) first.parentElement.classList.add("first");
    if (words) say(first ? `Enter: ${label(first)}` : "No department of that code or name stood then.");
    return first;
  };

  document.addEventListener("input", (event) => {
    if (event.target.id === "department-filter") filter(event.target);
    const resent = one(".resend [name=note]");
    if (event.target.id === "note" && resent) resent.value = event.target.value;
  });

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.id === "keys-on") {
      if (input.checked) stored.remove(localStorage, KEYS_OFF);
      else stored.set(localStorage, KEYS_OFF, "1");
      return;
    }
    const form = input.closest("#decide");
    if (!form || input.id === "department-filter") return;
    if (input.name !== "note") unask();
    follow(form);
    keepDraft(form);
    if (input.type === "radio" || input.type === "checkbox") say(`${label(input)}${input.checked ? "" : ": off"}`);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.decide");
    if (!form) return;
    event.preventDefault();
    decide(form, event.submitter);
  });

  // -- what opens and closes

  const openGuide = async () => {
    const guide = one("#guide");
    guide.hidden = !guide.hidden;
    document.body.classList.toggle("with-guide", !guide.hidden);
    const text = one(".text", guide);
    if (guide.hidden || text.childElementCount) return;
    const answer = await insist("/codebook", { headers: { Accept: "text/html" } }, "");
    const article = one("#codebook-text", new DOMParser().parseFromString(answer.text, "text/html"));
    if (article) text.append(document.adoptNode(article));
    say("");
  };
  const toggle = (name) => {
    if (name === "guide") return openGuide();
    const dialog = one(`#${name}`);
    if (dialog.open) dialog.close();
    else dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const opener = event.target.closest("[data-opens], [data-closes]");
    if (opener) {
      event.preventDefault();
      toggle(opener.dataset.opens || opener.dataset.closes);
      return;
    }
    const taken = event.target.closest("[data-fill]");
    if (taken) {
      event.preventDefault();
      const values = new URLSearchParams();
      for (const [name, value] of Object.entries(JSON.parse(taken.dataset.fill)))
        for (const it of [].concat(value)) values.append(name, it);
      const form = one("#decide");
      values.append("note", form.elements.note.value);
      fill(form, values);
      unask();
      keepDraft(form);
      say(`${taken.dataset.name} taken; Enter keeps it.`);
      return;
    }
    if (event.target.closest("#retry")) wake?.();
  });

  // -- keys

  const typing = (it) => it.matches("textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])");
  const seen = (it) => it.getClientRects().length > 0 && !it.matches(":disabled") || it.matches(".sr, label input") && !it.matches(":disabled");

  document.addEventListener("keydown", (event) => {
    const at = event.target instanceof Element ? event.target : document.body;
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) {
      if (event.key === "Enter" && event.ctrlKey && at.id === "note") {
        event.preventDefault();
        one("#decide").requestSubmit(one("#keep"));
      }
      return;
    }
    if (event.key === "Escape") {
      if (at.id === "department-filter") { at.value = ""; filter(at); }
      if (typing(at)) at.blur();
      else if (!one("#guide").hidden && !one("dialog[open]")) openGuide();
      return;
    }
    if (at.id === "department-filter" && event.key === "Enter") {
      event.preventDefault();
      const first = at.value.trim() ? filter(at) : null;
      if (first) { first.click(); at.value = ""; for (const it of all(".departments label[hidden], .departments .first")) { it.hidden = false; it.classList.remove("first"); } }
      else at.blur();
      return;
    }
    if (typing(at) || one("dialog[open]") && event.key !== "?") return;
    if (event.key === "Enter") {
      const form = one("#decide");
      if (!form || at.closest("a, button, summary, dialog, #guide")) return;
      event.preventDefault();
      // A key held down, or pressed twice, must not keep what nobody has read.
      if (busy || event.repeat) return;
      if (!touched && performance.now() - came < BOUNCE) return say("That was quick. Enter once more keeps what stands here.");
      const question = one(".changed button");
      if (question) question.focus();
      else form.requestSubmit(one("#keep"));
      return;
    }
    touched = true;
    if (stored.get(localStorage, KEYS_OFF) || event.repeat) return;
    const key = event.key.toLowerCase();
    if (key === "e") {
      const radios = all("#decide [name=basis]");
      if (radios.length && !radios[0].matches(":disabled")) { event.preventDefault(); (radios.find((it) => !it.checked) || radios[0]).click(); }
      return;
    }
    const found = all("[data-key]").find((it) => it.dataset.key === key && seen(it));
    if (!found || (busy && found.form?.id === "decide" && found.id !== "retry")) return;
    event.preventDefault();
    if (typing(found)) {
      found.focus();
      found.setSelectionRange?.(found.value.length, found.value.length);
      found.scrollIntoView({ block: "nearest" });
    } else found.click();
  });

  // -- every page

  const ready = () => {
    touched = false;
    looked = 0;
    since = 0;
    watch();
    const form = one("#decide");
    document.documentElement.className = "ready";
    for (const it of all("img.page")) {
      const gone = () => {
        const told = document.createElement("p");
        told.className = "small";
        told.textContent = "No picture: the file was moved or changed since it was read. Labelling works without it.";
        it.closest("a").replaceWith(told);
      };
      if (it.complete && it.src && !it.naturalWidth && it.getAttribute("loading") !== "lazy") gone();
      else it.addEventListener("error", gone, { once: true });
    }
    if (!form) return;
    const told = all("[data-say]");
    for (const it of told) it.removeAttribute("role"); // else it would be heard twice
    const both = (words) => told.map(words).join(" ");
    if (told.length) say(both((it) => it.dataset.say), one(".told.conflict") ? "conflict" : "saved", both((it) => it.textContent));
    if (!one(".told.error", form)) restoreDraft(form);
    follow(form);
  };

  const keysOn = one("#keys-on");
  if (keysOn) keysOn.checked = !stored.get(localStorage, KEYS_OFF);
  ready();
  if (one("#unit")) one("#unit").focus({ preventScroll: true });
  if (reader()) recover();
})();
