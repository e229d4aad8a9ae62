// Search box for buurten, wijken and gemeenten, after the combobox pattern of the ARIA guide.

import { h } from "./dom.js";

const MOST = 8;

/** Regions whose name holds the text; those that begin with it first. */
export function matches(regions, text) {
  const plain = (name) => name.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase("nl");
  const wanted = plain(text.trim());
  if (!wanted) return [];
  const rank = (region) => { const at = plain(region.name).indexOf(wanted); return at < 0 ? (plain(region.code).includes(wanted) ? 2 : -1) : Math.min(1, at); };
  const order = { buurt: 0, wijk: 1, gemeente: 2 };
  return regions.map((region) => [rank(region), region]).filter(([found]) => found >= 0)
    .sort(([a, p], [b, q]) => a - b || order[p.level] - order[q.level] || p.name.localeCompare(q.name, "nl")).slice(0, MOST).map(([, region]) => region);
}

export function createSearch(regions, go) {
  let found = [], active = -1;
  const none = h("p", { class: "niets", role: "status" });
  const list = h("ul", { id: "zoeklijst", role: "listbox", "aria-label": "Gevonden buurten", hidden: true });
  const input = h("input", {
    id: "zoek", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", placeholder: "Zoek een buurt of wijk", "aria-label": "Zoek een buurt of wijk",
    "aria-expanded": "false", "aria-controls": "zoeklijst", "aria-autocomplete": "list",
    input: () => { show(matches(regions, input.value)); none.textContent = input.value.trim() && !found.length ? "Geen buurt of wijk op deze kaart heet zo." : ""; },
    blur: () => setTimeout(() => { show([]); none.textContent = ""; }, 150),
    keydown: (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); mark(active + (event.key === "ArrowDown" ? 1 : -1)); }
      else if (event.key === "Enter") { event.preventDefault(); pick(found[Math.max(0, active)]); }
      else if (event.key === "Escape") { event.preventDefault(); input.value = none.textContent = ""; show([]); }
    },
  });
  function show(regionsFound) {
    found = regionsFound;
    list.replaceChildren(...found.map((region, k) => h("li", { role: "option", id: `zoek-${k}`, "aria-selected": "false", mousedown: (event) => { event.preventDefault(); pick(region); } },
      h("bdi", {}, region.name), " ", h("span", { class: "zacht" }, region.level))));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
  }
  function mark(at) {
    active = found.length ? Math.min(Math.max(-1, at), found.length - 1) : -1;
    [...list.children].forEach((item, k) => item.setAttribute("aria-selected", String(k === active)));
    if (active >= 0) input.setAttribute("aria-activedescendant", `zoek-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }
  function pick(region) {
    if (!region) return;
    input.value = region.name.slice(0, 60);
    show([]);
    go(region);
  }
  return h("div", { class: "zoek" }, input, list, none);
}
