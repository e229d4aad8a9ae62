// Since when: what the series of a region says, in sentences.

import { during, plural } from "./words.js";

const UNITS = { kwartaal: ["kwartaal", "kwartalen"], jaar: ["jaar", "jaren"], maand: ["maand", "maanden"], periode: ["periode", "perioden"] };

/** "quarter", "month" or "year" in Dutch, from how a window is named. @param {{label: string}[]} windows */
export function unitWord(windows) {
  if (!windows.length) return "periode";
  return /kwartaal/.test(windows[0].label) ? "kwartaal" : /^\d{4}$/.test(windows[0].label) ? "jaar" : "maand";
}

/** In which windows the lower end of the rate lies above the region's average, the trend, and the latest early warning. */
export function sinceWords({ windows, rate, trend, pattern, alarm }, words) {
  const known = windows.filter(({ value }) => value >= 0), unit = unitWord(windows);
  if (!known.length) return [];
  const first = rate > 0 ? aboveWords(known, rate, UNITS[unit]) : "";
  const said = [first, words.patterns[pattern], words.trends[trend], alarm < 0 ? "" : `Let op: in ${during(windows[alarm].label)} liep het aantal sneller op dan past bij eerdere perioden.`];
  return said.filter(Boolean);
}

function aboveWords(known, rate, unit) {
  const above = known.filter(({ rateLow }) => rateLow > rate), of = plural(known.length, unit);
  if (!above.length) return `In geen van de ${of} aantoonbaar boven het gemiddelde van de regio.`;
  if (above.length === known.length) return `In alle ${of} aantoonbaar boven het gemiddelde van de regio, sinds ${during(known[0].label)}.`;
  const last = known.map(({ rateLow }) => rateLow > rate).lastIndexOf(false); // after this one it is above, up to the end
  const run = known.length - 1 - last;
  const till = run > 1 ? `, en sinds ${during(known[last + 1].label)} steeds` : `; het laatst in ${during(above[above.length - 1].label)}`;
  return above.length === 1
    ? `In 1 van de ${of} aantoonbaar boven het gemiddelde van de regio: ${during(above[0].label)}. Eén keer op zoveel perioden kan toeval zijn.`
    : `In ${above.length} van de ${of} aantoonbaar boven het gemiddelde van de regio, het eerst in ${during(above[0].label)}${till}.`;
}
