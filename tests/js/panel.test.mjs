import assert from "node:assert/strict";
import test from "node:test";

import { expectedWords, perHundred } from "../../geoanalyse/products/static/panel.js";
import { sinceWords, unitWord } from "../../geoanalyse/products/static/since.js";
import { highByItself, ownScore, ownShare } from "../../geoanalyse/products/static/why.js";
import { countedRate, during } from "../../geoanalyse/products/static/words.js";

const WORDS = { patterns: ["", "Nieuw."], trends: ["Geen lijn.", "Stijgt."] };
const QUARTERS = ["eerste", "tweede", "derde", "vierde"].map((name) => `${name} kwartaal van 2024`);

/** A series over quarters; 1 for a rate that is above the average whatever the rounding, 0 for not, null for no figure. */
function series(above, more = {}) {
  const windows = above.map((each, k) => ({ label: QUARTERS[k], value: each === null ? -1 : 5, rateLow: each ? 0.3 : 0.1 }));
  return { windows, rate: 0.2, trend: 0, pattern: 0, alarm: -1, ...more };
}

test("since when: never, once, from a quarter on, always", () => {
  const first = (above) => sinceWords(series(above), WORDS)[0];
  assert.equal(first([0, 0, 0, 0]), "In geen van de 4 kwartalen aantoonbaar boven het gemiddelde van de regio.");
  assert.match(first([0, 1, 0, 0]), /^In 1 van de 4 kwartalen .*: het tweede kwartaal van 2024\. Eén keer op zoveel perioden kan toeval zijn\.$/);
  assert.match(first([1, 0, 1, 1]), /^In 3 van de 4 .* het eerst in het eerste kwartaal van 2024, en sinds het derde kwartaal van 2024 steeds\.$/);
  assert.match(first([1, 1, 0, 1]), /; het laatst in het vierde kwartaal van 2024\.$/);
  assert.match(first([1, 1, 1, 1]), /^In alle 4 kwartalen .* sinds het eerste kwartaal van 2024\.$/);
});

test("a quarter without a figure is not counted, and is no quarter below the average", () => {
  assert.match(sinceWords(series([null, 1, null, 1]), WORDS)[0], /^In alle 2 kwartalen/);
  assert.deepEqual(sinceWords(series([null, null]), WORDS), []);
});

test("trend, pattern and early warning are said where there is one", () => {
  assert.deepEqual(sinceWords(series([0, 0, 0, 0], { trend: 1, pattern: 1, alarm: 3 }), WORDS).slice(1),
    ["Nieuw.", "Stijgt.", "Let op: in het vierde kwartaal van 2024 liep het aantal sneller op dan past bij eerdere perioden."]);
  assert.deepEqual(sinceWords(series([0], { rate: 0 }), WORDS), ["Geen lijn."]); // no average to compare with
});

test("a window takes the article of its kind", () => {
  assert.deepEqual([during(QUARTERS[0]), during("april 2024"), during("2024")], ["het eerste kwartaal van 2024", "april 2024", "2024"]);
  assert.deepEqual([[{ label: "2024" }], [{ label: "april 2024" }], []].map(unitWord), ["jaar", "maand", "periode"]);
});

test("what was counted is a rate with the margin of rounding", () => {
  assert.equal(countedRate({ status: "waarde", low: 11, high: 19, addresses: 100 }), "110 tot 190");
  assert.equal(countedRate({ status: "waarde", low: 4, high: 4, addresses: 100 }), "40");
  assert.equal(countedRate({ status: "cap", low: 60, high: -1, addresses: 100 }), "minstens 600");
});

test("a place is high by itself only by figures of its own", () => {
  const part = (weight, ratio, own, share) => ({ weight, ratio, own, share });
  const parts = [part(1, 6, 0.1, 0.7), part(1, 2, 1, 0.2), part(1, 3, 0.8, 0.1), part(1, null, 0, null)];
  assert.equal(ownShare(parts).toFixed(3), "0.350");
  assert.equal(ownScore(parts, 10), 2.5);
  assert.equal(ownScore([part(1, 20, 1, 0.5), part(3, 0, 1, 0.5)], 10), 2.5); // a ratio counts up to the highest
  assert.ok(Number.isNaN(ownScore([part(1, 6, 0, 1)], 10)));
  assert.equal(highByItself({}, { layer: {} }, 0), true);
});

test("beside places with the same use: more, less, or not to be told apart, and a margin that may have no end", () => {
  assert.equal(expectedWords({ expected: 3.14, ratio: 2.1, low: 1.4, high: 3 }), "3,1; hier 2,1 keer zoveel (95% zeker: 1,4 tot 3 keer)");
  assert.equal(expectedWords({ expected: 12, ratio: 0.4, low: 0.2, high: 0.8 }), "12; hier minder: 0,4 keer zoveel (95% zeker: 0,2 tot 0,8 keer)");
  assert.equal(expectedWords({ expected: 1, ratio: 1.2, low: 0.7, high: 1.9 }), "1; hier niet aantoonbaar anders (95% zeker: 0,7 tot 1,9 keer)");
  assert.equal(expectedWords({ expected: 9, ratio: 4, low: 2, high: NaN }), "9; hier 4 keer zoveel (95% zeker: minstens 2 keer)");
});

test("a rate per hundred inspections has a margin where there is one", () => {
  assert.equal(perHundred({ mean: 0.12, low: 0.05, high: 0.3 }), "12 (95% zeker: 5 tot 30)");
  assert.equal(perHundred({ mean: 0.12, low: 0.05, high: NaN }), "12 (95% zeker: minstens 5)");
  assert.equal(perHundred({ mean: 0, low: NaN, high: NaN }), "0");
});
