// What stands on the map: cells, borders, hot spots. Pixel by pixel when cells are small, as shapes when they are large.

import { cellAt, cornerOf } from "./lattice.js";
import { latOf, lonOf, metresPerWorld } from "./mercator.js";
import { COLD, HOT, middleOf, onceFor, unitAt } from "./model.js";
import { boxOf, outlines } from "./outline.js";
import { CODES, PATTERNED, tileOf } from "./palette.js";
import { rasterise, spread } from "./raster.js";

const SHAPES_FROM = 13; // pixels across a cell from which cells are drawn as shapes with lines between units
const WIDTH_OF_RES10 = 131; // metres between neighbouring centres, on average over the Netherlands

/** Pixels between neighbouring cells of a resolution. */
export const cellPixels = (resolution, view) =>
  (WIDTH_OF_RES10 * 7 ** ((10 - resolution) / 2) * view.scale) / metresPerWorld(latOf(view.y));

/** Shapes that a layer at a level needs, made when first drawn. */
export function prepare(rows, ink, colours) {
  return { rows, ink, colours, codes: spread(rows.lattice, rows.codes), rings: new Map(), tiles: new Map() };
}

/** Rings around groups of hot and of cold units, each with its box, so that only those in view are stroked: { hot, cold }. */
export const spots = onceFor(({ lattice, set, marks }) => {
  if (!marks) return { hot: [], cold: [] };
  const around = (kind) => {
    const has = (cell) => (cell >= 0 && set.ofCell[cell] >= 0 && marks[set.ofCell[cell]] === kind ? 0 : -1);
    return [...outlines(lattice, Array(lattice.size).keys(), has).values()].flat().map((ring) => ({ rings: [ring], box: boxOf([ring]), hole: isHole(ring) }));
  };
  return { hot: around(HOT), cold: around(COLD) };
});

/** Whether shapes have a line within a box of the view, in pixels. */
export function lineIn(view, shapes, box) {
  const [left, top, right, bottom] = box.map((at, k) => at / view.scale + (k % 2 ? view.y : view.x));
  const crosses = (ax, ay, bx, by) => Math.min(ax, bx) < right && Math.max(ax, bx) > left && Math.min(ay, by) < bottom && Math.max(ay, by) > top
    && new Set([[left, top], [right, top], [right, bottom], [left, bottom]].map(([x, y]) => (bx - ax) * (y - ay) > (by - ay) * (x - ax))).size > 1;
  return shapes.some(({ box: [x0, y0, x1, y1], rings }) => x0 < right && x1 > left && y0 < bottom && y1 > top
    && rings.some((ring) => ring.some((x, k) => k % 2 === 0 && crosses(x, ring[k + 1], ring[(k + 2) % ring.length], ring[(k + 3) % ring.length]))));
}

/** How many groups shapes lie around. */
export const groups = (shapes) => shapes.filter(({ hole }) => !hole).length;

/** Whether a ring goes round the other way than that of a single cell. */
function isHole(ring) {
  let sum = 0;
  for (let k = 0, n = ring.length; k < n; k += 2) sum += ring[k] * ring[(k + 3) % n] - ring[(k + 2) % n] * ring[k + 1];
  return sum > 0;
}

export function paintCells(context, view, part, prepared) {
  const { lattice } = prepared.rows;
  if (cellPixels(lattice.resolution, view) / view.ratio >= SHAPES_FROM) paintShapes(context, view, part, prepared);
  else paintPixels(context, view, part, prepared);
}

function paintPixels(context, view, part, { rows, codes, ink }) {
  const image = context.createImageData(part.width, part.height);
  rasterise(rows.lattice, codes, view, part, ink, new Uint32Array(image.data.buffer));
  context.putImageData(image, part.left, part.top);
}

function paintShapes(context, view, part, prepared) {
  const { rows, rings, colours } = prepared, byCode = new Map(), loose = new Map();
  const put = (groups, code, value) => { if (!groups.has(code)) groups.set(code, []); groups.get(code).push(value); };
  const { units, bare } = visible(view, part, rows);
  for (const unit of units) {
    if (!rings.has(unit)) {
      const own = (cell) => (cell >= 0 && rows.set.ofCell[cell] === unit ? 0 : -1);
      rings.set(unit, outlines(rows.lattice, rows.set.cellsOf(unit), own).get(0));
    }
    put(byCode, rows.codes[rows.set.cellsOf(unit)[0]], rings.get(unit));
  }
  for (const cell of bare) put(loose, rows.codes[cell], [hexagon(rows.lattice, cell)]);
  context.lineJoin = context.lineCap = "round";
  for (const [groups, line] of [[loose, 0], [byCode, 1]]) {
    for (const [code, shapes] of groups) {
      const path = new Path2D();
      for (const shape of shapes) trace(path, shape, view);
      context.fillStyle = fillOf(context, prepared, code, view);
      context.fill(path, "evenodd");
      context.strokeStyle = line ? colours.edge : context.fillStyle;
      context.lineWidth = view.ratio;
      context.stroke(path);
    }
  }
}

function hexagon(lattice, cell) {
  const points = new Float64Array(12);
  for (let k = 0; k < 6; k++) [points[2 * k], points[2 * k + 1]] = cornerOf(lattice, cell, k);
  return points;
}

/** Units and cells without a unit in a part of the view, found by looking at a grid of points closer than cells are. */
function visible(view, part, rows) {
  const step = 0.6 * cellPixels(rows.lattice.resolution, view), units = new Set(), bare = new Set();
  for (let y = part.top - step; y < part.top + part.height + 2 * step; y += step) {
    const lat = latOf(view.y + y / view.scale);
    for (let x = part.left - step; x < part.left + part.width + 2 * step; x += step) {
      const cell = cellAt(rows.lattice, lonOf(view.x + x / view.scale), lat);
      if (cell < 0) continue;
      const unit = rows.set.ofCell[cell];
      if (unit >= 0) units.add(unit);
      else if (rows.codes[cell]) bare.add(cell);
    }
  }
  return { units, bare };
}

