// Right panel: the chosen place in words, why it has its class, and its course over time.

import { h, pairs, swatch } from "./dom.js";
import { zeroWords } from "./legend.js";
import { chainOf, contributions, seriesFor } from "./model.js";
import { CODES } from "./palette.js";
import { LESS, MORE, SAME, gap, labelOf, unitWord, windowsOf } from "./periods.js";
import { trend } from "./trend.js";
import { listing, number, percentage, perThousand, plural, rateInterval, sentence, significant, times, valueWords } from "./words.js";

/** Name of the level of a row: "Zone", "Groot vak", "Buurt". */
const levelWord = (model, level) => sentence(model.words.levels[level][0]);

/** @param {{rows: object, row: object | null, code: number, cell: string, region: object, point: number[]}} place */
export function placePanel(model, place, scheme, act) {
  const { rows, row, region } = place;
  const chain = chainOf(model, region ?? row?.region);
  const named = rows.level === "buurt" || rows.level === "wijk";
  const head = named && row?.region ? row.region.name : chain[0]?.name ?? "Onbekende buurt";
  const around = chain.map(({ name }) => name).filter((name) => name !== head);
  return [
    h("div", { class: "kop" },
      h("p", { class: "soort" }, row ? levelWord(model, rows.level) : "Plek zonder cijfer"),
      h("h2", { id: "paneelkop" }, h("bdi", {}, head)),
      around.length ? h("p", { class: "zacht" }, h("bdi", {}, around.join(", "))) : null,
      h("button", { type: "button", class: "sluit", "aria-label": "Keuze wissen", click: act.clear }, "×")),
    ...(row ? numbers(model, rows, row, scheme) : [emptyWords(model, rows, place.code, scheme)]),
    ...why(model, place),
    ...signalsHere(model, rows, row),
    ...courses(model, rows, chain),
    h("p", { class: "code" }, `H3-cel ${place.cell}${row && !named ? `, ${model.words.levels[rows.level][0]} ${row.id}` : row ? `, ${row.id}` : ""}`),
  ];
}

function emptyWords(model, rows, code, scheme) {
  const base = model.words.bases[rows.layer.base][1];
  const text = {
    [CODES.geen_adressen]: `Hier liggen geen ${base}. Dat is iets anders dan nul.`,
    [CODES.onderdrukt]: `Op dit niveau heeft deze plek geen eigen cijfer: de ${base} tellen mee in ${model.words.levels[rows.level][0] === "zone" ? "een zone" : `een ${model.words.levels[rows.level][0]}`} ernaast.`,
  }[code] ?? "Deze plek ligt buiten het gebied.";
  return h("p", { class: "klasseregel" }, code ? swatch(scheme, code) : null, h("span", {}, text));
}

function numbers(model, rows, row, scheme) {
  const { layer, window } = rows, { words } = model, base = words.bases[layer.base];
  if (rows.changeOf) return changeNumbers(model, rows, row, scheme);
  if (row.class < 0) {
    const reason = row.status === "onderdrukt" ? `${window ? "Dit gebied heeft geen eigen reeks: het is te klein, of deze laag laat hem hier niet zien" : sentence(words.withheld)}. Kies een grover niveau${window ? " of de hele periode" : ""}.`
      : layer.theme ? `${sentence(words.blind_spot)}. Onbekend is niet laag.`
        : "Geen gegevens: de bron kijkt hier niet. Onbekend is niet laag.";
    return [h("p", { class: "klasseregel" }, h("span", {}, reason)), pairs([[sentence(base[1]), number(row.addresses)]])];
  }
  const label = row.class === 0 && !layer.theme ? `Klasse ${zeroWords(rows)}` : layer.classes[row.class];
  const facts = [[sentence(base[1]), number(row.addresses)]];
  if (!layer.theme) {
    facts.push([`Per 1.000 ${base[1]}`, `${perThousand(row.mean)} (95% zeker: ${rateInterval(row.rateLow, row.rateHigh)})`]);
    if (rows.rate > 0) {
      facts.push([window ? `Gemiddeld ${unitWord(windowsOf(model, layer))} regio` : "Gemiddelde regio", `${perThousand(rows.rate)} per 1.000`]);
      facts.push(["Hoe vast is de klasse", stability(rows, row, model.header.class_breaks)]);
    }
    if (row.double !== null) facts.push(["Kans op meer dan 2 keer het gemiddelde", row.double < 0.01 ? "minder dan 1%" : row.double > 0.99 ? "meer dan 99%" : percentage(row.double)]);
  }
  if (!window) facts.push(["Hotspot", row.hotspot === null ? "niet getoetst" : words.hotspots[row.hotspot]]);
  return [
    h("p", { class: "waarde" },
      ...shortValue(layer.theme ? times(row.ratio) : valueWords(row, words)),
      h("span", {}, layer.theme ? "het gemiddelde van de regio" : window ? `${layer.unit}, ${labelOf(model, layer, window)}` : layer.unit)),
    h("p", { class: "klasseregel" }, swatch(scheme, CODES.class0 + row.class), h("span", {}, sentence(label))),
    pairs(facts),
  ];
}

