// Lines and water that the maker laid over the map. Surfaces lie under the cells, and show where no one lives.

import { h } from "./dom.js";
import { boxOf } from "./outline.js";
import { paintFill, paintLines } from "./scene.js";

const STEP = 2 ** -27; // of the world: see kaartlagen.py
const STYLES = {
  water: { title: "Water", fill: "#b7d0e2", line: { colour: "#5b8fb5", width: 1.1 } },
  wegen: { title: "Wegen", fill: "#dcdcdc", line: { colour: "#6f6a63", width: 1.6, halo: "rgba(255,255,255,.8)" } },
  grenzen: { title: "Grenzen", fill: null, line: { colour: "#26292d", width: 1.6 } },
};

/** Rings or lines in world units, each with the box around it. @param {number[]} numbers of the columns x, y, points */
export function partsOf(model, [x, y, points], closed) {
  const [xs, ys, counts] = [x, y, points].map(model.column), parts = [];
  let at = 0;
  for (const count of counts) {
    const ring = new Float64Array(2 * count);
    for (let k = 0; k < count; k++, at++) { ring[2 * k] = xs[at] * STEP; ring[2 * k + 1] = ys[at] * STEP; }
    parts.push({ rings: [ring], box: boxOf([ring]), open: !closed });
  }
  return parts;
}

/** What is laid over this map: painters for under and over the cells, and rows to switch them. */
export function createOverlays(model) {
  const all = model.header.overlays.map(({ kind, file, surfaces, lines }) => ({
    ...STYLES[kind], kind, file, shown: true, surfaces: partsOf(model, surfaces, true), lines: partsOf(model, lines, false),
  }));
  return {
    any: all.length > 0,
    exact: all.some(({ kind }) => kind === "grenzen"),
    under(context, view, part) {
      for (const { shown, fill, surfaces } of all) if (shown && fill) paintFill(context, view, part, surfaces, fill);
    },
    over(context, view, part) {
      for (const { shown, line, surfaces, lines } of all) {
        if (shown) paintLines(context, view, part, [...surfaces, ...lines], line);
      }
    },
    rows: (changed) => all.map((each) => h("label", { class: "lijnsoort" },
      h("input", { type: "checkbox", checked: true, change: (event) => { each.shown = event.target.checked; changed(); } }),
      h("span", { class: `lijn laag-${each.kind}`, "aria-hidden": "true" }),
      h("span", {}, each.title, " ", h("span", { class: "zacht" }, h("bdi", {}, `uit ${each.file}`)), each.surfaces.length + each.lines.length ? "" : " (niets in dit gebied)"))),
  };
}
