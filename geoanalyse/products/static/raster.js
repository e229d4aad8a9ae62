// Draw cells pixel by pixel: every pixel asks the lattice which cell it lies in. Cost grows with pixels, not with cells.

import { PATTERNED, patternAt } from "./palette.js";

/**
 * One code per place of the lattice's blocks, so that the inner loop reads a single byte.
 * @param {Uint8Array} codes code per cell, 0 for nothing
 */
export function spread(lattice, codes) {
  return lattice.faces.map((face) => {
    const spreadOut = new Uint8Array(face.at.length);
    for (let k = 0; k < face.at.length; k++) if (face.at[k] >= 0) spreadOut[k] = codes[face.at[k]];
    return spreadOut;
  });
}

/**
 * Fill a rectangle of pixels.
 * @param {Uint8Array[]} codes per face, from `spread`
 * @param {{x: number, y: number, scale: number}} view world position of pixel (0, 0), pixels per world unit; `ratio`: pixels per CSS pixel
 * @param {{left: number, top: number, width: number, height: number}} part pixels to fill
 * @param {Uint32Array[]} ink colour per code, for each of the eight places in a pattern (see palette.js)
 * @param {Uint32Array} out width * height pixels
 */
export function rasterise(lattice, codes, view, part, ink, out) {
  const { width, height } = part;
  const faces = lattice.faces.map((face) => columnsOf(face, view, part));
  const one = faces.length === 1;
  // Patterns are anchored to the world, so that they stay put while panning.
  const shiftX = Math.round(view.x * view.scale) + part.left, shiftY = Math.round(view.y * view.scale) + part.top;
  const plain = ink[0], grain = Math.max(1, Math.round(view.ratio ?? 1)); // pixels per step of a pattern
  for (let row = 0; row < height; row++) {
    const tangent = Math.sinh((0.5 - (view.y + (part.top + row + 0.5) / view.scale)) * 2 * Math.PI);
    let at = row * width;
    const py = Math.floor((shiftY + row) / grain) & 0xffff;
    for (let column = 0; column < width; column++, at++) {
      let f = faces[0], number = 0;
      if (!one) {
        for (let k = 1; k < faces.length; k++) {
          const g = faces[k];
          if ((g.w[column] + g.tw * tangent) * g.size > (f.w[column] + f.tw * tangent) * f.size) { f = g; number = k; }
        }
      }
      const scale = 1 / (f.w[column] + f.tw * tangent);
      const fi = (f.i[column] + f.ti * tangent) * scale, fj = (f.j[column] + f.tj * tangent) * scale, fk = fj - fi;
      let i = Math.floor(fi + 0.5), j = Math.floor(fj + 0.5);
      const k = Math.floor(fk + 0.5);
      if (j - i !== k) {
        const di = Math.abs(i - fi), dj = Math.abs(j - fj), dk = Math.abs(k - fk);
        if (di > dj && di > dk) i = j - k;
        else if (dj > dk) j = i + k;
      }
      const a = i >> 6, b = j >> 6;
      let code = 0;
      if (a >= 0 && b >= 0 && a < f.wide && b < f.high) {
        const block = f.block[b * f.wide + a];
        if (block >= 0) code = codes[number][(block << 12) | ((j & 63) << 6) | (i & 63)];
      }
      if (code < PATTERNED) { out[at] = plain[code]; continue; }
      const px = Math.floor((shiftX + column) / grain) & 0xffff;
      out[at] = ink[patternAt(px, py)][code];
    }
  }
}

function columnsOf(face, view, part) {
  const m = face.inverse, { width } = part;
  const i = new Float64Array(width), j = new Float64Array(width), w = new Float64Array(width);
  for (let column = 0; column < width; column++) {
    const angle = (view.x + (part.left + column + 0.5) / view.scale - 0.5) * 2 * Math.PI;
    const cosine = Math.cos(angle), sine = Math.sin(angle);
    i[column] = m[0] * cosine + m[1] * sine;
    j[column] = m[3] * cosine + m[4] * sine;
    w[column] = m[6] * cosine + m[7] * sine;
  }
  return {
    i, j, w, ti: m[2], tj: m[5], tw: m[8], size: 1 / Math.hypot(m[6], m[7], m[8]),
    wide: face.wide, high: face.high, block: face.block,
  };
}
