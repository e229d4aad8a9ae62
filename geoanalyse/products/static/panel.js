// Right panel: the chosen place in words, why it has its class, and its course over time.

import { h, pairs, swatch } from "./dom.js";
import { zeroWords } from "./legend.js";
import { cellAt } from "./lattice.js";
import { chainOf, directionIn, hotLayers, layersOf, onceFor, seriesFor } from "./model.js";
import { CODES } from "./palette.js";
import { LESS, MORE, NAMED, SAME, gap, labelOf, windowsOf } from "./periods.js";
import { sinceWords, unitWord } from "./since.js";
import { groundHere, groundPanel, groundStart } from "./surroundings.js";
import { trend } from "./trend.js";
import { NOTABLE, highByItself, why } from "./why.js";
import { countedRate, during, listing, number, percentage, perThousand, plural, rateInterval, sentence, significant, themesOf, times, valueWords } from "./words.js";

const CAVEAT = "Een hoge score is een signaal, geen bewijs.";
/** Strength of a place on the list that was drawn by lot. */
const DRAWN = "verkenning";

/** Name of the level of a row: "Zone", "Groot vak", "Buurt". */
const levelWord = (model, level) => sentence(model.words.levels[level][0]);

/** @param {{rows: object, row: object | null, code: number, cell: string, region: object, point: number[]}} place */
export function placePanel(model, place, scheme, act) {
  const { rows, row } = place;
  const chain = chainOf(model, row?.region ?? place.region); // a unit has one name, wherever in it one clicks
  const named = NAMED.includes(rows.level);
  const head = named && row?.region ? row.region.name : chain[0]?.name ?? "Onbekende buurt";
  const around = chain.map(({ name }) => name).filter((name) => name !== head);
  const where = named ? "" : row ? directionIn(model, chain[0], rows.lattice, rows.set.cellsOf(row.unit)) : directionAt(model, chain[0], place.point);
  return [
    h("div", { class: "kop" },
      h("p", { class: "soort" }, rows.layer.surroundings ? `Omgeving: ${model.words.levels[rows.level][0]}` : row ? levelWord(model, rows.level) : "Plek zonder cijfer"),
      h("h2", { id: "paneelkop" }, h("bdi", {}, head)),
      around.length || where ? h("p", { class: "zacht" }, h("bdi", {}, [where, ...around].filter(Boolean).join(", "))) : null,
      h("button", { type: "button", class: "sluit", "aria-label": "Keuze wissen", click: act.clear }, "×")),
    ...(rows.layer.surroundings ? groundPanel(model, place, scheme) : [
      ...(row ? numbers(model, place, scheme) : [emptyWords(model, rows, place.code, scheme)]),
      ...why(model, place),
      ...signalsHere(model, rows, row),
      ...courses(model, rows, chain),
      lookBack(model.header, act),
      h("p", { class: "let-op kern" }, CAVEAT),
      groundHere(model, place),
    ]),
    h("p", { class: "code" }, `H3-cel ${place.cell}${row && !named ? `, ${model.words.levels[rows.level][0]} ${row.id}` : row ? `, ${row.id}` : ""}`),
  ].filter(Boolean);
}

/** Where to read how good earlier figures were, of a release that looked back. */
function lookBack({ hindsight: [title, , found] }, act) {
  return found.length ? h("p", { class: "terug" }, "Cijfers van toen zijn vergeleken met wat later kwam: ", h("button", { type: "button", class: "koppeling", click: () => act.goTo("terugblik", "h2") }, title)) : null;
}

function emptyWords(model, rows, code, scheme) {
  const base = model.words.bases[rows.layer.base][1];
  const text = {
    [CODES.geen_adressen]: `Hier liggen geen ${base}. Dat is iets anders dan nul.`,
    [CODES.onderdrukt]: `Op dit niveau heeft deze plek geen eigen cijfer: de ${base} tellen mee in ${model.words.levels[rows.level][0] === "zone" ? "een zone" : `een ${model.words.levels[rows.level][0]}`} ernaast.`,
  }[code] ?? "Deze plek ligt buiten het gebied.";
  return h("p", { class: "klasseregel" }, code ? swatch(scheme, code) : null, h("span", {}, text));
}

