"use strict";
(() => {
  const all = [...document.querySelectorAll("article")];
  const texts = all.map((one) => one.textContent.toLowerCase());
  const words = document.getElementById("words");
  const shown = document.getElementById("shown");
  let cell = null; // [old level, new level] of the matrix, where one was asked for
  let here = -1;
  const chosen = (name) =>
    [...document.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);
  function filter() {
    const scope = chosen("scope")[0];
    const marks = chosen("mark");
    const wanted = words.value.trim().toLowerCase();
    let count = 0;
    all.forEach((one, at) => {
      const has = one.dataset.marks.split(" ");
      const changed = one.classList.contains("changed");
      const fits =
        (cell
          ? one.dataset.old === cell[0] && one.dataset.new === cell[1]
          : scope === "all" || (scope === "changed" ? changed : has.includes("commitment"))) &&
        (!marks.length || marks.some((mark) => has.includes(mark))) &&
        (!wanted || texts[at].includes(wanted));
      one.hidden = !fits;
      count += fits;
    });
    shown.textContent = `${count} ${count === 1 ? "passage" : "passages"}`;
    document.getElementById("nothing").hidden = count > 0;
  }
  function jump(by) {
    for (let at = here + by; at >= 0 && at < all.length; at += by) {
      if (!all[at].hidden && all[at].classList.contains("changed")) {
        if (all[here]) all[here].classList.remove("here");
        here = at;
        all[at].classList.add("here");
        all[at].scrollIntoView({ block: "start" });
        all[at].focus({ preventScroll: true });
        return;
      }
    }
  }
  document.querySelector("nav").addEventListener("change", () => { cell = null; filter(); });
  words.addEventListener("input", filter);
  document.querySelector(".matrix").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    cell = [button.dataset.old, button.dataset.new];
    filter();
    document.querySelector("main").scrollIntoView();
  });
  document.getElementById("next").addEventListener("click", () => jump(1));
  document.getElementById("before").addEventListener("click", () => jump(-1));
  document.getElementById("reset").addEventListener("click", () => {
    cell = null;
    words.value = "";
    document.querySelectorAll("input[name=mark]").forEach((box) => { box.checked = false; });
    document.querySelector("input[value=changed]").checked = true;
    filter();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") jump(1);
    if (event.key === "k") jump(-1);
  });
  filter();
})();
