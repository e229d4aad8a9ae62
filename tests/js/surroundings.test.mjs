import assert from "node:assert/strict";
import test from "node:test";

import { fromThreeDigits } from "../../geoanalyse/products/static/decode.js";
import { classEntries, emptyEntries, legendEntries, levelNote } from "../../geoanalyse/products/static/legend.js";
import { classIn, codeOfUnits, countCodes, makeModel, shownLevel } from "../../geoanalyse/products/static/model.js";
import { CODES } from "../../geoanalyse/products/static/palette.js";
import { noWindows, windowsOf } from "../../geoanalyse/products/static/periods.js";
import { spots } from "../../geoanalyse/products/static/scene.js";
import { readState, writeState } from "../../geoanalyse/products/static/state.js";
import { groundWords, opportunityWords, rangeWords, withUnit } from "../../geoanalyse/products/static/surroundings.js";
import { columnsFor, filtersFor, sorted, toCsv } from "../../geoanalyse/products/static/table.js";
import { brief, factsOf, fileName, spoken, titleWords, whenWords } from "../../geoanalyse/products/static/telling.js";

const WORDS = {
  levels: { zone: ["zone", "zones"], cel: ["cel", "cellen"], buurt: ["buurt", "buurten"] }, bases: { alle: ["adres", "adressen"] },
  no_data: "geen gegevens", hotspots: {},
};
const KADES = {
  id: "kades", title: "Kades", description: "Afstand tot een kade.", opportunity: "aan- en afvoer over water", text: "Geen aanwijzing.", kind: "afstand", unit: "meter",
  source: "een kaart", licence: "CC0", reference_date: "1 januari 2026", breaks: [100, 250], classes: ["minder dan 100 meter", "100 tot 250 meter", "250 meter of meer"], shades: [5, 3, 0],
};
const HEIGHT = { ...KADES, id: "hoogte", title: "Maaiveld", opportunity: "", kind: "raster", unit: "meter", breaks: [-1, 0], classes: ["laag", "rond nul", "hoog"], shades: [0, 3, 5] };

/** A row of five cells in one buurt, the last outside what was measured; the fourth has no value. */
function sample(values = [0, 90, 100, NaN], kind = KADES) {
  const step = 2e-5, columns = {
    10: Int32Array.of(0), 11: Int32Array.of(0), 12: Int32Array.of(5), 1: [], 2: Int32Array.of(0, 0, 0, 0, 0), 3: Int32Array.of(1, 2, 3, 4, 5),
    20: Int32Array.of(0, 0, 0, 0), 21: Int32Array.of(1, 2, 3, 4), 22: Int32Array.of(0, 1, 2, 3, -2), 23: Float64Array.from(values), 24: Int32Array.of(1000, 1000, 620, 100),
    30: Int32Array.of(0), 31: Int32Array.of(1), 32: Int32Array.of(0, 0, 0, 0, 0), 33: Float64Array.of(120), 34: Int32Array.of(680),
    40: Int32Array.of(0), 41: Int32Array.of(1), 42: Int32Array.of(0, 0, -1, -1, -1),
  };
  const header = {
    lattices: { 10: { faces: [{ matrix: [0, 0, 1, step, 0, 0, 0, step, 0], runs: [10, 11, 12], extra: [1, 1, 1, 1] }], cells: [2, 3] } },
    cell_region: 2, words: WORDS, signals: [], series: {}, period: "januari 2024", reference_date: "1 februari 2026", area: "proef", classification: "intern", digest: "abc", demo: "",
    regions: [["BU1", "Buurt Een", "buurt", -1]], profile: "casustafel",
    layers: [{ id: "telling", title: "Telling", base: "alle", themes: { drugs: 1 }, levels: { zone: {} }, classes: [], short: [] }],
    unit_sets: [
      { base: "omgeving", level: "cel", ids: [20, 21], of_cell: 22 }, { base: "omgeving", level: "buurt", ids: ["BU1"], of_cell: 32 },
    ],
    surroundings: [{ ...kind, levels: { cel: { units: 0, value: 23, seen: 24 }, buurt: { units: 1, value: 33, seen: 34 } } }],
  };
  const column = (k) => columns[k], model = makeModel({ header, column, at: (k) => (row) => columns[k][row] });
  return { model, rows: model.units(`${kind.id}|cel`) };
}