function numbers(model, { rows, row }, scheme) {
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
    facts.push([`Geteld per 1.000 ${base[1]}`, countedRate(row)]);
    facts.push([`Geschat per 1.000 ${base[1]}`, `${perThousand(row.mean)} (95% zeker: ${rateInterval(row.rateLow, row.rateHigh)})`]);
    if (rows.rate > 0) {
      facts.push([window ? `Gemiddeld ${unitWord(windowsOf(model, layer))} regio` : "Gemiddelde regio", `${perThousand(rows.rate)} per 1.000`]);
      facts.push(["Hoe vast is de klasse", stability(rows, row, model.header.class_breaks)]);
    }
    if (!window && row.byUse) facts.push(["Te verwachten bij dit gebruik", expectedWords(row.byUse)]);
    if (!window && row.perInspection) facts.push(["Per 100 controles", perHundred(row.perInspection)]);
    if (row.double !== null) facts.push(["Kans op meer dan 2 keer het gemiddelde", row.double < 0.01 ? "minder dan 1%" : row.double > 0.99 ? "meer dan 99%" : percentage(row.double)]);
  }
  if (layer.theme && row.ratioLow >= 0) {
    facts.push(["Marge van de score", `${bandWords(row)} (95% zeker)`]);
    facts.push(["Plaats in de rij", `${row.rankLow === row.rankHigh ? number(row.rankLow) : `${number(row.rankLow)} tot ${number(row.rankHigh)}`} van ${number(rows.size)} (90% zeker)`]);
  }
  if (!window) facts.push(["Hotspot", hotspotWords(model, rows, row)]);
  if (!window && row.hotspot === "hotspot" && row.perInspection) facts.push(["Ook per controle", words.per_inspection[row.perInspection.hotspot]]);
  const surety = layer.theme ? (row.ratioLow >= 0 ? `Marge van de score: ${bandWords(row)}.` : "") : rows.rate > 0 ? `${sentence(stability(rows, row, model.header.class_breaks))}.` : "";
  return [
    h("p", { class: "waarde" },
      ...shortValue(layer.theme ? times(row.ratio) : valueWords(row, words)),
      h("span", {}, layer.theme ? "het gemiddelde van de regio" : window ? `${layer.unit}, ${labelOf(model, layer, window)}` : layer.unit)),
    h("p", { class: "klasseregel" }, swatch(scheme, CODES.class0 + row.class), h("span", {}, sentence(label))),
    pairs(facts),
    summed(model, rows),
    surety ? h("p", { class: "kern opbeamer" }, surety) : null,
    !layer.theme && pulled(row) ? h("p", { class: "zacht" }, `Bij weinig ${base[1]} kan een hoog of laag cijfer toeval zijn. De schatting ligt daarom dichter bij het gemiddelde van de regio dan wat is geteld; kleur en klasse volgen de schatting.`) : null,
  ].filter(Boolean);
}

/** That a region has the total of whole hexagons, where a layer is counted in those: it has other addresses then. */
function summed(model, { layer, level }) {
  if (!["res9", "res8"].includes(layer.atom) || !NAMED.includes(level)) return null;
  return h("p", { class: "zacht" }, `Deze laag is geteld in ${model.words.levels[layer.atom][1]}. Hier staat de som van de vakken die vooral in dit gebied liggen; daarom verschilt het aantal adressen van dat van andere lagen.`);
}

/** "hotspot", for a composite with the layers it is one of: its own score is not tested. */
export function hotWords(model, rows, { unit }) {
  const hot = rows.layer.theme ? hotLayers(model, rows, unit) : [];
  return hot.length ? `hotspot in ${listing(hot)}` : "hotspot";
}

function hotspotWords(model, rows, row) {
  if (row.hotspot === null) return "niet getoetst";
  if (rows.layer.theme && row.hotspot === "hotspot") return hotWords(model, rows, row);
  const word = model.words.hotspots[row.hotspot];
  const firm = { stabiel: "stabiel: ook op een grover niveau, zonder een buur en binnen de afronding", wisselt: "wisselt: niet ook op een grover niveau, zonder een buur en binnen de afronding" }[row.stable];
  return row.hotspot !== "geen" && firm ? `${word}, ${firm}` : word;
}

/** "3,1; hier 2,1 keer zoveel (95% zeker: 1,4 tot 3,0)": beside places whose addresses are used in the same way. */
export function expectedWords({ expected, ratio, low, high }) {
  const margin = high >= 0 ? `${significant(low)} tot ${significant(high)}` : `minstens ${significant(low)}`;
  const said = low > 1 ? `hier ${significant(ratio)} keer zoveel` : high < 1 ? `hier minder: ${significant(ratio)} keer zoveel` : "hier niet aantoonbaar anders";
  return `${significant(expected)}; ${said} (95% zeker: ${margin} keer)`;
}

/** "12 (95% zeker: 5 tot 30)" */
export function perHundred({ mean, low, high }) {
  const [middle, least, most] = [mean, low, high].map((rate) => significant(100 * rate));
  return low >= 0 ? `${middle} (95% zeker: ${high >= 0 ? `${least} tot ${most}` : `minstens ${least}`})` : middle;
}

const bandWords = ({ ratioLow, ratioHigh }) => (Number.isNaN(ratioHigh) ? `minstens ${times(ratioLow)}` : `${significant(ratioLow)} tot ${times(ratioHigh)}`);

