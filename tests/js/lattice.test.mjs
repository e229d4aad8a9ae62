import assert from "node:assert/strict";
import test from "node:test";

import { cellAt, cellAtStep, centreOf, cornerOf, inverse3, makeLattice, nearestStep, neighbourOf } from "../../geoanalyse/products/static/lattice.js";
import { latOf, lonOf, worldX, worldY } from "../../geoanalyse/products/static/mercator.js";
import { outlines } from "../../geoanalyse/products/static/outline.js";
import { patternAt, inkOf, pixel, CODES } from "../../geoanalyse/products/static/palette.js";
import { rasterise, spread } from "../../geoanalyse/products/static/raster.js";

// A lattice round (0 E, 0 N): direction = centre + i * step + j * step turned by 120 degrees.
const STEP = 1e-4, HALF = STEP / 2, SINE = (STEP * Math.sqrt(3)) / 2;
const matrix = [0, 0, 1, STEP, -HALF, -100 * STEP + 100 * HALF, 0, SINE, -100 * SINE]; // (100, 100) lies at the centre
const ring = { runs: [[99, 100, 101], [99, 99, 100], [2, 3, 2]], extra: [[], [], [], []] };
const seven = () => makeLattice({ resolution: 10, size: 7, faces: [{ matrix, ...ring }] });

test("inverse of a matrix", () => {
  const inverse = inverse3([2, 0, 0, 0, 4, 0, 1, 0, 1]);
  assert.deepEqual(inverse, [0.5, 0, 0, 0, 0.25, 0, -0.5, 0, 1]);
});

test("runs place cells in order", () => {
  const lattice = seven();
  assert.deepEqual([...lattice.i], [99, 100, 99, 100, 101, 100, 101]);
  assert.deepEqual([...lattice.j], [99, 99, 100, 100, 100, 101, 101]);
  assert.equal(cellAtStep(lattice.faces[0], 100, 100), 3);
  assert.equal(cellAtStep(lattice.faces[0], 98, 100), -1);
  assert.equal(cellAtStep(lattice.faces[0], -1, 1e6), -1);
});

test("a centre lies in its own cell, and its neighbours lie around it", () => {
  const lattice = seven();
  for (let cell = 0; cell < 7; cell++) {
    const [x, y] = centreOf(lattice, cell);
    assert.equal(cellAt(lattice, lonOf(x), latOf(y)), cell);
  }
  assert.deepEqual([0, 1, 2, 3, 4, 5].map((k) => neighbourOf(lattice, 3, k)).sort(), [0, 1, 2, 4, 5, 6]);
});

test("edge k lies between the cell and neighbour k", () => {
  const lattice = seven(), [cx, cy] = centreOf(lattice, 3);
  for (let k = 0; k < 6; k++) {
    const [ax, ay] = cornerOf(lattice, 3, (k + 5) % 6), [bx, by] = cornerOf(lattice, 3, k), [nx, ny] = centreOf(lattice, neighbourOf(lattice, 3, k));
    assert.ok(Math.hypot((ax + bx) / 2 - (cx + nx) / 2, (ay + by) / 2 - (cy + ny) / 2) < 1e-12);
  }
});

test("nearest lattice point is the nearest of all", () => {
  const place = (i, j) => [i - j / 2, (j * Math.sqrt(3)) / 2];
  let seed = 1;
  const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647; };
  for (let n = 0; n < 2000; n++) {
    const i = random() * 6, j = random() * 6, [x, y] = place(i, j), [ni, nj] = nearestStep(i, j);
    const away = (a, b) => Math.hypot(place(a, b)[0] - x, place(a, b)[1] - y);
    for (let a = Math.floor(i) - 2; a < i + 3; a++) for (let b = Math.floor(j) - 2; b < j + 3; b++) assert.ok(away(ni, nj) <= away(a, b) + 1e-12);
  }
});

test("outline of seven cells is one ring of eighteen corners; two labels give two", () => {
  const lattice = seven(), every = [...Array(7).keys()];
  const rings = outlines(lattice, every, (cell) => (cell < 0 ? -1 : 0)).get(0);
  assert.deepEqual(rings.map((ring) => ring.length / 2), [18]);
  const hole = outlines(lattice, every, (cell) => (cell < 0 || cell === 3 ? -1 : 0)).get(0);
  assert.deepEqual(hole.map((ring) => ring.length / 2).sort((a, b) => a - b), [6, 18]);
  assert.equal(outlines(lattice, every, (cell) => (cell < 0 ? -1 : cell % 2)).size, 2);
});

test("every pixel gets the colour of the cell that the hit test gives", () => {
  const lattice = seven(), codes = Uint8Array.from({ length: 7 }, (_, cell) => cell + 1);
  const ink = Array.from({ length: 8 }, () => Uint32Array.from({ length: 256 }, (_, code) => code));
  const size = 120, scale = size / (worldX(0.03) - worldX(-0.03)), view = { x: worldX(-0.03), y: worldY(0.03), scale };
  const out = new Uint32Array(size * size);
  rasterise(lattice, spread(lattice, codes), view, { left: 0, top: 0, width: size, height: size }, ink, out);
  const seen = new Set();
  for (let at = 0; at < out.length; at++) {
    const column = at % size, row = Math.floor(at / size);
    const cell = cellAt(lattice, lonOf(view.x + (column + 0.5) / scale), latOf(view.y + (row + 0.5) / scale));
    assert.equal(out[at], cell + 1);
    seen.add(cell);
  }
  assert.equal(seen.size, 8); // seven cells and nothing
});

test("a part of a picture equals that part of the whole, patterns included", () => {
  const lattice = seven(), codes = Uint8Array.from({ length: 7 }, () => CODES.geen_data);
  const colours = { classes: ["#000000"], empty: { geen_data: ["#ffffff", "#6f7378", "arcering"] } };
  const view = { x: worldX(-0.03), y: worldY(0.03), scale: 1e6 }, whole = new Uint32Array(120 * 120), part = new Uint32Array(30 * 20);
  rasterise(lattice, spread(lattice, codes), view, { left: 0, top: 0, width: 120, height: 120 }, inkOf(colours), whole);
  rasterise(lattice, spread(lattice, codes), view, { left: 70, top: 70, width: 30, height: 20 }, inkOf(colours), part);
  for (let row = 0; row < 20; row++) for (let column = 0; column < 30; column++) assert.equal(part[row * 30 + column], whole[(70 + row) * 120 + 70 + column]);
  assert.ok(new Set(part).size > 1);
});

test("colours become pixels", () => {
  assert.equal(pixel("#010203").toString(16), "ff030201");
  assert.equal(patternAt(0, 0) & 4, 4);
  assert.equal(patternAt(4, 2), 0);
});
