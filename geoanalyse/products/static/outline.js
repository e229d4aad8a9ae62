// Outlines of groups of cells: the edges between a cell of the group and one that is not, chained into rings.

import { cornerKey, cornerOf, neighbourOf } from "./lattice.js";

/**
 * Rings around equally labelled cells.
 * @param {Iterable<number>} cells cells to look at
 * @param {(cell: number) => number} labelOf group of a cell, negative for none; called with -1 outside the lattice too
 * @returns {Map<number, Float64Array[]>} per group its rings as world x, y, x, y, ...; a ring is closed, not repeated
 */
export function outlines(lattice, cells, labelOf) {
  const edges = new Map();
  for (const cell of cells) {
    const label = labelOf(cell);
    if (label < 0) continue;
    for (let k = 0; k < 6; k++) {
      const other = neighbourOf(lattice, cell, k);
      if (other >= 0 && labelOf(other) === label) continue;
      if (!edges.has(label)) edges.set(label, new Map());
      const starts = edges.get(label), first = (k + 5) % 6, key = cornerKey(lattice, cell, first);
      if (!starts.has(key)) starts.set(key, []);
      starts.get(key).push([cornerOf(lattice, cell, first), cornerKey(lattice, cell, k)]);
    }
  }
  return new Map([...edges].map(([label, starts]) => [label, chain(starts)]));
}

function chain(starts) {
  const rings = [];
  for (const [first, leaving] of starts) {
    while (leaving.length) {
      const points = [];
      let key = first;
      for (let next = leaving; next && next.length; next = starts.get(key)) {
        const [point, to] = next.pop();
        points.push(point[0], point[1]);
        key = to;
        if (key === first) break;
      }
      rings.push(Float64Array.from(points));
    }
  }
  return rings;
}

/** Smallest box around rings: [x0, y0, x1, y1]. */
export function boxOf(rings) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let k = 0; k < ring.length; k += 2) {
      box[0] = Math.min(box[0], ring[k]); box[1] = Math.min(box[1], ring[k + 1]);
      box[2] = Math.max(box[2], ring[k]); box[3] = Math.max(box[3], ring[k + 1]);
    }
  }
  return box;
}
