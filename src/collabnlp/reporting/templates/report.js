"use strict";
// Filters the page's tables by the controls above them and by the address:
// #commitments?level=support&department=DFT shows the rows with these values. Without this script
// the page shows every row.
(() => {
  const facets = JSON.parse(document.getElementById("facets").textContent);
  const tables = new Map();

  class FilteredTable {
    constructor(name, data) {
      this.name = name;
      this.section = document.getElementById(name);
      this.form = this.section.querySelector("form");
      this.body = this.section.querySelector("table.rows tbody");
      this.rows = Array.from(this.body.rows);
      this.status = this.section.querySelector("[role=status]");
      this.shownAs = this.section.querySelector(".selection");
      this.keys = Object.keys(data.keys);
      this.known = data.keys;
      this.facets = data.rows;
      this.texts = null;
      this.form.hidden = false;
      this.form.addEventListener("submit", (event) => event.preventDefault());
      this.form.addEventListener("change", () => this.changed());
      this.form.addEventListener("input", (event) => {
        if (event.target.type !== "search") return;
        clearTimeout(this.waiting);
        this.waiting = setTimeout(() => this.changed(), 150);
      });
      this.form.querySelector(".all").addEventListener("click", () => {
        this.set(new URLSearchParams());
        this.changed();
      });
      this.apply();
    }

    // Puts an address into the controls.
    set(wanted) {
      this.impossible = false;
      for (const control of this.form.elements) {
        if (!control.name) continue;
        const value = wanted.get(control.name) ?? control.dataset.default ?? "";
        control.value = value;
        if (control.value !== value) this.impossible = true;
      }
    }

    // The controls as an address; those that choose nothing are left out.
    get() {
      const chosen = new URLSearchParams();
      for (const control of this.form.elements) {
        const value = control.name ? control.value.trim() : "";
        if (value && value !== (control.dataset.default ?? "")) chosen.append(control.name, value);
      }
      return chosen;
    }

    changed() {
      this.impossible = false;
      const chosen = this.get().toString().replace(/\+/g, "%20");
      history.replaceState(null, "", `#${this.name}${chosen ? "?" + chosen : ""}`);
      this.apply();
    }

    apply() {
      const chosen = this.get();
      const wanted = [];
      this.keys.forEach((key, at) => {
        if (chosen.has(key)) wanted.push([at, this.known[key].indexOf(chosen.get(key))]);
      });
      const words = (chosen.get("search") ?? "").toLocaleLowerCase().split(/\s+/).filter(Boolean);
      if (words.length && !this.texts) {
        this.texts = this.rows.map((row) => row.textContent.toLocaleLowerCase());
      }
      const least = Number(chosen.get("least") ?? 0) / 100;
      let shown = 0;
      this.rows.forEach((row, index) => {
        const values = this.facets[index];
        const fits = !this.impossible
          && wanted.every(([at, value]) => values[at].includes(value))
          && (!least || Number(row.dataset.p) >= least)
          && words.every((word) => this.texts[index].includes(word));
        row.hidden = !fits;
        shown += fits;
      });
      this.order(chosen.get("sort") ?? "");
      this.status.textContent =
        `${shown.toLocaleString("en")} of ${this.rows.length.toLocaleString("en")} rows shown`;
      const said = [];
      for (const control of this.form.elements) {
        if (!control.name || !chosen.has(control.name)) continue;
        const option = control.selectedOptions ? control.selectedOptions[0] : null;
        const label = control.labels[0].firstChild.textContent.trim();
        said.push(`${label}: ${option ? option.textContent.trim() : control.value}`);
      }
      this.shownAs.textContent = said.join("; ");
    }

    order(by) {
      if (by === (this.ordered ?? "")) return;
      this.ordered = by;
      const place = new Map(this.rows.map((row, index) => [row, index]));
      const value = {
        probability: (row) => -Number(row.dataset.p),
        level: (row) => -Number(row.dataset.level),
      }[by] ?? (() => 0);
      const sorted = this.rows.slice().sort(
        (one, other) => value(one) - value(other) || place.get(one) - place.get(other),
      );
      this.body.append(...sorted);
    }
  }

  for (const [name, data] of Object.entries(facets)) tables.set(name, new FilteredTable(name, data));

  function follow(event) {
    const hash = location.hash.slice(1);
    const [name, query] = [hash.split("?", 1)[0], hash.includes("?") ? hash.slice(hash.indexOf("?") + 1) : null];
    const table = tables.get(name);
    if (table && (query !== null || !event)) {
      table.set(new URLSearchParams(query ?? ""));
      table.apply();
      const heading = table.section.querySelector("h2, h3");
      heading.focus({ preventScroll: true });
      table.form.scrollIntoView();
      return;
    }
    // A link to one row, which a filter may hide.
    let row = null;
    try {
      row = document.getElementById(decodeURIComponent(hash));
    } catch {
      return;
    }
    if (row && row.matches("table.rows tr")) {
      const owner = tables.get(row.closest("section").id);
      if (row.hidden) {
        owner.set(new URLSearchParams());
        owner.apply();
      }
      row.scrollIntoView({ block: "center" });
      row.focus({ preventScroll: true });
    }
  }

  // A second click on the number whose rows are shown changes no address, and must still lead there.
  document.addEventListener("click", (event) => {
    const link = event.target.closest ? event.target.closest("a[href^='#']") : null;
    if (link && link.getAttribute("href") === location.hash) follow(event);
  });
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  if (location.hash) follow(null);
  document.documentElement.classList.add("ready");
})();