const state = (model, more = {}) => ({ ...readState(model, "#laag=kades"), ...more });

test("negative numbers of three digits have a code of their own", () => {
  assert.deepEqual([-1 - 10801, -1 - 9924, -2].map(fromThreeDigits), [-1, -0.123, -1e-12]);
  assert.ok(Number.isNaN(fromThreeDigits(-1)));
});

test("a class begins at its break, also below zero, and nothing is no class", () => {
  assert.deepEqual([99.9, 100, 250, 1e6].map((value) => classIn([100, 250], value)), [0, 1, 2, 2]);
  assert.deepEqual([-3, -2, 0].map((value) => classIn([-2, 0], value)), [0, 1, 2]);
  assert.equal(classIn([0], NaN), -1);
});

test("every cell has a value, with or without addresses; what was not measured is no data", () => {
  const { rows } = sample();
  assert.deepEqual([...rows.classes], [0, 0, 1, -1]);
  assert.deepEqual([...codeOfUnits(rows)], [21, 21, 19, CODES.geen_data]);
  assert.deepEqual([...rows.codes], [21, 21, 19, CODES.geen_data, CODES.geen_data]);
  assert.deepEqual([...countCodes(rows)], [[CODES.geen_data, 2], [19, 1], [21, 2]]);
  assert.deepEqual(spots(rows), { hot: [], cold: [] });
  assert.equal(rows.unit(2).seen, 0.62);
  assert.equal(rows.unit(0).region.name, "Buurt Een");
});

test("the finest level is that of cells, under the name of the finest", () => {
  const { model } = sample(), layer = model.layers.get("kades");
  assert.deepEqual(["zone", "res9", "buurt"].map((level) => shownLevel(layer, level)), ["cel", "buurt", "buurt"]);
  assert.equal(shownLevel(model.layers.get("telling"), "zone"), "zone");
  assert.equal(levelNote(model, layer, "zone", "cel"), "");
});

test("a value has its unit, and zero and nothing are two things", () => {
  const say = (value, unit = "meter") => groundWords({ unit }, value, WORDS);
  assert.deepEqual([say(340), say(0), say(NaN), say(-1.25), say(12345), say(1.5, "% van de grond"), say(0.5, "per km²")],
    ["ongeveer 340 meter", "0 meter", "geen gegevens", "ongeveer -1,25 meter", "ongeveer 12.300 meter", "ongeveer 1,5% van de grond", "ongeveer 0,5 per km²"]);
  assert.equal(withUnit("10", "km per km²"), "10 km per km²");
  assert.deepEqual([opportunityWords(KADES), opportunityWords(HEIGHT)], ["Gelegenheid: aan- en afvoer over water", ""]);
});

test("a place of several cells has the least and the most of them", () => {
  assert.equal(rangeWords(KADES, [90, 340, false], WORDS), "90 tot 340 meter");
  assert.equal(rangeWords(KADES, [90, 90, true], WORDS), "ongeveer 90 meter, deels onbekend");
  assert.equal(rangeWords(KADES, null, WORDS), "geen gegevens");
});

test("the legend begins with what is near for a distance, and with what is high for another value", () => {
  const { model, rows } = sample(), words = (each) => classEntries(each).map(([, label]) => label);
  assert.deepEqual(words(rows), KADES.classes);
  assert.deepEqual(words(sample([1], HEIGHT).rows), ["hoog", "rond nul", "laag"]);
  assert.deepEqual(emptyEntries(model, rows), [[CODES.geen_data, "geen gegevens"]]);
  const told = legendEntries(model, rows);
  assert.equal(told.text, "Afstand tot een kade. Gelegenheid: aan- en afvoer over water.");
  assert.deepEqual(told.rows.map(({ count }) => count), [2, 1, 0, 2]);
  assert.deepEqual(told.marks, [["plek", "", "gekozen plek"]]);
});

