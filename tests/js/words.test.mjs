import assert from "node:assert/strict";
import test from "node:test";

import { readFragment, readView, writeFragment } from "../../geoanalyse/products/static/address.js";
import { fromThreeDigits, readColumn } from "../../geoanalyse/products/static/decode.js";
import { scaleBar, scaleWords, shortened } from "../../geoanalyse/products/static/labels.js";
import { levelForWidth, shownLevel } from "../../geoanalyse/products/static/model.js";
import { matches } from "../../geoanalyse/products/static/search.js";
import { toCsv } from "../../geoanalyse/products/static/table.js";
import { listing, number, percentage, sentence, significant, valueWords, windowWords } from "../../geoanalyse/products/static/words.js";

const WORDS = { no_data: "geen gegevens", withheld: "op dit niveau niet getoond" };

test("numbers read as dutch.py writes them", () => {
  assert.deepEqual([number(1234567), number(0.5, 1), number(-0.01, 1), number(-3)], ["1.234.567", "0,5", "0,0", "-3"]);
  assert.deepEqual([2.449, 0.0123, 2, 1234, 0, 9.96, 99.6].map((value) => significant(value)), ["2,4", "0,012", "2", "1.200", "0", "10", "100"]);
  assert.equal(percentage(0.125), "13%");
  assert.deepEqual([listing([]), listing(["a"]), listing(["a", "b", "c"])], ["", "a", "a, b en c"]);
  assert.deepEqual([sentence("ijburg"), sentence("één"), sentence("")], ["IJburg", "Eén", ""]);
});

test("a value is an interval, and a zero is not nothing", () => {
  const say = (status, value, low, high) => valueWords({ status, value, low, high }, WORDS);
  assert.equal(say("waarde", 0, 0, 4), "0 tot 4");
  assert.equal(say("waarde", 15, 13, 17), "ongeveer 15 (13 tot 17)");
  assert.equal(say("cap", 60, 56, -1), "56 of meer");
  assert.equal(say("geen_data", -1, -1, -1), "geen gegevens");
  assert.equal(say("onderdrukt", -1, -1, -1), "op dit niveau niet getoond");
  assert.deepEqual([[0, 0, 4], [10, 6, 14], [-1, -1, -1], [-2, -1, -1], [60, 56, -1]].map(([value, low, high]) => windowWords({ value, low, high }, WORDS)), ["0 tot 4", "ongeveer 10 (6 tot 14)", WORDS.no_data, "geen eigen reeks", "56 of meer"]);
});

test("columns decode from their byte planes", () => {
  assert.deepEqual([...readColumn("i2", 3, Uint8Array.of(1, 0, 255, 1, 128, 255), 0)], [257, -32768, -1]);
  assert.deepEqual([...readColumn("d1", 3, Uint8Array.of(5, 255, 2), 0)], [5, 4, 6]);
  assert.deepEqual([0, 10801, 9924].map(fromThreeDigits), [0, 1, 0.123]);
  assert.ok(Number.isNaN(fromThreeDigits(-1)));
});

test("the fragment keeps the view and refuses nonsense", () => {
  const state = { laag: "thema:drugs", niveau: "auto", beeld: "13.25,52.31,4.95", cel: "" };
  assert.equal(writeFragment(state), "laag=thema:drugs&niveau=auto&beeld=13.25,52.31,4.95");
  assert.equal(readFragment(`#${writeFragment(state)}`).laag, "thema:drugs");
  assert.deepEqual(readFragment("#kaart"), {});
  assert.equal(readView("1,2"), null);
  assert.equal(readView("a,b,c"), null);
  assert.deepEqual(readView("13,52.3,4.9"), [13, 52.3, 4.9]);
});

test("a layer shows at the level asked, else the next coarser it has, else its finest", () => {
  const layer = { levels: { res8: {}, wijk: {} } };
  assert.deepEqual(["zone", "res8", "buurt", "wijk"].map((level) => shownLevel(layer, level)), ["res8", "res8", "wijk", "wijk"]);
  assert.equal(shownLevel({ levels: { zone: {} } }, "wijk"), "zone");
  assert.deepEqual([8, 6.9, 2, 0.5].map(levelForWidth), ["zone", "res9", "res8", "res8"]);
});

test("a spreadsheet gets no formulas", () => {
  const columns = [{ title: "Buurt", text: (row) => row }];
  assert.equal(toCsv(columns, ["=1+1", 'a"b', "+31"]), '\ufeff"Buurt"\r\n"\'=1+1"\r\n"a""b"\r\n"\'+31"\r\n');
});

test("search finds names whatever their accents, first those that begin with the words", () => {
  const regions = [["Overtoomse Veld", "buurt"], ["Vélserbroek", "wijk"], ["Velsen", "gemeente"]].map(([name, level], k) => ({ code: `C${k}`, name, level }));
  assert.deepEqual(matches(regions, "vel").map(({ name }) => name), ["Vélserbroek", "Velsen", "Overtoomse Veld"]);
  assert.deepEqual(matches(regions, " "), []);
});

test("scale bar is a round length that fits; long names are cut", () => {
  const bar = scaleBar(3.7, 120);
  assert.deepEqual([bar.metres, Math.round(bar.pixels)], [200, 54]);
  assert.deepEqual([scaleWords(500), scaleWords(2000)], ["500 m", "2 km"]);
  assert.equal(shortened("x".repeat(10000)).length, 34);
  assert.equal(shortened("Wijk 00 Aalsmeer"), "Aalsmeer");
});
