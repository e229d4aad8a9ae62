// The release as the page uses it: layers, units, regions and lattices, each decoded when first needed.

import { cellAt, centreOf, makeLattice } from "./lattice.js";
import { latOf, lonOf } from "./mercator.js";
import { CODES } from "./palette.js";

export const STATUSES = ["waarde", "cap", "geen_data", "onderdrukt"];
export const HOTSPOTS = ["geen", "hotspot", "coldspot"], HOT = 1, COLD = 2;
const STABILITY = ["stabiel", "wisselt"];
/** Levels from fine to coarse; the finest of a layer is that of zones, or of the surroundings that of cells. */
export const LEVELS = ["zone", "cel", "res9", "res8", "buurt", "wijk"];
/** What is asked for when a level is wanted: the finest is one choice, whatever a layer calls it. */
export const askedAs = (level) => (level === "cel" ? "zone" : level);
const NO_ADDRESSES = -1, NO_FIGURE = -2; // instead of the position of a unit; lower means: not drawn

const hex = (high, low) => (high >>> 0).toString(16) + (low >>> 0).toString(16).padStart(8, "0");
const once = (make) => { const known = new Map(); return (key) => { if (!known.has(key)) known.set(key, make(key)); return known.get(key); }; };

export const resolutionOf = (level) => ({ res9: 9, res8: 8 })[level] ?? 10;

/** A function of rows that works once for each. What it found is not kept on them: a window is a changed copy of its rows. */
export const onceFor = (make) => { const known = new WeakMap(); return (rows, ...more) => { if (!known.has(rows)) known.set(rows, make(rows, ...more)); return known.get(rows); }; };

/** @param {{header: object, column: (k: number) => any, at: (k: number) => (row: number) => number}} decoded */
export function makeModel({ header, column, at }) {
  const lattice = once((resolution) => {
    const given = header.lattices[resolution];
    const faces = given.faces.map(({ matrix, runs, extra }) => ({ matrix, runs: runs.map(column), extra: extra.map(column) }));
    return makeLattice({ resolution, faces, size: column(given.cells[0]).length });
  });
  const unitSet = once((k) => {
    const { base, level, ids, of_cell } = header.unit_sets[k];
    const named = level === "buurt" || level === "wijk";
    const size = named ? ids.length : column(ids[0]).length;
    const idOf = named ? (unit) => ids[unit] : (unit) => hex(column(ids[0])[unit], column(ids[1])[unit]);
    const find = named ? (id) => ids.indexOf(id) : (id) => {
      const [high, low] = ids.map(column), [wanted, rest] = [id.slice(0, -8), id.slice(-8)].map((part) => parseInt(part, 16) | 0);
      return high.findIndex((part, unit) => (part | 0) === wanted && (low[unit] | 0) === rest);
    };
    const ofCell = column(of_cell);
    const cells = once(() => cellsByUnit(ofCell, size));
    return { base, level, size, idOf, find, ofCell, cellsOf: (unit) => cells("all").at(unit) };
  });
  const regions = header.regions.map(([code, name, level, parent], index) => ({ index, code, name, level, parent }));
  const around = (header.surroundings ?? []).map((layer) => ({ ...layer, surroundings: true }));
  const layers = new Map([...header.layers, ...around].map((layer) => [layer.id, layer]));
  const model = { header, words: header.words, column, at, lattice, unitSet, regions, layers };
  const cellsIn = once(() => cellsByUnit(column(header.cell_region), regions.length));
  model.under = once((number) => [number, ...regions.filter(({ parent }) => parent === number).flatMap(({ index }) => model.under(index))]);
  model.cellsUnder = (number) => model.under(number).flatMap((region) => Array.from(cellsIn("each").at(region)));
  model.middle = once((number) => middleOf(lattice(10), model.cellsUnder(number)));
  model.units = once((key) => unitsOf(model, ...key.split("|")));
  return model;
}

/** Cells of each unit, in order. @param {ArrayLike<number>} ofCell unit of each cell, negative for none */
export function cellsByUnit(ofCell, size) {
  const start = new Int32Array(size + 1);
  for (const unit of ofCell) if (unit >= 0) start[unit + 1]++;
  for (let k = 0; k < size; k++) start[k + 1] += start[k];
  const list = new Int32Array(start[size]), next = start.slice(0, size);
  ofCell.forEach((unit, cell) => { if (unit >= 0) list[next[unit]++] = cell; });
  return { at: (unit) => list.subarray(start[unit], start[unit + 1]) };
}

