// What is on screen, in words: for the heading, for who listens, and for a file that leaves the page.

import { zeroWords } from "./legend.js";
import { hotWords, outcomeWords } from "./panel.js";
import { CODES } from "./palette.js";
import { labelOf } from "./periods.js";
import { groundFacts, groundSpoken, groundWords } from "./surroundings.js";
import { sentence, times, valueWords } from "./words.js";

/** Period of a state: "eerste kwartaal van 2024", two of them, or "" for the whole. */
export function periodWords(model, { layer, period, other, view }) {
  const name = (start) => labelOf(model, model.layers.get(layer), start);
  if (!period) return "";
  const [earlier, later] = [other, period].sort();
  return { naast: `${name(earlier)} en ${name(later)}`, verschil: `${name(later)} tegen ${name(earlier)}` }[view] ?? name(period);
}

/** "FIU-signalen, eerste kwartaal van 2024" */
export const titleWords = (model, state) => [nameOfLayer(model.layers.get(state.layer)), periodWords(model, state)].filter(Boolean).join(", ");

/** "FIU-signalen", "Omgeving: Kades" */
export const nameOfLayer = ({ title, surroundings }) => (surroundings ? `Omgeving: ${title}` : title);

/** What the map is of, in time: the period of what was counted, the day of the surroundings. */
export function whenWords(model, state) {
  const { header } = model, { surroundings, reference_date: day } = model.layers.get(state.layer);
  return surroundings ? `Geen meldingen; peildatum ${day}` : `${sentence(state.period ? periodWords(model, state) : header.period)}, peildatum ${header.reference_date}`;
}

/** Name, without extension, of a file with what is shown. */
export function fileName(model, { layer, period, other, view }, level) {
  return [model.header.area, model.layers.get(layer).surroundings ? "omgeving" : "", layer.replace(":", "-"), level, ...[other, period].sort(), view === "kaart" ? "" : view].filter(Boolean).join("-");
}

/** What must not part from the figures: [term, text]. */
export function factsOf(model, state) {
  const { header } = model, layer = model.layers.get(state.layer);
  const about = layer.surroundings ? groundFacts(layer) : [["Laag", layer.title], ["Periode", periodWords(model, state) || header.period]];
  const facts = [...about, ["Rubricering", header.classification], ["Kenmerk", header.digest]];
  return header.demo ? [...facts, ["Let op", header.demo]] : facts;
}

/** A place in one or two sentences, for a live region. */
export function spoken(model, { row, rows, region, code }) {
  const { layer, level, window } = rows, { theme, title, classes } = layer;
  const where = `${sentence(model.words.levels[level][0])}${region ? ` in ${region.name}` : ""}`;
  if (layer.surroundings) return groundSpoken(model, { row, rows }, where);
  if (!row) return `${where}: ${code === CODES.geen_adressen ? model.words.no_addresses : "geen eigen cijfer"}.`;
  if (rows.changeOf) return `${where}. ${title}: ${outcomeWords(model, rows, row)}.`;
  const what = window ? `${title}, ${labelOf(model, layer, window)}` : title;
  if (row.class < 0) return `${where}. ${what}: ${valueWords(row, model.words) || model.words.blind_spot}.`;
  const value = theme ? `${times(row.ratio)} het gemiddelde` : valueWords(row, model.words);
  return `${where}. ${what}: ${value}. Klasse: ${row.class === 0 && !theme ? zeroWords(rows) : classes[row.class]}.${row.hotspot === "hotspot" ? ` ${sentence(hotWords(model, rows, row))}.` : ""}`;
}

/** The same in a few words, for beside the pointer. */
export function brief(model, { row, rows, code }) {
  if (rows.layer.surroundings) return row ? groundWords(rows.layer, row.value, model.words) : model.words.no_data;
  if (!row) return code === CODES.geen_adressen ? model.words.no_addresses : "geen eigen cijfer";
  if (rows.changeOf) return outcomeWords(model, rows, row);
  if (row.class < 0) return valueWords(row, model.words) || model.words.blind_spot;
  const value = rows.layer.theme ? `${times(row.ratio)} het gemiddelde` : valueWords(row, model.words);
  return row.hotspot === "hotspot" ? `${value}, ${hotWords(model, rows, row)}` : value;
}