function fillOf(context, { colours, ink, tiles }, code, view) {
  if (code < PATTERNED) return colours.classes[code - CODES.class0];
  if (!tiles.has(code)) tiles.set(code, context.createPattern(tileOf(ink, code), "repeat"));
  const pattern = tiles.get(code);
  const grain = Math.max(1, Math.round(view.ratio)), shift = (at) => -Math.round(at * view.scale) % (8 * grain);
  pattern.setTransform(new DOMMatrix([grain, 0, 0, grain, shift(view.x), shift(view.y)]));
  return pattern;
}

/** Add rings to a path, in pixels; lines when they are open. */
export function trace(path, rings, view, open = false) {
  for (const ring of rings) {
    path.moveTo((ring[0] - view.x) * view.scale, (ring[1] - view.y) * view.scale);
    for (let k = 2; k < ring.length; k += 2) path.lineTo((ring[k] - view.x) * view.scale, (ring[k + 1] - view.y) * view.scale);
    if (!open) path.lineTo((ring[0] - view.x) * view.scale, (ring[1] - view.y) * view.scale); // closePath costs more with every ring
  }
}

/** @param {{colour: string, width: number, dash?: number[], halo?: string}} style widths in CSS pixels */
export function paintLines(context, view, part, shapes, { colour, width, dash = [], halo }) {
  const path = new Path2D();
  for (const { rings, box, open } of shapes) if (meets(box, view, part)) trace(path, rings, view, open);
  context.lineJoin = context.lineCap = "round";
  if (halo) {
    context.strokeStyle = halo;
    context.lineWidth = (width + 2.5) * view.ratio;
    context.setLineDash([]);
    context.stroke(path);
  }
  context.strokeStyle = colour;
  context.lineWidth = width * view.ratio;
  context.setLineDash(dash.map((length) => length * view.ratio));
  context.stroke(path);
  context.setLineDash([]);
}

/** Lay something under what is painted, where nothing is. */
export function paintUnder(context, paint) {
  context.globalCompositeOperation = "destination-over";
  paint();
  context.globalCompositeOperation = "source-over";
}

/** Fill shapes whose holes turn the other way round. */
export function paintFill(context, view, part, shapes, colour) {
  const path = new Path2D();
  for (const { rings, box } of shapes) if (meets(box, view, part)) trace(path, rings, view);
  context.fillStyle = colour;
  context.fill(path, "nonzero");
}

function meets([x0, y0, x1, y1], view, { left, top, width, height }) {
  const slack = 8 / view.scale;
  return x1 + slack >= view.x + left / view.scale && x0 - slack <= view.x + (left + width) / view.scale
    && y1 + slack >= view.y + top / view.scale && y0 - slack <= view.y + (top + height) / view.scale;
}

/** Where the mark of each unit goes that has more or less: over the cell nearest to its middle; as `spots` gives them. */
export const middles = onceFor(({ lattice, set, marks }) => {
  const of = (kind) => [...marks.keys()].filter((unit) => marks[unit] === kind && set.cellsOf(unit).length).map((unit) => {
    const { nearest } = middleOf(lattice, set.cellsOf(unit));
    return { box: [...nearest, ...nearest] };
  });
  return { hot: of(HOT), cold: of(COLD) };
});

const MARK = 6; // CSS pixels from the middle of a mark to its sides
/** Middle of each mark in view, in pixels: on the top of a shape's box, or `lift` CSS pixels higher. */
export function markPlaces(view, part, shapes, lift) {
  const apart = 26 * view.ratio, taken = new Set(); // one mark per square of the world's grid, the same while panning
  return shapes.filter(({ hole }) => !hole).map(({ box }) => ({ box, x: ((box[0] + box[2]) / 2 - view.x) * view.scale, y: (box[1] - view.y) * view.scale - lift * view.ratio })).filter(({ box, x, y }) => {
    const square = `${Math.floor((x + view.x * view.scale) / apart)} ${Math.floor((y + view.y * view.scale) / apart)}`;
    return !taken.has(square) && taken.add(square) && meets(box, view, part);
  });
}

/** Room that marks take, in pixels: [left, top, right, bottom]. */
export const markBoxes = (view, places) => places.map(({ x, y }) => [-1, 1].flatMap((side) => [x, y].map((at) => at + side * (MARK + 2) * view.ratio)));

/** Triangles that mark hot or more (up) and cold or less (down), so that colour is never the only sign. */
export function paintMarks(context, view, places, colour, up) {
  for (const { x, y } of places) {
    const s = MARK * view.ratio, d = up ? -1 : 1;
    context.beginPath();
    context.moveTo(x, y + d * s); context.lineTo(x - s, y - d * s * 0.8); context.lineTo(x + s, y - d * s * 0.8);
    context.closePath();
    context.lineWidth = 3 * view.ratio;
    context.strokeStyle = "#fff";
    context.stroke();
    context.fillStyle = colour;
    context.fill();
  }
}

/** Rings around the unit under a point in degrees, or around the cell when it has none; null outside the area. */
export function ringsAt(rows, [lon, lat]) {
  const { cell, unit } = unitAt(rows, lon, lat);
  if (cell < 0 || unit < -2) return null;
  const own = unit >= 0 ? (other) => (other >= 0 && rows.set.ofCell[other] === unit ? 0 : -1) : (other) => (other === cell ? 0 : -1);
  return outlines(rows.lattice, unit >= 0 ? rows.set.cellsOf(unit) : [cell], own).get(0);
}
