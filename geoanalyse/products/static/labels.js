// Names of buurten and wijken, the largest first, never over one another.

import { centreOf } from "./lattice.js";

const LONGEST = 34; // characters of a name on the map
const NUMBERED = /^Wijk \d\d (?=\S)/; // "Wijk 00 Aalsmeer" as CBS writes it

/** Where each region's name goes: the centre of the cell nearest to the middle of its cells, on the face with most. */
export function labelPlaces(model) {
  const { regions, header } = model, lattice = model.lattice(10), regionOf = model.column(header.cell_region), inside = model.column(header.inside);
  const chains = regions.map((each) => { const own = []; for (let at = each; at && at.level !== "gemeente"; at = regions[at.parent]) own.push(at.index); return own; });
  const faces = lattice.faces.length, sums = new Float64Array(regions.length * faces * 3), within = new Int32Array(regions.length);
  for (let cell = 0; cell < lattice.size; cell++) {
    if (regionOf[cell] < 0) continue;
    for (const region of chains[regionOf[cell]]) {
      const at = 3 * (region * faces + lattice.face[cell]);
      sums[at] += lattice.i[cell];
      sums[at + 1] += lattice.j[cell];
      sums[at + 2]++;
      within[region] += inside[cell];
    }
  }
  const middle = regions.map((_, region) => {
    const parts = Array.from({ length: faces }, (_, face) => { const at = 3 * (region * faces + face), n = sums[at + 2]; return { face, n, i: sums[at] / n, j: sums[at + 1] / n }; });
    return parts.reduce((a, b) => (b.n > a.n ? b : a));
  });
  const nearest = new Int32Array(regions.length).fill(-1), least = new Float64Array(regions.length).fill(Infinity);
  for (let cell = 0; cell < lattice.size; cell++) {
    if (regionOf[cell] < 0) continue;
    for (const region of chains[regionOf[cell]]) {
      const { face, i, j } = middle[region];
      if (face !== lattice.face[cell]) continue;
      const di = lattice.i[cell] - i, dj = lattice.j[cell] - j, away = di * di + dj * dj - di * dj; // the axes stand 120 degrees apart
      if (away < least[region]) { least[region] = away; nearest[region] = cell; }
    }
  }
  return regions.filter(({ index }) => nearest[index] >= 0).map(({ index, name, level }) => {
    const [x, y] = centreOf(lattice, nearest[index]);
    return { name: shortened(name), level, x, y, across: Math.sqrt(middle[index].n), inside: within[index] > 0 };
  }).sort((a, b) => Number(b.inside) - Number(a.inside) || b.across - a.across || (a.name < b.name ? -1 : 1));
}

export function shortened(name) {
  const plain = name.replace(NUMBERED, "");
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain;
}

/** Paint names that fit: a buurt's when the buurt is wide enough for it, else its wijk's. */
export function paintLabels(context, view, part, places, { ink, inkSoft, cell, letter = 1 }) {
  const taken = [];
  const wide = cell >= 9; // CSS pixels across a res-10 cell: names of buurten fit
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { name, level, x, y, across, inside } of places) {
    if (inside && (level === "buurt") !== wide && places.some((other) => other.level === "buurt")) continue;
    if (!inside && level !== "wijk") continue;
    const px = (x - view.x) * view.scale, py = (y - view.y) * view.scale;
    if (px < 0 || py < 0 || px > part.width || py > part.height) continue;
    const size = (inside ? 12 : 11) * letter;
    context.font = `${inside ? 600 : 400} ${size * view.ratio}px system-ui, "Segoe UI", Roboto, sans-serif`;
    const rows = broken(context, name, Math.max(70 * letter, across * cell * 0.9) * view.ratio);
    const width = Math.max(...rows.map((row) => context.measureText(row).width)), height = rows.length * size * 1.15 * view.ratio;
    if (width > across * cell * 1.7 * view.ratio) continue;
    const box = [px - width / 2 - 4, py - height / 2 - 3, px + width / 2 + 4, py + height / 2 + 3];
    if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
    taken.push(box);
    rows.forEach((row, k) => {
      const at = py + (k - (rows.length - 1) / 2) * size * 1.15 * view.ratio;
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
