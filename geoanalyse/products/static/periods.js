// Time: the windows a layer has, its figures in one of them, and which two windows differ.
//
// Only regions have windows (buurten, wijken); zones have none, and a composite has none. "" stands for the whole period.

import { codesOf } from "./model.js";
import { CODES } from "./palette.js";
import { unitWord } from "./since.js";
import { NO_SERIES } from "./words.js";

const NO_DATA = -1, WITHHELD = -2;
export const NAMED = ["buurt", "wijk"]; // levels that can have windows and are drawn

/** Windows of a layer: [{ start, label }], none when it has no series at a level of the map. */
export function windowsOf(model, layer) {
  return levelsOf(model, layer).length ? model.header.series[layer.id].windows.map(([start, label]) => ({ start, label })) : [];
}

/** Levels of the map at which at least one region has a figure in some window. */
export function levelsOf(model, layer) {
  const given = model.header.series[layer.id];
  if (!given) return [];
  const values = model.column(given.values), regions = model.column(given.regions), width = given.windows.length;
  const has = new Set();
  regions.forEach((region, row) => { if (values.subarray(row * width, (row + 1) * width).some((value) => value >= 0)) has.add(model.regions[region].level); });
  return NAMED.filter((level) => layer.levels[level] && has.has(level));
}

/** Name of a window: "eerste kwartaal van 2024"; that of the whole period for "". */
export function labelOf(model, layer, start) {
  return start === "" ? model.header.period : model.header.series[layer.id].windows.find(([day]) => day === start)[1];
}

/** The rows of a layer at a level in one window, in the shape that `model.units` gives for the whole period. */
export function windowRows(model, layerId, level, start) {
  const whole = model.units(`${layerId}|${level}`), given = model.header.series[layerId];
  const column = (name) => model.column(given[name]);
  const width = given.windows.length, at = given.windows.findIndex(([day]) => day === start);
  const rowOf = new Map([...column("regions")].map((region, row) => [region, row]));
  const place = Int32Array.from(whole.region, (region) => (rowOf.has(region) ? rowOf.get(region) * width + at : -1));
  const pick = (name, nothing) => { const from = column(name); return (unit) => (place[unit] < 0 ? nothing : from[place[unit]]); };
  const value = pick("values", WITHHELD), low = pick("low", -1), high = pick("high", -1), group = pick("class", -1);
  const [ratio, mean, rateLow, rateHigh] = ["ratio", "rate_mean", "rate_low", "rate_high"].map((name) => pick(name, NaN));
  const status = (unit) => {
    if (value(unit) < 0) return value(unit) === NO_DATA ? "geen_data" : "onderdrukt";
    return high(unit) < 0 ? "cap" : "waarde";
  };
  const untested = new Int8Array(whole.size).fill(-1);
  const each = (of) => Array.from({ length: whole.size }, (_, unit) => of(unit));
  const rows = {
    ...whole, window: start, rate: given.rate, statusOf: status,
    classes: Int8Array.from(each(group)), ratio: Float64Array.from(each(ratio)), value: Int32Array.from(each(value)),
    mean: Float64Array.from(each(mean)), hotspot: untested, marks: untested,
    unit: (unit) => ({
      ...whole.unit(unit), status: status(unit), withheld: NO_SERIES, value: value(unit), low: low(unit), high: high(unit), class: group(unit), hotspot: null,
      ratio: ratio(unit), mean: mean(unit), rateLow: rateLow(unit), rateHigh: rateHigh(unit), double: null,
    }),
  };
  rows.codes = codesOf(rows);
  return rows;
}

export const MORE = 1, LESS = -1, SAME = 0, UNKNOWN = null;

/**
 * Rows of a comparison: what the later of two windows has more or less than the earlier.
 * Each unit holds both rows and `change`: MORE or LESS when the difference cannot well be chance, SAME when it can,
 * UNKNOWN when a window has no figure, or both have no upper end.
 */
