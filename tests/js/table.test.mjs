import assert from "node:assert/strict";
import test from "node:test";

import { makeModel } from "../../geoanalyse/products/static/model.js";
import { columnsFor, sorted } from "../../geoanalyse/products/static/table.js";

const WORDS = { levels: { zone: ["zone", "zones"], buurt: ["buurt", "buurten"] }, bases: { alle: ["adres", "adressen"] }, hotspots: { geen: "geen hotspot", hotspot: "hotspot" } };

/** A model of a square of 9 by 9 cells, the left half in one buurt and the right half in another; each cell is a zone. */
function sample(signals = []) {
  const side = 9, size = side * side, cells = [...Array(size).keys()];
  const step = 2e-5; // of a plane that touches the sphere: about 130 metres
  const matrix = [0, 0, 1, step, 0, 0, 0, step, 0]; // i to the east, j to the north
  const columns = [
    [cells.filter((cell) => cell % side === 0).map((cell) => cell / side), Array(side).fill(0), Array(side).fill(side)].map((list) => Int32Array.from(list)),
    [[], [], [], []], Int32Array.from(cells), Int32Array.from(cells, (cell) => (cell % side < 5 ? 2 : 1)),
  ];
  const header = {
    lattices: { 10: { faces: [{ matrix, runs: [10, 11, 12], extra: [1, 1, 1, 1] }], cells: [2, 2] } }, cell_region: 3, unit_sets: [], layers: [], words: WORDS, signals,
    regions: [["WK1", "Wijk", "wijk", -1], ["BU1", "Oost", "buurt", 0], ["BU2", "West", "buurt", 0], ["BU10", "Elders", "buurt", -1]],
  };
  const column = (k) => (k >= 10 ? columns[0][k - 10] : k === 1 ? [] : columns[k]);
  const model = makeModel({ header, column, at: (k) => (row) => column(k)[row] });
  const rows = {
    layer: { title: "Proef", base: "alle", classes: ["laag", "hoog"], themes: { drugs: 1 } }, level: "zone", window: "", b: 5, size, lattice: model.lattice(10), classes: cells.map(() => 1), hotspot: cells.map(() => 0), set: { cellsOf: (unit) => [unit] },
    unit: (unit) => ({ unit, id: `8a${unit}`, region: model.regions[column(3)[unit]], addresses: unit % 7, ratio: unit % 3 ? unit : NaN, class: 1, hotspot: "geen" }),
  };
  return { model, rows, columns: columnsFor(model, rows) };
}

const names = ({ rows, columns }, units) => units.map((unit) => columns[0].text(rows.unit(unit)));

test("a zone is named after its buurt and where in it", () => {
  const given = sample();
  assert.equal(given.columns[0].title, "Plek");
  assert.deepEqual(names(given, [36, 38, 40, 53, 80, 0]), ["West, in het westen", "West, in het midden", "West, in het oosten", "Oost, in het noordoosten", "Oost, in het noorden", "West, in het zuidwesten"]);
});

test("rows are sorted by that name, as words are, and equal names by their order", () => {
  const given = sample(), { model, rows, columns } = given;
  const up = sorted(model, rows, columns, "naam", false, ""), words = names(given, up);
  assert.equal(up.length, 81);
  assert.deepEqual(words, [...words].sort(new Intl.Collator("nl", { numeric: true }).compare));
  up.slice(1).forEach((unit, k) => assert.ok(words[k] !== words[k + 1] || up[k] < unit));
  assert.deepEqual(names(given, sorted(model, rows, columns, "naam", true, "")), [...words].reverse());
});

test("numbers are sorted by size, unknown always last", () => {
  const { model, rows, columns } = sample(), ratios = (down) => sorted(model, rows, columns, "keer", down, "").map((unit) => rows.unit(unit).ratio);
  for (const down of [true, false]) {
    const found = ratios(down), knownOnes = found.filter((each) => !Number.isNaN(each));
    assert.ok(found.slice(knownOnes.length).every(Number.isNaN));
    assert.deepEqual(knownOnes, [...knownOnes].sort((a, b) => (down ? b - a : a - b)));
  }
});

test("a table is narrowed by the whole name, a part of it, the wijk, a code or a word", () => {
  const given = sample(), { model, rows, columns } = given, found = (words) => sorted(model, rows, columns, "keer", true, words);
  assert.ok(names(given, found(" West, in het NOORDwesten ")).every((name) => name === "West, in het noordwesten"));
  assert.ok(found("west, in het noordwesten").length > 0);
  assert.ok(names(given, found("zuidoosten")).every((name) => name.endsWith("zuidoosten")));
  assert.equal(found("wijk").length, 81); // all lie in it, though none is named after it
  assert.deepEqual(found("8a80"), [80]);
  assert.equal(found("geen hotspot").length, 81);
  assert.deepEqual(found("elders"), []);
});

test("a region holds itself and what lies in it", () => {
  const { model } = sample();
  assert.deepEqual(model.under(0).sort(), [0, 1, 2]);
  assert.deepEqual(model.under(3), [3]);
  assert.deepEqual([0, 1, 2, 3].map((region) => model.cellsUnder(region).length), [81, 36, 45, 0]);
});

test("a place on the list of signals says so, and the table can be narrowed to those", () => {
  const signal = (id, zone, theme = "drugs", level = "zone") => ({ id, zone, level, theme, strength: "licht", route: "mono" });
  const given = sample([signal("D01", "8a7"), signal("D02", "8a7"), signal("W01", "8a8", "witwassen"), signal("D03", "8a9", "drugs", "res8")]), { model, rows, columns } = given;
  const told = columns.find(({ key }) => key === "signaal");
  assert.equal(told.text(rows.unit(7)), "D01 licht, mono; D02 licht, mono");
  assert.equal(told.text(rows.unit(8)), "");
  assert.deepEqual(sorted(model, rows, columns, "keer", true, "", "signaal"), [7]);
  assert.deepEqual(sorted(model, rows, columns, "keer", true, "D02"), [7]);
  assert.ok(!sample().columns.some(({ key }) => key === "signaal"));
  assert.ok(!columnsFor(model, { ...rows, window: "2024" }).some(({ key }) => key === "signaal"));
});
