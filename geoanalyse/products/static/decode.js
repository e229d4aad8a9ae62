// From the text block in the page to numbers: the counterpart of kaartblok.pack.

/** @param {string} base64 @returns {Uint8Array} */
export function bytesFromBase64(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return bytes;
}

/** @param {Uint8Array} bytes zlib data @returns {Promise<Uint8Array>} */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Numbers of one column, from its byte planes. @returns {Int8Array | Int16Array | Int32Array | Float64Array} */
export function readColumn(kind, count, bytes, at) {
  const size = kind === "s3" ? 2 : Number(kind[1]);
  if (kind === "i1") return new Int8Array(bytes.buffer, bytes.byteOffset + at, count);
  const numbers = kind === "i2" || kind === "s3" ? new Int16Array(count) : new Int32Array(count);
  for (let plane = 0; plane < size; plane++) {
    const from = at + plane * count, shift = 8 * plane;
    for (let k = 0; k < count; k++) numbers[k] |= bytes[from + k] << shift;
  }
  if (kind === "s3") return Float64Array.from(numbers, fromThreeDigits);
  if (kind[0] === "d") {
    const unused = 32 - 8 * size;
    let sum = 0; // wraps at 32 bits, as written
    for (let k = 0; k < count; k++) numbers[k] = sum = (sum + ((numbers[k] << unused) >> unused)) | 0;
  }
  return numbers;
}

/** Unit of each cell: the rank of the name of its home among all names of homes; negative where `none` is. */
export function ownersOf(offset, none, high, low) {
  const isHome = new Uint8Array(offset.length);
  for (let cell = 0; cell < offset.length; cell++) if (none[cell] >= 0) isHome[cell + offset[cell]] = 1;
  let homes = new Int32Array(offset.length), count = 0;
  for (let cell = 0; cell < offset.length; cell++) if (isHome[cell]) homes[count++] = cell;
  homes = homes.subarray(0, count);
  for (const digit of [(cell) => low[cell] & 0xffff, (cell) => low[cell] >>> 16, (cell) => high[cell] & 0xffff, (cell) => high[cell] >>> 16]) {
    homes = sortedBy(digit, homes);
  }
  const rank = new Int32Array(offset.length), unit = new Int32Array(offset.length);
  for (let k = 0; k < count; k++) rank[homes[k]] = k;
  for (let cell = 0; cell < offset.length; cell++) unit[cell] = none[cell] < 0 ? none[cell] : rank[cell + offset[cell]];
  return unit;
}

/** Cells in the order of a digit of 16 bits; equal ones keep their order. */
function sortedBy(digit, cells) {
  const start = new Int32Array(0x10001);
  for (const cell of cells) start[digit(cell) + 1]++;
  for (let k = 0; k < 0x10000; k++) start[k + 1] += start[k];
  const sorted = new Int32Array(cells.length);
  for (const cell of cells) sorted[start[digit(cell)]++] = cell;
  return sorted;
}

/** A number of three significant digits from its 16-bit code, -1 minus that of its opposite for a negative one; NaN for none. */
export function fromThreeDigits(code) {
  if (code === -1) return NaN;
  if (code < 0) return -fromThreeDigits(-1 - code);
  if (code === 0) return 0;
  const rest = code - 1;
  return Number(`${100 + (rest % 900)}e${Math.floor(rest / 900) - 14}`);
}

/**
 * Header of the block, and two ways into its columns, each decoded when first asked for: `column(k)` gives all numbers,
 * `at(k)` a function that gives one, for columns that are looked up in a table and seldom needed as a whole.
 */
export async function decode(base64) {
  const raw = await inflate(bytesFromBase64(base64.trim()));
  const length = new DataView(raw.buffer, raw.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + length)));
  const stored = (kind) => kind !== "look" && kind !== "home";
  const starts = [4 + length];
  for (const [kind, count] of header.arrays) {
    starts.push(starts[starts.length - 1] + (stored(kind) ? count * (kind === "s3" ? 2 : Number(kind[1])) : 0));
  }
  const known = new Array(header.arrays.length);
  const make = (k) => {
    const [kind, ...of] = header.arrays[k];
    if (stored(kind)) return readColumn(kind, of[0], raw, starts[k]);
    if (kind === "home") return ownersOf(...of.map(column));
    const [index, table] = of.map(column), values = new table.constructor(index.length);
    for (let row = 0; row < index.length; row++) values[row] = table[index[row]];
    return values;
  };
  const column = (k) => (known[k] ??= make(k));
  const at = (k) => {
    const [kind, ...of] = header.arrays[k];
    if (kind !== "look") { const values = column(k); return (row) => values[row]; }
    const [index, table] = of.map(column);
    return (row) => table[index[row]];
  };
  return { header, column, at };
}