export function changeRows(model, layerId, level, one, other) {
  const [earlier, later] = [one, other].sort();
  const first = windowRows(model, layerId, level, earlier), second = windowRows(model, layerId, level, later);
  const given = model.header.series[layerId], at = (start) => given.windows.findIndex(([day]) => day === start);
  const [from, to, who] = given.changes.map(model.column), regions = model.column(given.regions);
  const found = new Map();
  for (let k = 0; k < who.length; k++) {
    if (from[k] === at(earlier) && to[k] === at(later)) found.set(regions[Math.abs(who[k]) - 1], Math.sign(who[k]));
  }
  const open = (rows, unit) => rows.statusOf(unit) === "cap";
  const known = (unit) => first.value[unit] >= 0 && second.value[unit] >= 0 && !(open(first, unit) && open(second, unit));
  const change = (unit) => (known(unit) ? found.get(first.region[unit]) ?? SAME : UNKNOWN);
  const code = (unit) => ({ [MORE]: CODES.meer, [LESS]: CODES.minder, [SAME]: CODES.niet_anders })[change(unit)] ?? CODES.niet_te_vergelijken;
  const rows = {
    ...second, window: null, earlier, later, changeOf: change, codeOf: code,
    marks: Int8Array.from({ length: first.size }, (_, unit) => ({ [MORE]: 1, [LESS]: 2 })[change(unit)] ?? 0),
    unit: (unit) => ({ ...second.unit(unit), hotspot: null, before: first.unit(unit), after: second.unit(unit), change: change(unit) }),
  };
  rows.codes = codesOf(rows);
  return rows;
}

/** Least and greatest difference (later minus earlier) that two published intervals leave possible; Infinity for no end. */
export function gap({ before, after }) {
  const top = (row) => (row.high < 0 ? Infinity : row.high);
  return [after.low - top(before), top(after) - before.low];
}

/** Level to show a window at: the wanted one when it has windows, else the next coarser, else the finest that has. */
export function windowLevel(levels, wanted) {
  const order = ["zone", "res9", "res8", ...NAMED], from = wanted === "auto" ? 0 : order.indexOf(wanted);
  return levels.find((level) => order.indexOf(level) >= from) ?? levels[0];
}

/** Whether no region has a figure in a window. */
export function emptyWindow(model, layer, start) {
  const given = model.header.series[layer.id], values = model.column(given.values), width = given.windows.length;
  const at = given.windows.findIndex(([day]) => day === start);
  for (let k = at; k < values.length; k += width) if (values[k] >= 0) return false;
  return true;
}

/** Why a layer has no windows on the map; "" when it has. */
export function noWindows(model, layer) {
  if (windowsOf(model, layer).length) return "";
  if (layer.surroundings) return "De omgeving heeft een peildatum en geen perioden: er is niets af te spelen of te vergelijken.";
  if (layer.theme) return "Een totaalbeeld heeft geen perioden. Kies een laag om door de tijd te gaan.";
  const given = model.header.series[layer.id];
  if (!given) return "Deze laag wordt alleen over de hele periode getoond.";
  const values = model.column(given.values), width = given.windows.length;
  const whole = [...model.column(given.regions)].findIndex((_, row) => values.subarray(row * width, (row + 1) * width).some((value) => value >= 0));
  if (whole < 0) return "Deze laag heeft hier geen reeks die mag worden getoond.";
  const { level, name } = model.regions[model.column(given.regions)[whole]];
  return `Deze laag heeft alleen een reeks voor de ${level} ${name}; kies een plek en kijk bij ‘Sinds wanneer?’.`;
}

/** Why a window is shown at another level than asked for; "" when it is not. */
export function windowNote(model, layer, wanted, shown) {
  if (wanted === shown || wanted === "auto") return "";
  const [one] = model.words.levels[shown], unit = unitWord(windowsOf(model, layer));
  return `Per ${unit} is er geen cijfer per ${model.words.levels[wanted][0]}; getoond wordt het per ${one}.`;
}
