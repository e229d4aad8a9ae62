// Draw cells pixel by pixel: every pixel asks the lattice which cell it lies in. Cost grows with pixels, not with cells.

import { PATTERNED, patternAt } from "./palette.js";

/**
 * One code per place of the lattice's blocks, all faces after each other, so that the inner loop reads a single byte.
 * @param {Uint8Array} codes code per cell, 0 for nothing
 */
export function spread(lattice, codes) {
  const spreadOut = new Uint8Array(lattice.faces.reduce((sum, face) => sum + face.at.length, 0));
  let start = 0;
  for (const { at } of lattice.faces) {
    for (let k = 0; k < at.length; k++) if (at[k] >= 0) spreadOut[start + k] = codes[at[k]];
    start += at.length;
  }
  return spreadOut;
}

/**
 * Fill a rectangle of pixels.
 * @param {Uint8Array} codes from `spread`
 * @param {{x: number, y: number, scale: number}} view world position of pixel (0, 0), pixels per world unit; `ratio`: pixels per CSS pixel
 * @param {{left: number, top: number, width: number, height: number}} part pixels to fill
 * @param {Uint32Array[]} ink colour per code, for each of the eight places in a pattern (see palette.js)
 * @param {Uint32Array} out width * height pixels
 */
export function rasterise(lattice, codes, view, part, ink, out) {
  const { width, height } = part;
  const faces = facesOf(lattice, view, part), places = new Int32Array(width);
  // Patterns are anchored to the world, so that they stay put while panning.
  const shiftX = Math.round(view.x * view.scale) + part.left, shiftY = Math.round(view.y * view.scale) + part.top;
  const plain = ink[0], grain = Math.max(1, Math.round(view.ratio ?? 1)); // pixels per step of a pattern
  for (let row = 0; row < height; row++) {
    placesOf(faces, Math.sinh((0.5 - (view.y + (part.top + row + 0.5) / view.scale)) * 2 * Math.PI), places);
    const py = Math.floor((shiftY + row) / grain) & 0xffff;
    for (let column = 0, at = row * width; column < width; column++, at++) {
      const code = places[column] < 0 ? 0 : codes[places[column]];
      if (code < PATTERNED) out[at] = plain[code];
      else out[at] = ink[patternAt(Math.floor((shiftX + column) / grain) & 0xffff, py)][code];
    }
  }
}

/**
 * The place in `codes` of every pixel of a row, negative for none. A cell is convex: where two pixels lie in one cell, so
 * does what is between them. So every fourth pixel is worked out, and of the others what lies between different cells.
 */
function placesOf(faces, tangent, places) {
  const { length } = places;
  for (let column = 0; column < length; column += 4) places[column] = placeAt(faces, column, tangent);
  for (let step = 2; step > 0; step >>= 1) {
    for (let column = step; column < length; column += 2 * step) {
      const before = places[column - step];
      const same = before >= 0 && column + step < length && before === places[column + step];
      places[column] = same ? before : placeAt(faces, column, tangent);
    }
  }
}

function placeAt(faces, column, tangent) {
  let face = faces[0];
  for (let k = 1; k < faces.length; k++) {
    const other = faces[k];
    if ((other.w[column] + other.tw * tangent) * other.size > (face.w[column] + face.tw * tangent) * face.size) face = other;
  }
  return placeIn(face, column, tangent);
}

function placeIn(face, column, tangent) {
  const scale = 1 / (face.w[column] + face.tw * tangent);
  const fi = (face.i[column] + face.ti * tangent) * scale, fj = (face.j[column] + face.tj * tangent) * scale, fk = fj - fi;
  let i = Math.floor(fi + 0.5), j = Math.floor(fj + 0.5);
  const k = Math.floor(fk + 0.5);
  if (j - i !== k) {
    const di = Math.abs(i - fi), dj = Math.abs(j - fj), dk = Math.abs(k - fk);
    if (di > dj && di > dk) i = j - k;
    else if (dj > dk) j = i + k;
  }
  const a = i >> 6, b = j >> 6;
  if (a < 0 || b < 0 || a >= face.wide || b >= face.high) return -1;
  const block = face.block[b * face.wide + a];
  return block < 0 ? -1 : face.start + ((block << 12) | ((j & 63) << 6) | (i & 63));
}

function facesOf(lattice, view, part) {
  let start = 0;
  return lattice.faces.map((face) => {
    const found = columnsOf(face, start, view, part);
    start += face.at.length;
    return found;
  });
}

/** What each column adds to the way from a pixel to a face. */
function columnsOf(face, start, view, { left, width }) {
  const m = face.inverse;
  const i = new Float64Array(width), j = new Float64Array(width), w = new Float64Array(width);
  for (let column = 0; column < width; column++) {
    const angle = (view.x + (left + column + 0.5) / view.scale - 0.5) * 2 * Math.PI;
    const cosine = Math.cos(angle), sine = Math.sin(angle);
    i[column] = m[0] * cosine + m[1] * sine;
    j[column] = m[3] * cosine + m[4] * sine;
    w[column] = m[6] * cosine + m[7] * sine;
  }
  return {
    i, j, w, ti: m[2], tj: m[5], tw: m[8], size: 1 / Math.hypot(m[6], m[7], m[8]),
    wide: face.wide, high: face.high, block: face.block, start,
  };
}
