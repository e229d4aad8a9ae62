import assert from "node:assert/strict";
import test from "node:test";

import { filtersFor, columnsFor, sorted } from "../../geoanalyse/products/static/table.js";
import { gapWords, outcomeWords, stability } from "../../geoanalyse/products/static/panel.js";
import { CODES } from "../../geoanalyse/products/static/palette.js";
import { LESS, MORE, SAME, changeRows, emptyWindow, gap, labelOf, levelsOf, noWindows, windowLevel, windowNote, windowRows, windowsOf } from "../../geoanalyse/products/static/periods.js";
import { cssString } from "../../geoanalyse/products/static/sheet.js";
import { readState, windowBefore, writeState } from "../../geoanalyse/products/static/state.js";
import { factsOf, fileName, periodWords } from "../../geoanalyse/products/static/telling.js";

const WORDS = {
  no_data: "geen gegevens", withheld: "niet getoond", blind_spot: "witte vlek", no_addresses: "geen adressen", bases: { alle: ["adres", "adressen"] },
  levels: { zone: ["zone", "zones"], buurt: ["buurt", "buurten"], wijk: ["wijk", "wijken"] }, hotspots: {},
};
const DAYS = ["2023-01-01", "2024-01-01", "2025-01-01"];

/** A model of four buurten, three of which have a series over three years. */
function sample() {
  const columns = [
    [0, 1, 2], // regions of the series
    [10, 0, 40, 5, 5, -1, 20, 20, 20], // values
    [6, 0, 36, 1, 1, -1, 16, 16, 16], // low
    [14, 4, 44, 9, 9, -1, 24, -1, 24], // high
    [2, 0, 5, 1, 1, -1, 3, 3, 3], // class
    [1.2, 0.4, 4, 0.7, 0.7, NaN, 2, 2, 2], // ratio, rate_mean, rate_low, rate_high
    [0, 1], [2, 2], [1, 1], // changes: the first buurt has more in the third year than in the first and the second
  ];
  const layer = { id: "fiu", title: "FIU", base: "alle", unit: "adressen met een signaal", short: ["", "a", "b", "c", "d", "e"], classes: ["", "een", "twee", "drie", "vier", "vijf"], levels: { buurt: {}, wijk: {}, zone: {} }, rate: 0.1 };
  const theme = { id: "thema:x", title: "Totaal", theme: "x", base: "alle", levels: { buurt: {} } };
  const regions = ["A", "B", "C", "D"].map((name, index) => ({ index, code: `BU${index}`, name, level: "buurt", parent: 4 }));
  const whole = {
    layer, level: "buurt", window: "", b: 5, size: 4, classes: [1, 1, 1, 1], region: [0, 1, 2, 3], hotspot: [-1, -1, -1, -1], marks: [-1, -1, -1, -1],
    set: { ofCell: Int32Array.of(0, 1, 2, 3, -1, -2, -3), size: 4 }, statusOf: () => "waarde",
    unit: (unit) => ({ unit, id: regions[unit].code, region: regions[unit], addresses: 100 }),
  };
  return {
    header: { area: "proef", title: "Proef", period: "2023 tot en met 2025", classification: "intern", digest: "abc", demo: "", series: { fiu: {
      windows: DAYS.map((day) => [day, day.slice(0, 4)]), rate: 0.02, regions: 0, values: 1, low: 2, high: 3, class: 4, ratio: 5, rate_mean: 5, rate_low: 5, rate_high: 5, changes: [6, 7, 8],
    } } },
    words: WORDS, regions, layers: new Map([["fiu", layer], ["thema:x", theme]]),
    column: (k) => (k === 5 ? Float64Array.from(columns[5]) : Int32Array.from(columns[k])), units: () => whole,
  };
}

test("a window shows its own figures, and what it lacks as lacking", () => {
  const model = sample(), rows = windowRows(model, "fiu", "buurt", DAYS[2]);
  assert.deepEqual([...rows.classes], [5, -1, 3, -1]);
  assert.deepEqual([0, 1, 2, 3].map(rows.statusOf), ["waarde", "geen_data", "waarde", "onderdrukt"]);
  assert.deepEqual([...rows.codes], [CODES.class0 + 5, CODES.geen_data, CODES.class0 + 3, CODES.onderdrukt, CODES.geen_adressen, CODES.onderdrukt, CODES.nothing]);
  assert.equal(windowRows(model, "fiu", "buurt", DAYS[1]).unit(2).status, "cap");
  assert.equal(rows.unit(3).withheld, "geen eigen reeks");
});

test("a comparison calls more only what was found to differ, whichever window is named first", () => {
  const model = sample();
  for (const pair of [[DAYS[0], DAYS[2]], [DAYS[2], DAYS[0]]]) {
    const rows = changeRows(model, "fiu", "buurt", ...pair);
    assert.deepEqual([0, 1, 2, 3].map(rows.changeOf), [MORE, null, SAME, null]);
    assert.deepEqual([...rows.codes].slice(0, 4), [CODES.meer, CODES.niet_te_vergelijken, CODES.niet_anders, CODES.niet_te_vergelijken]);
    assert.deepEqual(gap(rows.unit(0)), [22, 38]);
    assert.equal(outcomeWords(model, rows, rows.unit(0)), "2023 ongeveer 10 (6 tot 14), 2025 ongeveer 40 (36 tot 44): aantoonbaar meer");
  }
  assert.deepEqual([...changeRows(model, "fiu", "buurt", DAYS[0], DAYS[1]).marks], [0, 0, 0, 0]);
});

