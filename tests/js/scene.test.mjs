import assert from "node:assert/strict";
import test from "node:test";

import { makeLattice } from "../../geoanalyse/products/static/lattice.js";
import { groups, spots } from "../../geoanalyse/products/static/scene.js";

const SIDE = 7, STEP = 2e-5; // cells along a side; size of a step on a plane that touches the sphere
const lattice = makeLattice({ resolution: 10, size: SIDE * SIDE, faces: [{
  matrix: [0, 0, 1, STEP, -STEP / 2, 0, 0, (STEP * Math.sqrt(3)) / 2, 0], extra: [[], [], [], []],
  runs: [[...Array(SIDE).keys()], Array(SIDE).fill(0), Array(SIDE).fill(SIDE)].map((list) => Int32Array.from(list)),
}] });
const at = (i, j) => j * SIDE + i;

function marked(hot, cold = []) {
  const marks = new Int8Array(SIDE * SIDE);
  for (const cell of hot) marks[cell] = 1;
  for (const cell of cold) marks[cell] = 2;
  return spots({ lattice, set: { ofCell: Int32Array.from(marks.keys()) }, marks });
}

test("hot and cold spots are groups of cells, each with one ring", () => {
  const { hot, cold } = marked([at(0, 0), at(1, 0), at(5, 5)], [at(3, 3)]);
  assert.deepEqual([hot, cold].map(groups), [2, 1]);
  assert.deepEqual([hot.length, cold.length], [2, 1]);
  assert.deepEqual(Object.values(marked([])), [[], []]);
});

test("a hole in a group is no group", () => {
  const around = [[1, 0], [1, 1], [0, 1], [-1, 0], [-1, -1], [0, -1]].map(([i, j]) => at(3 + i, 3 + j));
  const { hot } = marked(around);
  assert.equal(hot.length, 2); // the outline and that of the hole
  assert.deepEqual(hot.map(({ hole }) => hole).sort(), [false, true]);
  assert.equal(groups(hot), 1);
});