/** How far the class could move within the 95 % interval of the rate, in words. */
export function stability({ rate }, { rateLow, rateHigh, ratio }, breaks) {
  const steps = (value) => breaks.filter((each) => value >= each).length;
  const here = steps(ratio), down = here - steps(rateLow / rate), up = (Number.isNaN(rateHigh) ? breaks.length : steps(rateHigh / rate)) - here;
  const classes = (count) => plural(count, ["klasse", "klassen"]);
  if (down <= 0 && up <= 0) return "vast: de hele marge valt in één klasse";
  return `de marge reikt ${listing([down > 0 && `${classes(down)} lager`, up > 0 && `${classes(up)} hoger`].filter(Boolean))}`;
}

/** Outcome of a comparison in one sentence without a stop: both figures, and whether they differ. */
export function outcomeWords(model, { layer, earlier, later }, { before, after, change }) {
  const outcome = { [MORE]: "aantoonbaar meer", [LESS]: "aantoonbaar minder", [SAME]: "niet aantoonbaar anders" }[change] ?? "niet te vergelijken";
  const figure = (start, row) => `${labelOf(model, layer, start)} ${valueWords(row, model.words)}`;
  return `${figure(earlier, before)}, ${figure(later, after)}: ${outcome}`;
}

function changeNumbers(model, rows, row, scheme) {
  const { layer, earlier, later } = rows, { words } = model, { before, after, change } = row;
  const outcome = { [MORE]: `Meer dan in het ${labelOf(model, layer, earlier)}`, [LESS]: `Minder dan in het ${labelOf(model, layer, earlier)}`, [SAME]: "Niet aantoonbaar anders" }[change] ?? "Niet te vergelijken";
  const when = (start, each) => [sentence(labelOf(model, layer, start)), valueWords(each, words)];
  const facts = [when(earlier, before), when(later, after)];
  if (change !== null) facts.push(["Verschil", gapWords(gap(row))]);
  facts.push([sentence(words.bases[layer.base][1]), number(row.addresses)]);
  return [
    h("p", { class: "waarde" }, h("strong", {}, outcome), h("span", {}, layer.unit)),
    h("p", { class: "klasseregel" }, swatch(scheme, rows.codeOf(row.unit)), h("span", {}, {
      [SAME]: "Het verschil kan toeval of afronding zijn. Dat is niet hetzelfde als gelijk gebleven.",
      null: "Een van beide perioden heeft hier geen cijfer. Dat is iets anders dan nul.",
    }[change] ?? "Het verschil is te groot voor toeval alleen, ook na afronding. Waardoor, zegt de kaart niet.")),
    pairs(facts),
  ];
}