test("a difference in words keeps its sign and its open end", () => {
  assert.deepEqual([[3, 9], [-9, -3], [-4, 4], [0, 4], [3, Infinity], [-Infinity, -2], [-Infinity, Infinity]].map(gapWords),
    ["tussen 3 meer en 9 meer", "tussen 9 minder en 3 minder", "tussen 4 minder en 4 meer", "tussen 0 en 4 meer", "3 meer of hoger", "2 minder of lager", "onbekend"]);
});

test("stability says how far the margin reaches over the classes", () => {
  const say = (rateLow, rateHigh, ratio) => stability({ rate: 1 }, { rateLow, rateHigh, ratio }, [1, 1.5, 2, 3]);
  assert.equal(say(1.1, 1.4, 1.2), "vast: de hele marge valt in één klasse");
  assert.equal(say(0.9, 2.5, 1.2), "de marge reikt 1 klasse lager en 2 klassen hoger");
  assert.equal(say(1.2, 1.6, 1.3), "de marge reikt 1 klasse hoger");
  assert.equal(say(2.1, NaN, 2.5), "de marge reikt 1 klasse hoger");
});

test("windows, their levels and why there are none", () => {
  const model = sample(), fiu = model.layers.get("fiu"), theme = model.layers.get("thema:x");
  assert.deepEqual(windowsOf(model, fiu).map(({ start }) => start), DAYS);
  assert.deepEqual(levelsOf(model, fiu), ["buurt"]);
  assert.deepEqual(windowsOf(model, theme), []);
  assert.match(noWindows(model, theme), /totaalbeeld/);
  assert.equal(noWindows(model, fiu), "");
  assert.deepEqual([windowLevel(["buurt", "wijk"], "zone"), windowLevel(["buurt", "wijk"], "wijk"), windowLevel(["buurt"], "wijk"), windowLevel(["wijk"], "auto")], ["buurt", "wijk", "buurt", "wijk"]);
  assert.match(windowNote(model, fiu, "zone", "buurt"), /geen cijfer per zone/);
  assert.equal(windowNote(model, fiu, "auto", "buurt"), "");
  assert.deepEqual(DAYS.map((day) => emptyWindow(model, fiu, day)), [false, false, false]);
  assert.equal(labelOf(model, fiu, ""), "2023 tot en met 2025");
});

test("a comparison starts with the same window a year before", () => {
  const quarters = ["2023-10-01", "2024-01-01", "2024-10-01"].map((start) => ({ start }));
  assert.equal(windowBefore(quarters, "2024-10-01"), "2023-10-01");
  assert.equal(windowBefore(quarters, "2023-10-01"), "2024-01-01");
});

test("a state survives the address bar, and a spoilt one becomes a plain one", () => {
  const model = sample();
  const text = "laag=fiu&niveau=buurt&periode=2025-01-01&met=2023-01-01&weergave=naast&beeld=13,52.30000,4.90000&cel=8a19&uit=names&tabel=later,op,,a%20b&beamer=1";
  assert.equal(writeState(readState(model, `#${text}`)), text);
  const state = (fragment) => { const { layer, period, other, view } = readState(model, fragment); return [layer, period, other, view]; };
  assert.deepEqual(state("#laag=x&periode=1999-01-01&met=y&weergave=z"), ["fiu", "", "", "kaart"]);
  assert.deepEqual(state("#weergave=verschil"), ["fiu", DAYS[2], DAYS[1], "verschil"]);
  assert.deepEqual(state("#laag=thema:x&periode=2024-01-01&weergave=naast&met=2023-01-01"), ["thema:x", "", "", "kaart"]);
  assert.deepEqual(state("#periode=2024-01-01&met=2023-01-01"), ["fiu", DAYS[1], "", "kaart"]);
});

test("two windows without an upper end cannot be compared", () => {
  const model = sample(), columns = model.column;
  model.column = (k) => (k === 3 ? [-1, 4, -1, 9, 9, -1, 24, -1, 24] : columns(k)); // the first buurt has "or more" in both
  const rows = changeRows(model, "fiu", "buurt", DAYS[0], DAYS[2]);
  assert.deepEqual([0, 1, 2].map(rows.changeOf), [null, null, SAME]);
});

test("a file says what is in it", () => {
  const model = sample(), state = readState(model, "#periode=2025-01-01&met=2023-01-01&weergave=verschil");
  assert.equal(fileName(model, state, "buurt"), "proef-fiu-buurt-2023-01-01-2025-01-01-verschil");
  assert.equal(periodWords(model, state), "2025 tegen 2023");
  assert.deepEqual(factsOf(model, state), [["Laag", "FIU"], ["Periode", "2025 tegen 2023"], ["Rubricering", "intern"], ["Kenmerk", "abc"]]);
  assert.equal(fileName(model, readState(model, "#laag=thema:x"), "zone"), "proef-thema-x-zone");
});

test("the table narrows to one class or outcome, and sorts what differs first", () => {
  const model = sample(), rows = changeRows(model, "fiu", "buurt", DAYS[0], DAYS[2]), columns = columnsFor(model, rows);
  assert.deepEqual(filtersFor(model, rows).map(([value]) => value), ["", String(CODES.meer), String(CODES.niet_anders), String(CODES.niet_te_vergelijken)]);
  const names = (by, only) => sorted(model, rows, columns, by, true, "", only).map((unit) => rows.unit(unit).region.name);
  assert.deepEqual(names("uitkomst", ""), ["A", "C", "B", "D"]);
  assert.deepEqual(names("uitkomst", String(CODES.niet_te_vergelijken)), ["B", "D"]);
  assert.deepEqual(columns.map(({ title }) => title).slice(3), ["2023", "2025", "Verschil in wat is geteld", "Toets op toeval"]);
});

test("a text in a style sheet stays a text", () => {
  assert.equal(cssString('a"b\\c\n}*{'), '"a\\"b\\\\c }*{"');
});
