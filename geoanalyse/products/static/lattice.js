// The exact lattice of H3 cells; geoanalyse/products/lattice.py says why it exists.
//
// A face is { matrix, inverse, wide, high, at, first }: `at` holds the cell at each (i, j) in blocks of 64 x 64, so that
// empty space costs nothing and a look-up is two reads.

import { worldX, worldY } from "./mercator.js";

const BLOCK = 64;
const QUANTUM = 2 ** 28; // corners closer than 2 cm are one corner
const CORNERS = [[2, 1], [1, 2], [-1, 1], [-2, -1], [-1, -2], [1, -1]];
/** Neighbour k shares the edge between corner k - 1 and corner k. */
const NEIGHBOURS = [[1, 0], [1, 1], [0, 1], [-1, 0], [-1, -1], [0, -1]];

/** @param {number[]} m nine numbers, row by row */
export function inverse3(m) {
  const [a, b, c, d, e, f, g, h, i] = m;
  const A = e * i - f * h, B = f * g - d * i, C = d * h - e * g;
  const det = a * A + b * B + c * C;
  return [A, c * h - b * i, b * f - c * e, B, a * i - c * g, c * d - a * f, C, b * g - a * h, a * e - b * d].map((v) => v / det);
}

/**
 * @param {{resolution: number, faces: {matrix: number[], runs: Int32Array[], extra: ArrayLike<number>[]}[], size: number}} given
 */
export function makeLattice({ resolution, faces, size }) {
  const lattice = {
    resolution, size, faces: [], over: new Map(),
    face: new Uint8Array(size), i: new Int32Array(size), j: new Int32Array(size),
  };
  let cell = 0;
  faces.forEach(({ matrix, runs, extra }, number) => {
    for (let run = 0; run < runs[0].length; run++) {
      for (let step = 0; step < runs[2][run]; step++, cell++) {
        lattice.face[cell] = number;
        lattice.i[cell] = runs[1][run] + step;
        lattice.j[cell] = runs[0][run];
      }
    }
    lattice.faces.push({ matrix, inverse: inverse3(matrix), extra });
  });
  lattice.faces.forEach((face, number) => indexFace(lattice, face, number));
  return lattice;
}

function indexFace(lattice, face, number) {
  const entries = []; // i, j, cell of the cells of other faces that reach into this one
  const [is, js, cells, turns] = face.extra;
  for (let k = 0; k < cells.length; k++) {
    entries.push([is[k], js[k], cells[k]]);
    if (!lattice.over.has(cells[k])) lattice.over.set(cells[k], []);
    lattice.over.get(cells[k]).push({ face, i: is[k], j: js[k], turn: turns[k] });
  }
  let wide = 0, high = 0;
  const widen = (i, j) => { wide = Math.max(wide, (i >> 6) + 1); high = Math.max(high, (j >> 6) + 1); };
  for (let cell = 0; cell < lattice.size; cell++) if (lattice.face[cell] === number) widen(lattice.i[cell], lattice.j[cell]);
  for (const [i, j] of entries) widen(i, j);
  const block = new Int32Array(wide * high).fill(-1);
  let blocks = 0;
  const touch = (i, j) => { const k = (j >> 6) * wide + (i >> 6); if (block[k] < 0) block[k] = blocks++; };
  for (let cell = 0; cell < lattice.size; cell++) if (lattice.face[cell] === number) touch(lattice.i[cell], lattice.j[cell]);
  for (const [i, j] of entries) touch(i, j);
  const at = new Int32Array(blocks * BLOCK * BLOCK).fill(-1);
  const put = (i, j, cell) => { at[(block[(j >> 6) * wide + (i >> 6)] << 12) | ((j & 63) << 6) | (i & 63)] = cell; };
  for (const [i, j, cell] of entries) put(i, j, cell);
  for (let cell = 0; cell < lattice.size; cell++) if (lattice.face[cell] === number) put(lattice.i[cell], lattice.j[cell], cell);
  Object.assign(face, { wide, high, block, at });
}

/** Cell at (i, j) of a face, -1 for none. */
export function cellAtStep(face, i, j) {
  const a = i >> 6, b = j >> 6;
  if (a < 0 || b < 0 || a >= face.wide || b >= face.high) return -1;
  const block = face.block[b * face.wide + a];
  return block < 0 ? -1 : face.at[(block << 12) | ((j & 63) << 6) | (i & 63)];
}

/** Lattice point nearest to fractional steps, as [i, j]. */
export function nearestStep(fi, fj) {
  let i = Math.round(fi), j = Math.round(fj);
  const k = Math.round(fj - fi);
  const di = Math.abs(i - fi), dj = Math.abs(j - fj), dk = Math.abs(k - (fj - fi));
  if (di > dj && di > dk) i = j - k;
  else if (dj > dk) j = i + k;
  return [i, j];
}