/** Everything about one layer at one level that it has; whole columns of figures are made when first asked for. */
function unitsOf(model, layerId, level) {
  const layer = model.layers.get(layerId), given = layer.levels[level], { column } = model;
  if (layer.surroundings) return groundOf(model, layer, level);
  const set = model.unitSet(given.units);
  const [value, low, high, status, ratio, mean, rateLow, rateHigh, addresses, double] = ["value", "low", "high", "status", "ratio", "rate_mean", "rate_low", "rate_high", "addresses", "p_double"].map((k) => model.at(given[k]));
  const [ratioLow, ratioHigh, rankLow, rankHigh] = ["ratio_low", "ratio_high", "rank_low", "rank_high"].map((k) => (k in given ? model.at(given[k]) : () => NaN));
  const looked = given.per_inspection, each = looked && { hotspot: column(looked.hotspot), mean: model.at(looked.mean), low: model.at(looked.low), high: model.at(looked.high) };
  const uses = given.by_use, use = uses && Object.fromEntries(["expected", "ratio", "low", "high"].map((k) => [k, model.at(uses[k])]));
  const byUse = (unit) => (use && use.ratio(unit) >= 0 ? { expected: use.expected(unit), ratio: use.ratio(unit), low: use.low(unit), high: use.high(unit) } : null);
  const perInspection = (unit) => (each && each.mean(unit) >= 0 ? { hotspot: each.hotspot[unit], mean: each.mean(unit), low: each.low(unit), high: each.high(unit) } : null);
  const stability = "stability" in given ? model.at(given.stability) : () => -1;
  const classes = column(given.class), hotspot = column(given.hotspot), region = column(given.region);
  const rows = {
    layer, level, set, b: given.b, size: set.size, lattice: model.lattice(resolutionOf(level)),
    window: "", rate: layer.rate, borrowed: given.borrowed ?? {}, classes, hotspot, marks: hotspot, region, statusOf: (unit) => STATUSES[status(unit)],
    get ratio() { return column(given.ratio); },
    get addresses() { return column(given.addresses); },
    get value() { return column(given.value); },
    get mean() { return column(given.rate_mean); },
    unit: (unit) => ({
      unit, get id() { return set.idOf(unit); }, get perInspection() { return perInspection(unit); }, get byUse() { return byUse(unit); }, status: STATUSES[status(unit)], value: value(unit), low: low(unit), high: high(unit),
      class: classes[unit], hotspot: hotspot[unit] < 0 ? null : HOTSPOTS[hotspot[unit]], addresses: addresses(unit),
      ratioLow: ratioLow(unit), ratioHigh: ratioHigh(unit), rankLow: rankLow(unit), rankHigh: rankHigh(unit), stable: STABILITY[stability(unit)] ?? null,
      ratio: ratio(unit), mean: mean(unit), rateLow: rateLow(unit), rateHigh: rateHigh(unit),
      double: double(unit) < 0 ? null : double(unit) / 100, region: model.regions[region[unit]] ?? null,
    }),
  };
  rows.codes = codesOf(rows);
  return rows;
}

/** The same of a layer of the surroundings: a value per piece of ground, lived on or not. Nothing is counted, tested or compared. */
function groundOf(model, layer, level) {
  const given = layer.levels[level], set = model.unitSet(given.units), lattice = model.lattice(resolutionOf(level));
  const value = model.at(given.value), seen = model.at(given.seen), sure = "confidence" in given ? model.at(given.confidence) : null, named = level === "buurt" || level === "wijk" ? new Map(model.regions.map((region) => [region.code, region])) : null;
  const regionOf = (unit) => (named ? named.get(set.idOf(unit)) : regionAt(model, ...pointOf(lattice, set.cellsOf(unit)[0]))) ?? null;
  const classes = Int8Array.from({ length: set.size }, (_, unit) => classIn(layer.breaks, value(unit)));
  const rows = {
    layer, level, set, size: set.size, lattice, window: "", classes, hotspot: null, marks: null, bare: CODES.geen_data, graded: Boolean(sure),
    codeOf: (unit) => (classes[unit] < 0 ? CODES.geen_data : CODES.omgeving0 + layer.shades[classes[unit]]),
    unit: (unit) => ({ unit, get id() { return set.idOf(unit); }, get region() { return regionOf(unit); }, value: value(unit), seen: seen(unit) / 1000, sure: sure ? sure(unit) : -1, class: classes[unit], hotspot: null }),
  };
  rows.codes = codesOf(rows);
  return rows;
}