/** Whether the estimate lies outside what was counted. */
const pulled = ({ mean, low, high, addresses }) => mean < low / addresses || (high >= 0 && mean > high / addresses);

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
  const outcome = { [MORE]: `Meer dan in ${during(labelOf(model, layer, earlier))}`, [LESS]: `Minder dan in ${during(labelOf(model, layer, earlier))}`, [SAME]: "Niet aantoonbaar anders" }[change] ?? "Niet te vergelijken";
  const when = (start, each) => [sentence(labelOf(model, layer, start)), valueWords(each, words)];
  const facts = [when(earlier, before), when(later, after)];
  if (change !== null) facts.push(["Verschil in wat is geteld", gapWords(gap(row))], ["Toets op toeval", change === SAME ? "niet aantoonbaar anders" : `aantoonbaar ${change === MORE ? "meer" : "minder"}`]);
  facts.push([sentence(words.bases[layer.base][1]), number(row.addresses)]);
  return [
    h("p", { class: "waarde" }, h("strong", {}, outcome), h("span", {}, layer.unit)),
    h("p", { class: "klasseregel" }, swatch(scheme, rows.codeOf(row.unit)), h("span", {}, {
      [SAME]: "Ook als er echt meer of minder is geteld, kan dat toeval zijn: aantallen van deze grootte verschillen vaker zo veel zonder oorzaak. Dat is niet hetzelfde als gelijk gebleven.",
      null: before.value >= 0 && after.value >= 0 ? "Van beide perioden is alleen een ondergrens bekend." : "Een van beide perioden heeft hier geen cijfer. Dat is iets anders dan nul.",
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

/** Signals of the places that are shown, by place. @returns {Map<string, object[]>} */
export const signalsOf = onceFor(({ layer, level }, model) => {
  const found = new Map();
  if (layer.surroundings) return found;
  for (const each of model.header.signals) if (each.level === level && themesOf(layer).includes(each.theme)) found.set(each.zone, [...(found.get(each.zone) ?? []), each]);
  return found;
});

function signalsHere(model, rows, row) {
  return (row && signalsOf(rows, model).get(row.id) || []).map((signal) => h("div", { class: "signaal" },
    h("h3", {}, `Signaal ${signal.id}: ${signal.strength}, betrouwbaarheid ${signal.reliability}`),
    h("ul", {}, ...signal.reasons.map((reason) => h("li", {}, reason))),
    signal.unknown ? h("p", { class: "zacht" }, `Onbekend: ${signal.unknown}`) : null,
    h("p", {}, `Advies: ${model.words.routes[signal.route] ?? signal.route}. `, h("bdi", {}, signal.advice))));
}

function courses(model, { layer, level, window, earlier, later }, chain) {
  const layers = layer.theme ? layersOf(model, layer.theme) : [layer];
  const found = layers.map((other) => [other, seriesFor(model, other.id, chain)]).filter(([, series]) => series);
  if (!found.length) return [];
  const unit = unitWord(found[0][1].windows), place = found.every(([, { region }]) => region === found[0][1].region) ? found[0][1].region : null;
  const caption = (other, { region }) => h("figcaption", {}, h("strong", {}, other.title), place ? "" : h("bdi", {}, ` in ${region.level} ${region.name}`));
  return [
    h("h3", {}, "Sinds wanneer?"),
    ...(level !== place?.level ? [h("p", { class: "uitleg" }, h("bdi", {}, place ? `Het verloop is bekend van ${place.level} ${place.name} als geheel.` : "Van elke laag staat hier het kleinste gebied om deze plek dat een eigen reeks heeft."))] : []),
    ...found.map(([other, series]) => h("figure", {}, caption(other, series),
      h("p", { class: "sinds" }, sinceWords(series, model.words).join(" ")),
      trend(series, `${other.title} in ${series.region.name}`, model.words, window === null ? [earlier, later] : [window]))),
    h("p", { class: "zacht" }, `Aantallen per ${unit}, afgerond, met hun marge; elke grafiek heeft haar eigen schaal. Gearceerd: geen gegevens, of geen eigen reeks; dat is iets anders dan nul. `
      + `Elk aantal is apart afgerond, en een adres dat in meer perioden voorkomt, telt over de hele periode niet steeds opnieuw: de som is dus niet het aantal van de hele periode. `
      + `In één ${unit} is minder aan te tonen dan over de hele periode: de aantallen zijn kleiner.`),
  ];
}

/** When nothing is chosen: how to begin, and the strongest places of what is shown. */
export function startPanel(model, rows, act) {
  if (rows.layer.surroundings) return groundStart(rows);
  const { layer } = rows, units = [...Array(rows.size).keys()], named = model.words.levels[rows.level][1];
  const signals = rows.window === "" ? model.header.signals.filter((signal) => signal.strength !== DRAWN && signal.theme === themesOf(layer)[0]).slice(0, 6) : [];
  const { strongest, skipped } = rows.changeOf ? { strongest: [], skipped: 0 } : highestUnits(model, rows);
  const go = (row) => () => act.goUnit(rows.level, row.id);
  const list = (title, items, none) => (items.length ? [h("h3", {}, title), h("ol", { class: "lijst" }, ...items)] : [h("p", {}, none)]);
  const changed = () => list(`${sentence(named)} met een verschil: ${layer.title}`,
    units.filter((unit) => Math.abs(rows.changeOf(unit)) === 1).map((unit) => rows.unit(unit)).slice(0, 12).map((row) => item(
      row.region?.name ?? row.id, row.change === MORE ? "▲ meer" : "▼ minder", gapWords(gap(row)), go(row))),
    "Tussen deze twee perioden is nergens een verschil aantoonbaar. Dat is niet hetzelfde als geen verschil: bij kleine aantallen kan alleen een grote verandering opvallen.");
  const highest = () => list(`Hoogste ${named}: ${layer.title}`,
    strongest.map((unit) => rows.unit(unit)).map((row) => item(
      nameOf(model, rows, row), times(row.ratio), layer.theme ? plural(row.addresses, model.words.bases[layer.base]) : valueWords(row, model.words), go(row))),
    `Nergens is deze laag ${rows.window ? "in deze periode " : ""}anderhalf keer het gemiddelde of meer${skipped ? " door eigen cijfers" : ""}.`);
  return [
    h("h2", { id: "paneelkop" }, "Kies een plek"),
    h("p", {}, "Klik op de kaart, of druk op Enter voor het midden van de kaart. Hier staat dan wat er bekend is, hoe zeker dat is en waarom."),
    lookBack(model.header, act),
    ...(signals.length ? [h("h3", {}, "Sterkste signalen"), h("details", { class: "methode" }, h("summary", {}, "Wat betekenen sterk en betrouwbaar?"), h("p", { class: "zacht" }, model.words.strength)), h("ol", { class: "lijst" }, ...signals.map((signal) => item(
      signalName(model, signal), `${signal.id}, ${signal.strength}`, `betrouwbaarheid ${signal.reliability}`, () => act.goUnit(signal.level, signal.zone))))] : []),
    ...(rows.changeOf ? changed() : highest()),
    skipped ? h("p", { class: "zacht" }, `Niet genoemd: ${plural(skipped, model.words.levels[rows.level])} die alleen hoog ${skipped === 1 ? "is" : "zijn"} door een cijfer van een groter gebied.`) : null,
    h("p", { class: "let-op" }, CAVEAT),
  ].filter(Boolean);
}

const LISTED = 6, LOOKED_AT = 600;
/** The highest units, without those that are high by a figure of a larger area around them, and how many those are. */
function highestUnits(model, rows) {
  const order = [...rows.ratio.keys()].filter((unit) => rows.ratio[unit] >= NOTABLE).sort((a, b) => rows.ratio[b] - rows.ratio[a]), strongest = [];
  let skipped = 0;
  for (const unit of order.slice(0, LOOKED_AT)) {
    if (strongest.length === LISTED) break;
    if (highByItself(model, rows, unit)) strongest.push(unit);
    else skipped++;
  }
  return { strongest, skipped };
}

const directions = onceFor(() => []); // of the units of rows: a table can ask for all
/** Name of a unit: that of its region, and for a part of one where in it. */
export function nameOf(model, rows, { unit, id, region }) {
  if (!region || region.level === rows.level) return region?.name ?? id;
  const where = (directions(rows)[unit] ??= directionIn(model, region, rows.lattice, rows.set.cellsOf(unit)));
  return where ? `${region.name}, ${where}` : region.name;
}

/** The same of a point where no unit is. */
function directionAt(model, region, [lon, lat]) {
  const lattice = model.lattice(10), cell = cellAt(lattice, lon, lat);
  return directionIn(model, region, lattice, cell < 0 ? [] : [cell]);
}

/** Name of the place of a signal, as it is named wherever it is chosen. */
function signalName(model, { theme, level, zone, region }) {
  if (!model.layers.get(`thema:${theme}`)?.levels[level]) return region;
  const rows = model.units(`thema:${theme}|${level}`), unit = rows.set.find(zone);
  return unit < 0 ? region : nameOf(model, rows, rows.unit(unit));
}

const item = (name, strong, soft, go) => h("li", {}, h("button", { type: "button", click: go },
  h("bdi", { class: "naam" }, name), h("span", { class: "aantal" }, strong), h("span", { class: "zacht" }, soft)));
