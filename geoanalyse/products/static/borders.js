// Borders of buurten and wijken, and of the area: outlines of cells, each made when it first comes into view.

import { boxOfSteps } from "./lattice.js";
import { cellsByUnit } from "./model.js";
import { outlines } from "./outline.js";

/** Outlines inside the area (buurten, wijken, the whole), and of the wijken next to it. */
export function bordersOf(model) {
  const { header, regions } = model, lattice = model.lattice(10), region = model.column(header.cell_region), inside = model.column(header.inside);
  const own = Int32Array.from(regions.keys());
  const wijk = Int32Array.from(regions, (each) => { let found = each; while (found && found.level === "buurt") found = regions[found.parent]; return found ? found.index : -1; });
  const once = (of, within, count) => { let found = null; return () => (found ??= shapes(lattice, labels(of, within), count)); };
  const labels = (of, within) => {
    const given = new Int32Array(lattice.size);
    for (let cell = 0; cell < given.length; cell++) given[cell] = inside[cell] !== within ? -1 : !of ? 0 : region[cell] < 0 ? -1 : of[region[cell]];
    return given;
  };
  const [buurten, wijken, area, context] = [once(own, 1, regions.length), once(wijk, 1, regions.length), once(null, 1, 1), once(wijk, 0, regions.length)];
  return { get buurten() { return buurten(); }, get wijken() { return wijken(); }, get area() { return area(); }, get context() { return context(); } };
}

/** One shape per label: a box around it, and its rings when they are asked for. */
function shapes(lattice, labels, count) {
  const { at } = cellsByUnit(labels, count), found = [];
  for (let label = 0; label < count; label++) {
    const cells = at(label);
    if (!cells.length) continue;
    let rings = null;
    const own = (cell) => (cell >= 0 && labels[cell] === label ? 0 : -1);
    found.push({ box: boxOfSteps(lattice, cells), get rings() { return (rings ??= outlines(lattice, cells, own).get(0)); } });
  }
  return found;
}