/** Number of the class of a value, -1 where it is not known. @param {number[]} breaks values at which each next class begins */
export const classIn = (breaks, value) => (Number.isNaN(value) ? -1 : breaks.filter((each) => value >= each).length);

/** Code of the colour of each unit. @returns {Uint8Array} */
export const codeOfUnits = onceFor(({ layer, size, classes, statusOf, codeOf }) => {
  const codes = new Uint8Array(size), missing = layer.theme ? CODES.blinde_vlek : CODES.geen_data;
  for (let unit = 0; unit < size; unit++) {
    if (codeOf) codes[unit] = codeOf(unit);
    else if (classes[unit] >= 0) codes[unit] = CODES.class0 + classes[unit];
    else codes[unit] = statusOf(unit) === "onderdrukt" ? CODES.onderdrukt : missing;
  }
  return codes;
});

/** Code of the colour of each cell. */
export function codesOf(rows) {
  const codeOfUnit = codeOfUnits(rows);
  return Uint8Array.from(rows.set.ofCell, (unit) => {
    if (unit >= 0) return codeOfUnit[unit];
    if (unit === NO_ADDRESSES) return CODES.geen_adressen;
    return unit === NO_FIGURE ? rows.bare ?? CODES.onderdrukt : CODES.nothing;
  });
}

/** How many units have each code, and how many cells have none. @returns {Map<number, number>} */
export function countCodes(rows) {
  const counts = new Int32Array(256);
  for (const code of codeOfUnits(rows)) counts[code]++;
  for (const unit of rows.set.ofCell) {
    if (unit === NO_ADDRESSES) counts[CODES.geen_adressen]++;
    else if (unit === NO_FIGURE) counts[rows.bare ?? CODES.onderdrukt]++;
  }
  return new Map([...counts.entries()].filter(([, count]) => count));
}

/** Level at which a layer is shown when `wanted` is asked: that one, else the next coarser, else its finest. */
export function shownLevel(layer, wanted) {
  const from = LEVELS.indexOf(wanted);
  return LEVELS.find((level, k) => k >= from && layer.levels[level]) ?? LEVELS.find((level) => layer.levels[level]);
}

/** Level that suits a scale: the finest whose cells are at least 7 pixels wide. */
export function levelForWidth(pixelsOfRes10) {
  if (pixelsOfRes10 >= 7) return "zone";
  return pixelsOfRes10 * Math.sqrt(7) >= 7 ? "res9" : "res8";
}

/** Cell and unit of some rows under a point in degrees. */
export function unitAt(rows, lon, lat) {
  const cell = cellAt(rows.lattice, lon, lat);
  return { cell, unit: cell < 0 ? -3 : rows.set.ofCell[cell] };
}

/** H3 index of a cell of a lattice, 15 hexadecimal digits. */
export function cellName(model, resolution, cell) {
  const [high, low] = model.header.lattices[resolution].cells.map(model.column);
  return hex(high[cell], low[cell]);
}

/** Cell by its H3 index, -1 for none. */
export function cellNamed(model, resolution, name) {
  const [high, low] = model.header.lattices[resolution].cells.map(model.column);
  const h = Number.parseInt(name.slice(0, -8), 16) | 0, l = Number.parseInt(name.slice(-8), 16) | 0;
  for (let cell = 0; cell < low.length; cell++) if (low[cell] === l && high[cell] === h) return cell;
  return -1;
}

/** Centre of a cell in degrees: [lon, lat]. */
export function pointOf(lattice, cell) {
  const [x, y] = centreOf(lattice, cell);
  return [lonOf(x), latOf(y)];
}

/** Smallest region under a point, null outside the map. */
export function regionAt(model, lon, lat) {
  const cell = cellAt(model.lattice(10), lon, lat);
  return cell < 0 ? null : model.regions[model.column(model.header.cell_region)[cell]] ?? null;
}

/** The region itself and those that hold it, smallest first. */
export function chainOf(model, region) {
  const chain = [];
  for (let at = region; at; at = model.regions[at.parent] ?? null) chain.push(at);
  return chain;
}

const WINDS = ["oosten", "noordoosten", "noorden", "noordwesten", "westen", "zuidwesten", "zuiden", "zuidoosten"].map((wind) => `in het ${wind}`);
const MIDDLE = 0.6; // of the average distance to the middle of a region: nearer is in the middle

