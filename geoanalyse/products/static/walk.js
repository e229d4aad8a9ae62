// From one unit to the next, in the direction of an arrow.

import { centreOf, neighbourOf } from "./lattice.js";

export const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MOST_STEPS = 400; // cells across the widest unit

/** First cell in a direction that belongs to another unit than `cell` does, or to none; -1 at the edge of the area. */
export function nextUnit({ lattice, set }, cell, [dx, dy]) {
  const unit = set.ofCell[cell];
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const [x, y] = centreOf(lattice, cell);
    const [next] = [0, 1, 2, 3, 4, 5].map((k) => neighbourOf(lattice, cell, k)).filter((other) => other >= 0)
      .map((other) => { const [ox, oy] = centreOf(lattice, other); return [((ox - x) * dx + (oy - y) * dy) / Math.hypot(ox - x, oy - y), other]; })
      .sort(([a], [b]) => b - a);
    if (!next || next[0] < 0.4 || set.ofCell[next[1]] < -2) return -1;
    cell = next[1];
    if (set.ofCell[cell] < 0 || set.ofCell[cell] !== unit) return cell;
  }
  return cell;
}
