// The surroundings: public layers about the ground. They are no incidents, so nothing here counts, tests or ranks.

import { h, pairs, swatch } from "./dom.js";
import { onceFor, shownLevel, unitAt } from "./model.js";
import { CODES } from "./palette.js";
import { percentage, sentence, significant } from "./words.js";

export const NO_INCIDENTS = "Openbare gegevens over de plek. Dit zijn geen meldingen en zij tellen niet mee in een score of signaal.";
const NO_SIGN = "Gelegenheid is geen aanwijzing: dit zegt niets over wat hier gebeurt.";
const DIGITS = 3;
const HEXAGONS = ["res9", "res8"];
const ALL = 0.9995; // share of the ground from which all of it is known
const HOW = {
  afstand: ["afstand", "in een rechte lijn, vanaf het midden van elke cel"],
  dichtheid: ["dichtheid", "wat binnen een straal om het midden van elke cel ligt"],
  raster: ["waarde", "uit een raster, over de grond van elke cel"],
  verandering: ["verandering", "het verschil tussen twee opnamen, over de grond van elke cel"],
};

const SURE = ["niets veranderd", "laag: het kan ruis van de opnamen zijn", "midden", "hoog"]; // of a change

export const surroundingsOf = (model) => [...model.layers.values()].filter((layer) => layer.surroundings);

/** "340 meter", "12% van de grond" */
export const withUnit = (text, unit) => (unit.startsWith("%") ? `${text}${unit}` : `${text} ${unit}`);

/** "ongeveer 340 meter"; none and zero are two things. */
export function groundWords({ unit }, value, words) {
  if (Number.isNaN(value)) return words.no_data;
  return `${value === 0 ? "" : "ongeveer "}${withUnit(significant(value, DIGITS), unit)}`;
}

/** "Gelegenheid: aan- en afvoer over water"; "" for a layer that only describes the ground. */
export const opportunityWords = ({ opportunity }) => (opportunity ? `Gelegenheid: ${opportunity}` : "");

/** Where a layer comes from, in one line. */
export const sourceWords = ({ source, licence, reference_date: day }) => `Bron: ${source}. Licentie: ${licence}. Peildatum: ${day}.`;

const HEADING = "Gelegenheid en omgeving";

/** Radio buttons of the surroundings, under a heading of their own that folds away; nothing when there are none. */
export function groundChoice(layers, option, open) {
  if (!layers.length) return null;
  return h("details", { class: "omgeving", open, "data-druk": "dicht" }, h("summary", {}, HEADING),
    h("p", { class: "zacht", id: "omgevinguitleg" }, NO_INCIDENTS),
    h("fieldset", { "aria-label": HEADING, "aria-describedby": "omgevinguitleg" }, ...layers.map((layer) => option(layer, "plekinfo", opportunityWords(layer)))));
}

/** Code and words of every class, the darkest first. */
export const groundClasses = ({ layer }) => layer.classes.map((label, k) => [CODES.omgeving0 + layer.shades[k], label]).sort(([a], [b]) => b - a);

/** Head of the legend's column of classes. */
export const measureWord = ({ kind }) => HOW[kind]?.[0] ?? "waarde";

export const groundLegend = ({ layer }) => [layer.description, layer.opportunity && `${opportunityWords(layer)}.`].filter(Boolean).join(" ");

/** Values of a layer at a place, which may hold several of its units: [lowest, highest, whether some is unknown]; null for none. */
function rangeAt(model, layer, { rows, row, point }) {
  const ground = model.units(`${layer.id}|${shownLevel(layer, rows.level)}`), units = new Set();
  if (row && rows.lattice === ground.lattice) for (const cell of rows.set.cellsOf(row.unit)) units.add(ground.set.ofCell[cell]);
  else units.add(unitAt(ground, ...point).unit);
  const values = [...units].map((unit) => (unit < 0 ? NaN : ground.unit(unit).value)), known = values.filter((value) => !Number.isNaN(value));
  return known.length ? [Math.min(...known), Math.max(...known), known.length < values.length] : null;
}

/** The same in words: "ongeveer 340 meter", or from the least to the most of the cells of a zone. */
export function rangeWords(layer, range, words) {
  if (!range) return words.no_data;
  const [low, high, partly] = range, told = [low, high].map((value) => significant(value, DIGITS));
  return `${told[0] === told[1] ? groundWords(layer, low, words) : `${told[0]} tot ${withUnit(told[1], layer.unit)}`}${partly ? ", deels onbekend" : ""}`;
}

/** What all layers of the surroundings say at a place, apart from what was counted there. */
export function groundHere(model, place) {
  const others = surroundingsOf(model).filter((layer) => layer !== place.rows.layer);
  if (!others.length || (!place.row && !place.code)) return null;
  const apart = !place.rows.layer.surroundings;
  return h("section", { class: "omgevinghier" }, h("h3", {}, apart ? "Omgeving (geen meldingen)" : "Ook in de omgeving"), apart ? h("p", { class: "zacht" }, NO_INCIDENTS) : null,
    h("dl", {}, ...others.flatMap((layer) => [
      h("dt", {}, h("bdi", {}, layer.title)),
      h("dd", {}, h("strong", {}, rangeWords(layer, rangeAt(model, layer, place), model.words)), layer.opportunity ? h("span", { class: "zacht" }, h("bdi", {}, opportunityWords(layer))) : null)])));
}