/**
 * In which part of a region a place lies, by the middle of its cells: "in het noordwesten", "in het midden"; "" for a
 * region without cells. As `ligging.direction` says it on the list of signals.
 */
export function directionIn(model, region, lattice, cells) {
  if (!region || !cells.length) return "";
  const { x, y, size } = model.middle(region.index);
  if (!size) return "";
  const place = middleOf(lattice, cells), right = place.x - x, up = y - place.y;
  if (Math.hypot(right, up) < MIDDLE * size) return "in het midden";
  return WINDS[(Math.round((4 * Math.atan2(up, right)) / Math.PI) + 8) % 8];
}

/** Middle of cells, their average distance to it (0 for one cell or none), and the centre nearest to it. */
export function middleOf(lattice, cells) {
  const points = Array.from(cells, (cell) => centreOf(lattice, cell)), mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / Math.max(1, points.length);
  const x = mean(([each]) => each), y = mean(([, each]) => each), away = ([px, py]) => Math.hypot(px - x, py - y);
  return { x, y, size: mean(away), nearest: points.reduce((a, b) => (away(b) < away(a) ? b : a), points[0]) };
}

/** Layers that count in a theme. */
export const layersOf = (model, theme) => [...model.layers.values()].filter((layer) => layer.themes?.[theme]);

/** Layers of a theme of which a hot spot marks a unit of its composite: tested at the same level, and hot in a cell of the unit. */
export function hotLayers(model, { layer, level, set }, unit) {
  return layersOf(model, layer.theme).filter((each) => each.levels[level]).filter((each) => {
    const { set: { ofCell }, hotspot } = model.units(`${each.id}|${level}`);
    return set.cellsOf(unit).some((cell) => ofCell[cell] >= 0 && hotspot[ofCell[cell]] === HOT);
  }).map(({ title }) => title);
}

/** Series of a layer for the smallest region of a chain that has one with a figure in it; null when there is none. */
export function seriesFor(model, layerId, chain) {
  const given = model.header.series[layerId];
  if (!given) return null;
  const [known, values, low, high, rateLow] = ["regions", "values", "low", "high", "rate_low"].map((name) => model.column(given[name]));
  for (const region of chain) {
    const row = known.indexOf(region.index);
    if (row < 0) continue;
    const width = given.windows.length;
    if (values.subarray(row * width, (row + 1) * width).every((value) => value < 0)) continue;
    const at = (column, k) => column[row * width + k];
    const [trend, pattern, alarm] = given.trends.map((each) => model.column(each)[row]);
    const windows = given.windows.map(([start, label], k) => ({ start, label, value: at(values, k), low: at(low, k), high: at(high, k), rateLow: at(rateLow, k) }));
    return { region, windows, rate: given.rate, trend, pattern, alarm };
  }
  return null;
}

/**
 * What each layer of a theme says about a place: at the asked level, or at the next coarser one the layer has.
 * `own` is the part of it, 0 to 1, that is of the asked unit itself; `share` is the layer's part of the score of the
 * composite, null without a value. What a composite took from layers without a figure of its own stands in its columns:
 * a unit may lie in several larger ones.
 */
export function contributions(model, theme, level, [lon, lat]) {
  const composite = model.layers.get(`thema:${theme}`)?.levels[level] ? model.units(`thema:${theme}|${level}`) : null;
  const place = composite ? unitAt(composite, lon, lat).unit : -1;
  const parts = layersOf(model, theme).map((layer) => {
    const at = shownLevel(layer, level), rows = model.units(`${layer.id}|${at}`);
    const { unit } = unitAt(rows, lon, lat), row = unit >= 0 ? rows.unit(unit) : null;
    const taken = place >= 0 ? composite.borrowed[layer.id] : undefined;
    const [ratio, own] = taken ? taken.map((column) => model.column(column)[place]) : [row?.ratio, Number(at === level)];
    return { layer, level: at, row, own, weight: layer.themes[theme], ratio: ratio >= 0 ? ratio : null, share: null };
  });
  const score = ({ weight, ratio }) => (ratio === null ? 0 : weight * Math.min(ratio, model.header.highest_ratio));
  const total = parts.reduce((sum, part) => sum + score(part), 0);
  for (const part of parts) if (part.ratio !== null && total > 0) part.share = score(part) / total;
  return parts.sort((a, b) => (b.share ?? -1) - (a.share ?? -1));
}