/** "tussen 3 minder en 12 meer" */
export function gapWords([least, most]) {
  const one = (value) => (value === 0 ? "0" : `${number(Math.abs(value))} ${value < 0 ? "minder" : "meer"}`);
  if (least === -Infinity && most === Infinity) return "onbekend";
  if (most === Infinity) return `${one(least)} of hoger`;
  if (least === -Infinity) return `${one(most)} of lager`;
  return `tussen ${one(least)} en ${one(most)}`;
}

/** "ongeveer 20 (16 tot 24)": the number large, its margin smaller. */
function shortValue(text) {
  const [main, margin] = text.split(" (");
  return [h("strong", {}, main, margin ? h("small", {}, ` (${margin}`) : null)];
}

function signalsHere(model, rows, row) {
  if (!row) return [];
  const themes = rows.layer.theme ? [rows.layer.theme] : Object.keys(rows.layer.themes);
  const here = model.header.signals.filter((signal) => signal.zone === row.id && signal.level === rows.level && themes.includes(signal.theme));
  return here.map((signal) => h("div", { class: "signaal" },
    h("h3", {}, `Signaal ${signal.id}: ${signal.strength}, betrouwbaarheid ${signal.reliability}`),
    h("ul", {}, ...signal.reasons.map((reason) => h("li", {}, reason))),
    signal.unknown ? h("p", { class: "zacht" }, `Onbekend: ${signal.unknown}`) : null,
    h("p", {}, `Advies: ${model.words.routes[signal.route] ?? signal.route}.`)));
}

/** What each layer of the theme says here; for a composite with its share of the score. */
function why(model, { rows, row, point }) {
  const { layer } = rows;
  if (!row) return [];
  const { class: group } = model.units(`${layer.id}|${rows.level}`).unit(row.unit); // over the whole period
  if (group < 0) return [];
  const theme = layer.theme ?? Object.entries(layer.themes).sort(([, a], [, b]) => b - a)[0]?.[0];
  if (!theme) return [];
  const parts = contributions(model, theme, rows.level, point);
  if (!parts.length) return [];
  const most = Math.max(3, ...parts.map(({ ratio }) => ratio ?? 0));
  const high = group >= 3, span = rows.window === "" ? "" : ", over de hele periode";
  return [
    h("h3", {}, layer.theme ? (high ? "Waarom is deze plek hoog?" : "Hoe komt dit cijfer tot stand?") : `Alle lagen van het thema ${theme} hier${span}`),
    ...(layer.theme ? [h("p", { class: "uitleg" }, explanation(parts))] : []),
    h("ul", { class: "bijdragen" }, ...parts.map((part) => contribution(model, part, most, rows.level, Boolean(layer.theme)))),
    h("p", { class: "zacht" }, "De streep is het gemiddelde van de regio (1 keer)."),
  ];
}

function explanation(parts) {
  const strong = parts.filter(({ ratio, share }) => ratio >= 1.5 && share >= 0.2).slice(0, 2);
  const silent = parts.filter(({ ratio }) => ratio === null).map(({ layer }) => layer.title);
  const known = strong.length
    ? `Vooral door ${listing(strong.map(({ layer, ratio }) => `${layer.title} (${times(ratio)} het gemiddelde)`))}.`
    : "Geen enkele laag steekt hier duidelijk boven het gemiddelde uit.";
  return silent.length ? `${known} Zonder cijfer hier: ${listing(silent)}.` : known;
}

function contribution(model, { layer, level, row, ratio, share }, most, asked, composite) {
  const bar = h("i", { class: ratio === null ? "gat" : "vol" });
  bar.style.width = `${ratio === null ? 100 : Math.max(1, (100 * Math.min(ratio, most)) / most)}%`;
  const mean = h("b", {});
  mean.style.left = `${100 / most}%`;
  const text = ratio === null ? (row ? valueWords(row, model.words) : model.words.no_addresses) : `${significant(ratio)} keer`;
  const extra = [
    ratio !== null && row ? valueWords(row, model.words) : "",
    level !== asked ? `per ${model.words.levels[level][0]}` : "",
    composite && share !== null ? `${percentage(share)} van de score` : "",
  ].filter(Boolean).join(", ");
  return h("li", {},
    h("div", { class: "rij" }, h("span", {}, layer.title), h("span", { class: "aantal" }, text)),
    h("div", { class: "baan", "aria-hidden": "true" }, bar, mean),
    extra ? h("div", { class: "zacht" }, extra) : null);
}