/** A chosen place in the panel: value, class, what the opportunity is, and where it comes from. */
export function groundPanel(model, place, scheme) {
  const { rows, row } = place, { layer, level } = rows, [one] = model.words.levels[level];
  const known = row && row.class >= 0, partly = row && row.seen < ALL;
  const here = HEXAGONS.includes(level) ? "dit vak" : `deze ${one}`;
  const none = row ? `Van te weinig grond van ${here} is iets bekend. Dat is iets anders dan nul.` : "Hier is niet gemeten. Dat is iets anders dan nul.";
  const facts = [
    ["Laag", layer.title], known && row.sure >= 0 && ["Hoe zeker", SURE[row.sure]], partly && ["Bekend van de grond", percentage(row.seen)],
    [sentence(measureWord(layer)), HOW[layer.kind]?.[1]], level !== "cel" && known && ["Hier", `het gemiddelde van de cellen van ${here}`],
    ["Peildatum", layer.reference_date], ["Bron", layer.source], ["Licentie", layer.licence],
  ].filter((fact) => fact && fact[1]);
  return [
    known ? h("p", { class: "waarde" }, h("strong", {}, groundWords(layer, row.value, model.words)), h("span", {}, h("bdi", {}, layer.description)))
      : h("p", { class: "klasseregel" }, swatch(scheme, CODES.geen_data), h("span", {}, `${sentence(model.words.no_data)}. ${none}`)),
    known ? h("p", { class: "klasseregel" }, swatch(scheme, rows.codeOf(row.unit)), h("span", {}, `Klasse ${layer.classes[row.class]}`)) : null,
    ...meaning(layer),
    pairs(facts),
    groundHere(model, place),
    h("p", { class: "let-op kern" }, NO_SIGN),
  ].filter(Boolean);
}

/** What a layer stands for, and how to read it. */
function meaning(layer) {
  return [h("div", { class: "gelegenheid" }, layer.opportunity ? h("p", {}, h("strong", {}, "Gelegenheid: "), h("bdi", {}, layer.opportunity)) : null, h("p", {}, h("bdi", {}, layer.text)))];
}

/** When nothing is chosen: what the layer is. It lists no places: nothing here is a rank. */
export function groundStart({ layer }) {
  return [
    h("h2", { id: "paneelkop" }, "Kies een plek"),
    h("p", {}, "Klik op de kaart, of druk op Enter voor het midden van de kaart. Hier staat dan wat van de omgeving bekend is."),
    h("h3", {}, h("bdi", {}, layer.title)),
    h("p", {}, h("bdi", {}, layer.description)),
    ...meaning(layer),
    h("p", { class: "zacht" }, h("bdi", {}, sourceWords(layer))),
    h("p", { class: "zacht" }, NO_INCIDENTS),
    h("p", { class: "let-op" }, NO_SIGN),
  ];
}

const isPartly = onceFor(({ size, unit }) => { for (let k = 0; k < size; k++) if (unit(k).seen < ALL) return true; return false; });

/** Columns of the table behind those that name the place. */
export function groundColumns(model, rows) {
  const { layer } = rows, { words } = model;
  const told = ({ value }) => (Number.isNaN(value) ? words.no_data : significant(value, DIGITS));
  return [
    { key: "waarde", title: `${sentence(measureWord(layer))} (${layer.unit})`, text: told, by: ({ value }) => value, signed: true },
    { key: "klasse", title: "Klasse", text: (row) => layer.classes[row.class] ?? words.no_data, by: (row) => (row.class < 0 ? NaN : row.class), left: true },
    ...(rows.graded ? [{ key: "zeker", title: "Hoe zeker", text: ({ sure }) => SURE[sure] ?? "", by: ({ sure }) => sure, left: true }] : []),
    ...(isPartly(rows) ? [{ key: "bekend", title: "Bekend van de grond", text: ({ seen }) => percentage(seen), by: ({ seen }) => seen }] : []),
  ];
}

/** Below the table: what each layer is and where it comes from. */
export function groundSources(model) {
  const layers = surroundingsOf(model), head = ["Laag", "Wat het is", "Gelegenheid", "Lezen als", "Eenheid", "Bron", "Licentie", "Peildatum"];
  if (!layers.length) return [];
  return [h("section", { id: "omgevingbronnen" }, h("h2", {}, HEADING), h("p", {}, NO_INCIDENTS, " ", NO_SIGN),
    h("div", { class: "rol", tabindex: 0, role: "region", "aria-label": "Bronnen van de omgeving" }, h("table", { class: "cijfers bronnen" },
      h("thead", {}, h("tr", {}, ...head.map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, ...layers.map((layer) => h("tr", {}, h("th", { scope: "row" }, layer.title),
        ...[layer.description, layer.opportunity || "geen: beschrijft alleen de grond", layer.text, layer.unit, layer.source, layer.licence, layer.reference_date].map((text) => h("td", {}, text))))))))];
}

/** What stands under the map on paper and in a picture. */
export const groundSheet = (layer) => [`${NO_INCIDENTS} ${[layer.opportunity && `${opportunityWords(layer)}.`, layer.text].filter(Boolean).join(" ")}`, sourceWords(layer)];

/** What must not part from the values: [term, text]. */
export const groundFacts = (layer) => [
  ["Laag", `Omgeving: ${layer.title}`], ["Let op", NO_INCIDENTS], ["Eenheid", layer.unit], ["Gelegenheid", layer.opportunity], ["Peildatum", layer.reference_date], ["Bron", layer.source], ["Licentie", layer.licence],
].filter(([, text]) => text);

/** A place in one or two sentences, for a live region. */
export function groundSpoken({ words }, { row, rows: { layer } }, where) {
  const told = row && row.class >= 0 ? `${groundWords(layer, row.value, words)}. Klasse: ${layer.classes[row.class]}` : words.no_data;
  return `${where}. Omgeving, ${layer.title}: ${told}.`;
}
