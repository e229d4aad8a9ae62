// Names of buurten and wijken, the largest first, never over one another.

import { cellAt, centreOf } from "./lattice.js";
import { latOf, lonOf } from "./mercator.js";

const LONGEST = 34; // characters of a name on the map
const NUMBERED = /^Wijk \d\d (?=\S)/; // "Wijk 00 Aalsmeer" as CBS writes it

/** Where each region's name goes: on its cell nearest to the middle of those on one face; `holds` says whether a point lies in it. */
export function labelPlaces(model) {
  const lattice = model.lattice(10), [of, inside] = ["cell_region", "inside"].map((name) => model.column(model.header[name]));
  const holds = (index) => (x, y) => model.under(index).includes(of[cellAt(lattice, lonOf(x), latOf(y))]);
  return model.regions.filter(({ level }) => level !== "gemeente").map(({ index, name, level }) => {
    const cells = model.cellsUnder(index), face = lattice.face[cells[cells.length >> 1]], own = cells.filter((cell) => lattice.face[cell] === face);
    if (!own.length) return null;
    const [i, j] = [lattice.i, lattice.j].map((steps) => own.reduce((sum, cell) => sum + steps[cell], 0) / own.length);
    const away = (cell) => { const di = lattice.i[cell] - i, dj = lattice.j[cell] - j; return di * di + dj * dj - di * dj; }; // the axes stand 120 degrees apart
    const [x, y] = centreOf(lattice, own.reduce((a, b) => (away(b) < away(a) ? b : a)));
    return { name: shortened(name), level, x, y, across: Math.sqrt(own.length), inside: cells.some((cell) => inside[cell]), holds: holds(index) };
  }).filter(Boolean).sort((a, b) => Number(b.inside) - Number(a.inside) || b.across - a.across || (a.name < b.name ? -1 : 1));
}

export function shortened(name) {
  const plain = name.replace(NUMBERED, "");
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain;
}

const STEPS = [0, 0.6, -0.6, 1.1, -1.1]; // heights of a name by which it may move down or up
/**
 * Box for a name around (x, y), or moved down or up where `holds(by)`: the first that lies on nothing `taken`, and if there
 * is one, on no line either; none where all are taken.
 */
export function boxFor(x, y, width, height, holds, taken, lined) {
  const boxes = STEPS.map((step) => step * height).filter((by) => !by || holds(by)).map((by) => [x - width / 2, y + by - height / 2, x + width / 2, y + by + height / 2]);
  const free = boxes.filter((box) => !taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]));
  return free.find((box) => !lined(box)) ?? free[0];
}

/** Paint names that fit: a buurt's when the buurt is wide enough for it, else its wijk's; never on `marks`, rather not on lines. */
export function paintLabels(context, view, part, places, { ink, inkSoft, cell, letter = 1, marks = [], lined = () => false }) {
  const taken = [];
  const wide = cell >= 9; // CSS pixels across a res-10 cell: names of buurten fit
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { name, level, x, y, across, inside, holds } of places) {
    if (inside && (level === "buurt") !== wide && places.some((other) => other.level === "buurt")) continue;
    if (!inside && level !== "wijk") continue;
    const px = (x - view.x) * view.scale, py = (y - view.y) * view.scale;
    if (px < 0 || py < 0 || px > part.width || py > part.height) continue;
    const size = (inside ? 12 : 11) * letter;
    context.font = `${inside ? 600 : 400} ${size * view.ratio}px system-ui, "Segoe UI", Roboto, sans-serif`;
    const rows = broken(context, name, Math.max(70 * letter, across * cell * 0.9) * view.ratio);
    const width = Math.max(...rows.map((row) => context.measureText(row).width)), height = rows.length * size * 1.15 * view.ratio;
    if (width > across * cell * 1.7 * view.ratio) continue;
    const box = boxFor(px, py, width + 8, height + 6, (by) => holds(x, y + by / view.scale), [...marks, ...taken], lined);
    if (!box) continue;
    taken.push(box);
    rows.forEach((row, k) => {
      const at = (box[1] + box[3]) / 2 + (k - (rows.length - 1) / 2) * size * 1.15 * view.ratio;
      context.lineWidth = 3.5 * view.ratio;
      context.strokeStyle = "rgba(255,255,255,.88)";
      context.strokeText(row, px, at);
      context.fillStyle = inside ? ink : inkSoft;
      context.fillText(row, px, at);
    });
  }
  return taken;
}

function broken(context, name, room) {
  if (context.measureText(name).width <= room) return [name];
  const words = name.split(" ");
  if (words.length < 2) return [name];
  const rows = [""];
  for (const word of words) {
    const last = rows[rows.length - 1], longer = last ? `${last} ${word}` : word;
    if (last && context.measureText(longer).width > room && rows.length < 3) rows.push(word);
    else rows[rows.length - 1] = longer;
  }
  return rows;
}

/** Round length for a scale bar of at most `most` pixels: { metres, pixels }. */
export function scaleBar(metresPerPixel, most) {
  const limit = metresPerPixel * most, power = 10 ** Math.floor(Math.log10(limit));
  const metres = [5, 2, 1].map((k) => k * power).find((length) => length <= limit);
  return { metres, pixels: metres / metresPerPixel };
}

export const scaleWords = (metres) => (metres >= 1000 ? `${metres / 1000} km` : `${metres} m`);
