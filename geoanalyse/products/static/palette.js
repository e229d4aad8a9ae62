// Codes of cells and their colours. A cell has one code: a class, or the reason why it has none.

export const CODES = {
  nothing: 0,
  class0: 1, // class n has code n + 1
  geen_adressen: 8,
  geen_data: 9,
  onderdrukt: 10,
  blinde_vlek: 11,
  meer: 12, // of a comparison
  minder: 13,
  niet_anders: 14,
  niet_te_vergelijken: 15,
  omgeving0: 16, // shade n of the surroundings has code n + 16
};

/** Codes from here on may carry a pattern. */
export const PATTERNED = 8;
const PERIOD = 8; // pixels after which a pattern repeats

/** Which of the eight kinds of place in a pattern a pixel is: stripe 1, crossing stripe 2, dot 4, or their sums. */
export function patternAt(px, py) {
  return (((px + py) & 7) < 1 ? 1 : 0) | (((px - py) & 7) < 1 ? 2 : 0) | ((px & 7) < 2 && (py & 7) < 2 ? 4 : 0);
}

const MARKED = { geen: 0, arcering: 1, ruit: 3, stippen: 4 };

/** "#rrggbb" as a pixel of a canvas on a little-endian machine. */
export function pixel(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return ((255 << 24) | ((value & 255) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** Eight colour tables, one per kind of place in a pattern. @returns {Uint32Array[]} */
export function inkOf(colours) {
  return Array.from({ length: 8 }, (_, place) => {
    const table = new Uint32Array(256);
    colours.classes.forEach((hex, k) => { table[CODES.class0 + k] = pixel(hex); });
    (colours.surroundings ?? []).forEach((hex, k) => { table[CODES.omgeving0 + k] = pixel(hex); });
    for (const [name, [ground, mark, pattern]] of [...Object.entries(colours.empty), ...Object.entries(colours.change ?? {})]) {
      table[CODES[name]] = pixel(place & MARKED[pattern] ? mark : ground);
    }
    return table;
  });
}

/** The same tables, with nothing drawn where there are no addresses: what lies under the cells shows there. */
export function sheer(ink) {
  return ink.map((table) => { const own = table.slice(); own[CODES.geen_adressen] = 0; return own; });
}

/** A small tile that shows a code, to fill shapes and legend swatches with. @returns {HTMLCanvasElement} */
export function tileOf(ink, code) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = PERIOD;
  const context = tile.getContext("2d"), image = context.createImageData(PERIOD, PERIOD);
  const pixels = new Uint32Array(image.data.buffer);
  for (let k = 0; k < pixels.length; k++) pixels[k] = ink[patternAt(k % PERIOD, Math.floor(k / PERIOD))][code];
  context.putImageData(image, 0, 0);
  return tile;
}