test("there is nothing to play or to compare", () => {
  const { model } = sample(), layer = model.layers.get("kades");
  assert.deepEqual(windowsOf(model, layer), []);
  assert.match(noWindows(model, layer), /^De omgeving heeft een peildatum en geen perioden/);
  const read = readState(model, "#laag=kades&periode=2024-01-01&weergave=naast&niveau=cel");
  assert.deepEqual([read.layer, read.period, read.view, read.wanted], ["kades", "", "kaart", "zone"]);
  assert.match(writeState({ ...read, place: [13, 52, 4] }), /^laag=kades&niveau=zone&beeld/);
});

test("the table names value, unit and class, and nothing of incidents", () => {
  const { model, rows } = sample(), columns = columnsFor(model, rows);
  assert.deepEqual(columns.map(({ title }) => title), ["Plek", "Cel", "Afstand (meter)", "Klasse", "Bekend van de grond"]);
  assert.deepEqual(columns.slice(2).map((column) => [0, 2, 3].map((unit) => column.text(rows.unit(unit)))), [["0", "100", "geen gegevens"], ["minder dan 100 meter", "100 tot 250 meter", "geen gegevens"], ["100%", "62%", "10%"]]);
  assert.deepEqual(filtersFor(model, rows).map(([, label]) => label), ["Alles", "Minder dan 100 meter", "100 tot 250 meter", "Geen gegevens"]);
});

test("values below zero are sorted by size, and are numbers in a spreadsheet", () => {
  const { model, rows } = sample([-2, 3, -7.5, NaN], HEIGHT), columns = columnsFor(model, rows);
  assert.deepEqual(sorted(model, rows, columns, "waarde", true, ""), [1, 0, 2, 3]);
  assert.deepEqual(sorted(model, rows, columns, "waarde", false, ""), [2, 0, 1, 3]);
  const cell = (text) => toCsv([{ title: "H", text: () => text }], [0]).split("\r\n")[1];
  assert.deepEqual(["-7,5", "-1.200,5", "-1+2", "-", "-7,5;x"].map(cell), ['"-7,5"', '"-1.200,5"', `"'-1+2"`, `"'-"`, `"'-7,5;x"`]);
});

test("what is said, heard and kept calls it surroundings and names its unit", () => {
  const { model, rows } = sample(), place = (unit) => ({ rows, row: unit === null ? null : rows.unit(unit), region: model.regions[0], code: CODES.geen_data });
  assert.equal(spoken(model, place(1)), "Cel in Buurt Een. Omgeving, Kades: ongeveer 90 meter. Klasse: minder dan 100 meter.");
  assert.equal(spoken(model, place(3)), "Cel in Buurt Een. Omgeving, Kades: geen gegevens.");
  assert.deepEqual([brief(model, place(1)), brief(model, place(3)), brief(model, place(null))], ["ongeveer 90 meter", "geen gegevens", "geen gegevens"]);
  assert.equal(titleWords(model, state(model)), "Omgeving: Kades");
  assert.equal(whenWords(model, state(model)), "Geen meldingen; peildatum 1 januari 2026");
  assert.equal(fileName(model, state(model), "cel"), "proef-omgeving-kades-cel");
  const facts = new Map(factsOf(model, state(model)));
  assert.deepEqual(["Laag", "Eenheid", "Peildatum", "Bron", "Licentie", "Kenmerk"].map((term) => facts.get(term)), ["Omgeving: Kades", "meter", "1 januari 2026", "een kaart", "CC0", "abc"]);
  assert.ok(!facts.has("Periode"));
});

test("a map without surroundings has none", () => {
  const { model } = sample(), { header, column, at } = model, bare = makeModel({ header: { ...header, surroundings: undefined }, column, at });
  assert.deepEqual([...bare.layers.keys()], ["telling"]);
});
