// From the text block in the page to numbers: the counterpart of kaartmodel.pack.

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

/** Numbers of one column, from its byte planes. @returns {Int32Array | Float64Array} */
export function readColumn(kind, count, bytes, at) {
  const size = kind === "s3" ? 2 : Number(kind[1]);
  const shift = 32 - 8 * size;
  const numbers = new Int32Array(count);
  for (let plane = 0; plane < size; plane++) {
    const from = at + plane * count;
    for (let k = 0; k < count; k++) numbers[k] |= bytes[from + k] << (8 * plane);
  }
  for (let k = 0; k < count; k++) numbers[k] = (numbers[k] << shift) >> shift;
  if (kind === "s3") return Float64Array.from(numbers, fromThreeDigits);
  if (kind[0] === "d") for (let k = 1; k < count; k++) numbers[k] += numbers[k - 1]; // wraps at 32 bits, as written
  return numbers;
}

/** A number of three significant digits from its 16-bit code; NaN for none. */
export function fromThreeDigits(code) {
  if (code < 0) return NaN;
  if (code === 0) return 0;
  const rest = code - 1;
  return Number(`${100 + (rest % 900)}e${Math.floor(rest / 900) - 14}`);
}

/** Header of the block, and a function that gives column k; a column is decoded when it is first asked for. */
export async function decode(base64) {
  const raw = await inflate(bytesFromBase64(base64.trim()));
  const length = new DataView(raw.buffer, raw.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(raw.subarray(4, 4 + length)));
  const starts = [4 + length];
  for (const [kind, count] of header.arrays) {
    starts.push(starts[starts.length - 1] + count * (kind === "s3" ? 2 : Number(kind[1])));
  }
  const known = new Array(header.arrays.length);
  const column = (k) => (known[k] ??= readColumn(header.arrays[k][0], header.arrays[k][1], raw, starts[k]));
  return { header, column };
}