function courses(model, { layer, window, earlier, later }, chain) {
  const layers = layer.theme ? [...model.layers.values()].filter((other) => other.themes?.[layer.theme]) : [layer];
  const found = layers.map((other) => [other, seriesFor(model, other.id, chain)]).filter(([, series]) => series);
  if (!found.length) return [];
  return [
    h("h3", {}, "Verloop"),
    ...found.map(([other, series]) => h("figure", {},
      h("figcaption", {}, h("strong", {}, other.title), " ", h("bdi", {}, `in ${series.region.level} ${series.region.name}`)),
      trend(series, `${other.title} in ${series.region.name}`, model.words, window === null ? [earlier, later] : [window]))),
    h("p", { class: "zacht" }, "Afgeronde aantallen met hun marge. Gearceerd: geen gegevens, of geen eigen reeks; dat is iets anders dan nul."),
  ];
}

/** When nothing is chosen: how to begin, and the strongest places of what is shown. */
export function startPanel(model, rows, act) {
  const { layer } = rows, units = [...Array(rows.size).keys()], named = model.words.levels[rows.level][1];
  const signals = rows.window === "" ? model.header.signals.filter((signal) => !layer.theme || signal.theme === layer.theme).slice(0, 6) : [];
  const go = (row) => () => act.goUnit(rows.level, row.id);
  const list = (title, items, none) => (items.length ? [h("h3", {}, title), h("ol", { class: "lijst" }, ...items)] : [h("p", {}, none)]);
  const changed = () => list(`${sentence(named)} met een verschil: ${layer.title}`,
    units.filter((unit) => Math.abs(rows.changeOf(unit)) === 1).map((unit) => rows.unit(unit)).slice(0, 12).map((row) => item(
      row.region?.name ?? row.id, row.change === MORE ? "▲ meer" : "▼ minder", gapWords(gap(row)), go(row))),
    "Tussen deze twee perioden is nergens een verschil aantoonbaar. Dat is niet hetzelfde als geen verschil: bij kleine aantallen kan alleen een grote verandering opvallen.");
  const highest = () => list(`Hoogste ${named}: ${layer.title}`,
    units.filter((unit) => rows.ratio[unit] >= 1.5).sort((a, b) => rows.ratio[b] - rows.ratio[a]).slice(0, 6).map((unit) => rows.unit(unit)).map((row) => item(
      row.region?.name ?? row.id, times(row.ratio), layer.theme ? plural(row.addresses, model.words.bases[layer.base]) : valueWords(row, model.words), go(row))),
    `Nergens is deze laag ${rows.window ? "in deze periode " : ""}anderhalf keer het gemiddelde of meer.`);
  return [
    h("h2", { id: "paneelkop" }, "Kies een plek"),
    h("p", {}, "Klik op de kaart, of druk op Enter voor het midden van de kaart. Hier staat dan wat er bekend is, hoe zeker dat is en waarom."),
    ...(signals.length ? [h("h3", {}, "Sterkste signalen"), h("ol", { class: "lijst" }, ...signals.map((signal) => item(
      signal.region, `${signal.id}, ${signal.strength}`, `betrouwbaarheid ${signal.reliability}`, () => act.goUnit(signal.level, signal.zone))))] : []),
    ...(rows.changeOf ? changed() : highest()),
    h("p", { class: "let-op" }, "Een hoge score is een signaal, geen bewijs."),
  ];
}

const item = (name, strong, soft, go) => h("li", {}, h("button", { type: "button", click: go },
  h("bdi", { class: "naam" }, name), h("span", { class: "aantal" }, strong), h("span", { class: "zacht" }, soft)));