/** Cell under a point given in degrees, -1 for none. */
export function cellAt(lattice, lon, lat) {
  const l = (lon * Math.PI) / 180, p = (lat * Math.PI) / 180;
  return cellInDirection(lattice, Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p));
}

function cellInDirection(lattice, x, y, z) {
  let best = null, top = 0;
  for (const face of lattice.faces) {
    const near = closeness(face, [x, y, z]); // the last row of its inverse is the direction of the face's centre
    if (near > top) { top = near; best = face; }
  }
  if (!best) return -1;
  const m = best.inverse, w = m[6] * x + m[7] * y + m[8] * z;
  const [i, j] = nearestStep((m[0] * x + m[1] * y + m[2] * z) / w, (m[3] * x + m[4] * y + m[5] * z) / w);
  return cellAtStep(best, i, j);
}

function direction(face, i, j) {
  const m = face.matrix;
  return [m[0] * i + m[1] * j + m[2], m[3] * i + m[4] * j + m[5], m[6] * i + m[7] * j + m[8]];
}

const toWorld = ([x, y, z]) => [
  worldX((Math.atan2(y, x) * 180) / Math.PI),
  worldY((Math.atan2(z, Math.hypot(x, y)) * 180) / Math.PI),
];

/** World position of the centre of a cell. */
export const centreOf = (lattice, cell) => toWorld(direction(lattice.faces[lattice.face[cell]], lattice.i[cell], lattice.j[cell]));

/** World position of corner k (0..5) of a cell. */
export const cornerOf = (lattice, cell, k) => toWorld(cornerDirection(lattice, cell, k));

/** Direction of a corner. The lattice bends where faces meet: a corner over the edge is looked up on the face it lies on. */
function cornerDirection(lattice, cell, k) {
  const own = lattice.faces[lattice.face[cell]], there = cornerOn(own, lattice.i[cell], lattice.j[cell], k);
  let best = there, most = closeness(own, there);
  for (const { face, i, j, turn } of lattice.over.get(cell) ?? []) {
    const found = closeness(face, there);
    if (found > most) { most = found; best = cornerOn(face, i, j, (k + turn) % 6); }
  }
  return best;
}

const cornerOn = (face, i, j, k) => direction(face, i + CORNERS[k][0] / 3, j + CORNERS[k][1] / 3);

/** How near a direction is to the centre of a face, to compare faces by. */
function closeness({ inverse: m }, [x, y, z]) {
  return (m[6] * x + m[7] * y + m[8] * z) / Math.hypot(m[6], m[7], m[8]);
}

/** Box [x0, y0, x1, y1] in the world that holds cells, with some room: from the lowest and highest steps on each face. */
export function boxOfSteps(lattice, cells) {
  const reach = lattice.faces.map(() => [Infinity, Infinity, -Infinity, -Infinity]);
  for (const cell of cells) {
    const at = reach[lattice.face[cell]], i = lattice.i[cell], j = lattice.j[cell];
    if (i < at[0]) at[0] = i;
    if (j < at[1]) at[1] = j;
    if (i > at[2]) at[2] = i;
    if (j > at[3]) at[3] = j;
  }
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  reach.forEach(([i0, j0, i1, j1], number) => {
    if (i0 > i1) return;
    for (const [i, j] of [[i0 - 1, j0 - 1], [i0 - 1, j1 + 1], [i1 + 1, j0 - 1], [i1 + 1, j1 + 1]]) {
      const [x, y] = toWorld(direction(lattice.faces[number], i, j));
      box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
    }
  });
  return box;
}

/** Whole number that is the same for a corner whichever cell, on whichever face, it is reached from. */
export function cornerKey(lattice, cell, k) {
  const [x, y, z] = cornerDirection(lattice, cell, k);
  const size = QUANTUM / Math.sqrt(x * x + y * y + z * z);
  return Math.round(y * size) * 2 ** 22 + (Math.round(z * size) & (2 ** 22 - 1));
}

/** Cell across edge k (0..5), -1 for none. Near an edge of a face the neighbour may only be known on the other face. */
export function neighbourOf(lattice, cell, k) {
  const own = lattice.faces[lattice.face[cell]], step = NEIGHBOURS[k];
  const found = cellAtStep(own, lattice.i[cell] + step[0], lattice.j[cell] + step[1]);
  if (found >= 0 || lattice.faces.length === 1) return found;
  for (const { face, i, j, turn } of lattice.over.get(cell) ?? []) {
    const [di, dj] = NEIGHBOURS[(k + turn) % 6], there = cellAtStep(face, i + di, j + dj);
    if (there >= 0) return there;
  }
  const beyond = cellInDirection(lattice, ...direction(own, lattice.i[cell] + 0.55 * step[0], lattice.j[cell] + 0.55 * step[1]));
  return beyond === cell ? -1 : beyond;
}
