// The page on paper: one sheet with the map, then what is chosen and where the numbers come from.

import { byId, h } from "./dom.js";

export const PAPERS = { a4l: "A4 liggend", a4s: "A4 staand", a3l: "A3 liggend", a3s: "A3 staand" };
const DOTS = { a4: 3, a3: 2 }; // printed dots per CSS pixel

/** A text as a CSS string. */
export const cssString = (text) => `"${text.replace(/\s+/g, " ").replace(/["\\]/g, "\\$&")}"`;

/**
 * Lay the page out for paper when the browser is about to print, and back afterwards.
 * @param {L.Map} map
 * @param {{pair: object, repaint: () => void, keep: (bounds: L.LatLngBounds) => void, picture: (second: boolean, ratio: number) => HTMLCanvasElement,
 *   place: () => Node[], footer: () => string}} given
 *   `picture` draws one map as it now is, `place` gives the chosen place in words, `footer` what stands under every page
 */
export function createSheet(map, { pair, repaint, keep, picture, place, footer }) {
  const root = document.documentElement;
  let paper = "a4l", before = null; // before: view and shut texts on screen
  function lay() {
    if (before) return;
    const shut = [...document.querySelectorAll("details:not([open])")].filter(({ dataset }) => dataset.druk !== "dicht");
    before = { bounds: map.getBounds(), centre: map.getCenter(), zoom: map.getZoom(), shut };
    for (const details of shut) details.open = true;
    root.dataset.papier = paper;
    root.style.setProperty("--voettekst", cssString(footer()));
    byId("drukplek").replaceChildren(...place());
    map.invalidateSize({ pan: false });
    keep(before.bounds);
    // One opaque picture per map: browsers print layered canvases badly, and coarsely.
    for (const [id, second] of [["beeld1", false], ["tweede", true]]) {
      if (byId(id).hidden) continue;
      const canvas = picture(second, DOTS[paper.slice(0, 2)]);
      canvas.className = "drukbeeld";
      canvas.setAttribute("aria-hidden", "true");
      byId(id).prepend(canvas);
    }
  }
  function back() {
    if (!before) return;
    for (const canvas of document.querySelectorAll(".drukbeeld")) canvas.remove();
    for (const details of before.shut) details.open = false;
    delete root.dataset.papier;
    byId("drukplek").replaceChildren();
    map.invalidateSize({ pan: false });
    map.setView(before.centre, before.zoom, { animate: false });
    pair.follow();
    before = null;
    repaint();
  }
  window.addEventListener("beforeprint", lay);
  window.addEventListener("afterprint", back);
  return {
    print(name) {
      paper = name;
      byId("bewaarmenu").open = false;
      window.print();
    },
  };
}

/** The menu of what can be kept: papers to print on, and other buttons. Escape closes it. */
export function createMenu(print, others) {
  const menu = h("details", { id: "bewaarmenu", class: "keuze", "data-druk": "dicht", keydown: (event) => { if (event.key === "Escape" && menu.open) { event.preventDefault(); menu.open = false; menu.firstChild.focus(); } } },
    h("summary", {}, "Bewaren"), h("div", {}, h("span", { class: "zacht" }, "Afdrukken of PDF"),
      h("div", { class: "papieren" }, ...Object.entries(PAPERS).map(([name, text]) => h("button", { type: "button", "data-blad": name, click: () => print(name) }, text))),
      ...others));
  document.addEventListener("click", ({ target }) => { if (!menu.contains(target)) menu.open = false; });
  return menu;
}
