// Left panel: which layer and level are shown, and what the colours mean.

import { h, swatch } from "./dom.js";
import { LEVELS, askedAs, codeOfUnits, countCodes, layersOf, onceFor, shownLevel } from "./model.js";
import { CODES } from "./palette.js";
import { labelOf, windowsOf } from "./periods.js";
import { groups, spots } from "./scene.js";
import { unitWord } from "./since.js";
import { groundChoice, groundClasses, groundLegend, measureWord, sourceWords, surroundingsOf } from "./surroundings.js";
import { NO_SERIES, during, listing, number, perThousand, sentence, themesOf } from "./words.js";

const NOTHING = "Over dit gebied is geen enkel cijfer over meldingen te tonen: er zijn te weinig adressen, of geen bron kijkt hier. Dat is iets anders dan nul.";

/** Radio buttons of all layers, by theme; a layer stands under the theme it weighs most in. The surroundings fold away unless they are `open` or chosen. */
export function layerChoice(model, current, choose, open) {
  const themes = [...model.layers.values()].filter((layer) => layer.theme);
  const own = (layer) => themesOf(layer)[0];
  const option = (layer, kind, more = "") => h("label", { class: `laag ${kind}` },
    h("input", { type: "radio", name: "laag", value: layer.id, checked: layer.id === current, change: () => choose(layer.id) }),
    h("span", {}, layer.title, more ? h("small", {}, more) : null));
  const groups = themes.map((composite) => {
    const layers = [...model.layers.values()].filter((layer) => layer.themes && own(layer) === composite.theme);
    return h("fieldset", {}, h("legend", { class: "alleen-voorlezen" }, sentence(composite.theme)), option(composite, "geheel"), ...layers.map((layer) => option(layer, "deel")));
  });
  const rest = [...model.layers.values()].filter((layer) => layer.themes && !themes.some((theme) => theme.theme === own(layer)));
  if (rest.length) groups.push(h("fieldset", {}, h("legend", {}, "Lagen"), ...rest.map((layer) => option(layer, "deel"))));
  const around = groundChoice(surroundingsOf(model), option, open || model.layers.get(current).surroundings);
  if (!around) return groups;
  return [h("div", { class: "meldingen" }, ...(groups.length ? groups : [h("p", { class: "zacht" }, NOTHING)])), around];
}

/** Select for the level; `shown` is the level on screen now. */
export function levelChoice(model, layer, wanted, shown, choose) {
  const words = (level) => model.words.levels[level][1];
  const options = [h("option", { value: "auto", selected: wanted === "auto" }, `Auto (nu ${words(shown)})`)];
  for (const level of LEVELS) {
    if (layer.levels[level]) options.push(h("option", { value: askedAs(level), selected: wanted === askedAs(level) }, sentence(words(level))));
  }
  return h("select", { id: "niveau", change: (event) => choose(event.target.value) }, ...options);
}

/** Why the level on screen is not the one asked for; empty when it is. */
export function levelNote(model, layer, wanted, shown) {
  if (layer.surroundings || wanted === shown || shownLevel(layer, wanted) !== shown) return "";
  const finest = LEVELS.find((level) => layer.levels[level]);
  const reason = model.header.profile === "openbaar" ? "wordt deze laag op een openbare kaart niet getoond" : "is deze laag niet betrouwbaar genoeg";
  return `Getoond per ${model.words.levels[shown][0]}${finest === shown ? ", haar fijnste niveau" : ""}. Per ${model.words.levels[wanted][0]} ${reason}.`;
}

/** Legend: what is shown, and a row per class and per kind of empty with how many units have it. */
export function legend(model, rows, scheme) {
  const [one, many] = model.words.levels[rows.level];
  return [
    h("h3", {}, rows.layer.title),
    h("p", { class: "zacht" }, legendText(model, rows)),
    h("div", { class: "kolomkop", "aria-hidden": "true" }, h("span", {}, rows.layer.surroundings ? measureWord(rows.layer) : rows.changeOf ? "verschil" : "keer het gemiddelde"), h("span", {}, many)),
    ...legendRows(model, rows, scheme),
    rows.changeOf ? howTested(one, many)
      : h("ul", { class: "tekens", "aria-label": "Lijnen en tekens" }, ...marksOf(model, rows).map(([kind, sign, text]) => h("li", {}, h("i", { class: `teken ${kind}`, "aria-hidden": "true" }, sign), h("span", {}, text)))),
    rows.layer.surroundings && h("p", { class: "zacht" }, h("bdi", {}, sourceWords(rows.layer))),
  ].filter(Boolean);
}

/** What is drawn over the colours: [kind, sign, words]. */
export function marksOf(model, rows) {
  const found = [["plek", "", "gekozen plek"]], { layer: { theme }, level } = rows;
  if (rows.changeOf || rows.window || rows.layer.surroundings) return found;
  const [hot, cold] = Object.values(spots(rows)).map(groups);
  if (cold) found.unshift(["koud", "▼", `coldspot (${cold}): een groep met opvallend weinig`]);
  if (!hot) return found;
  const each = layersOf(model, theme).filter(({ levels }) => levels[level]).map(({ id, title }) => [title, groups(spots(model.units(`${id}|${level}`)).hot)]);
  const inEach = listing(each.filter(([, count]) => count).map(([title, count]) => `${title} (${count})`));
  return [["heet", "▲", inEach ? `hotspot, een groep met opvallend veel, in ${inEach}` : `hotspot (${hot}): een groep met opvallend veel`], ...found];
}

/** The lists of a legend: [classes, empties]. */
function legendRows(model, rows, scheme) {
  const { classes, empties } = counted(model, rows), many = model.words.levels[rows.level][1];
  const total = Math.max(1, ...classes.map(({ count }) => count));
  const list = (name, entries, filled) => h("ul", { class: `klassen ${filled ? "" : "leeg"} ${rows.layer.surroundings ? "breed" : ""}`, "aria-label": name }, ...entries.map(({ code, label, count, unit }) =>
    h("li", { "data-code": code }, swatch(scheme, code), h("span", { class: "woorden" }, label),
      filled && h("span", { class: "staaf" }, bar(count / total)), h("span", { class: "aantal", title: unit }, number(count)))));
  return [list(`Klassen, met het aantal ${many}`, classes, true), list("Geen klasse", empties, false)];
}

/** Classes and empties with how many units (or cells without a unit) have them. */
function counted(model, rows) {
  const counts = countCodes(rows), many = model.words.levels[rows.level][1], { theme } = rows.layer;
  const count = ([code, label, unit = many]) => ({ code, label, unit, count: counts.get(code) ?? 0 });
  const always = (code) => !rows.changeOf && code === (theme ? CODES.blinde_vlek : CODES.geen_data);
  return { classes: classEntries(rows).map(count), empties: emptyEntries(model, rows).map(count).filter((entry) => entry.count || always(entry.code)) };
}

/** The legend as one list, for a picture: title, what it compares, and rows of code, label and count. */
export function legendEntries(model, rows) {
  const { classes, empties } = counted(model, rows);
  return { title: rows.layer.title, text: legendText(model, rows), rows: [...classes, ...empties], marks: marksOf(model, rows) };
}

function legendText(model, rows) {
  const { layer, window, rate, earlier, later } = rows;
  if (layer.surroundings) return groundLegend(rows);
  const base = model.words.bases[layer.base][1];
  if (rows.changeOf) return `${sentence(during(labelOf(model, layer, later)))}, vergeleken met ${during(labelOf(model, layer, earlier))}. Alleen wat aantoonbaar verschilt is meer of minder.`;
  if (layer.theme) {
    const parts = layersOf(model, layer.theme).map(({ title }) => title);
    return `${listing(parts)}, gewogen; 1 is gemiddeld in de regio.`;
  }
  const average = rate > 0 ? `: ${perThousand(rate)} per 1.000 ${base}` : "";
  return `${sentence(layer.unit)}${window ? ` in ${during(labelOf(model, layer, window))}, in keer een gemiddeld ${unitWord(windowsOf(model, layer))}` : ", in keer het gemiddelde"} van de regio${average}.`;
}

/** Code and words of every class, the highest first. */
export function classEntries(rows) {
  if (rows.layer.surroundings) return groundClasses(rows);
  if (rows.changeOf) return [[CODES.meer, "▲ meer"], [CODES.niet_anders, "niet aantoonbaar anders"], [CODES.minder, "▼ minder"]];
  return rows.layer.short.map((label, k) => [CODES.class0 + k, k ? label : zeroWords(rows)]).reverse();
}

/** Code and words of every kind of empty. */
export function emptyEntries(model, rows) {
  if (rows.layer.surroundings) return [[CODES.geen_data, model.words.no_data]];
  const base = model.words.bases[rows.layer.base][1], none = [CODES.geen_adressen, `geen ${base}`, "cellen"];
  if (rows.changeOf) return [[CODES.niet_te_vergelijken, "niet te vergelijken: een periode heeft geen cijfer, of beide alleen een ondergrens"], [CODES.onderdrukt, "geen eigen cijfer op dit niveau"], none];
  const withheld = codeOfUnits(rows).includes(CODES.onderdrukt);
  return [
    none,
    [CODES.geen_data, `${model.words.no_data}: de bron kijkt hier niet`],
    [CODES.onderdrukt, rows.window ? NO_SERIES : withheld ? model.words.withheld : "geen eigen cijfer op dit niveau"],
    [CODES.blinde_vlek, model.words.blind_spot],
  ];
}

const howTested = (one, many) => h("details", { class: "methode" }, h("summary", {}, "Hoe is dit getoetst?"),
  h("p", { class: "zacht" }, `Meer of minder heet een ${one} alleen als het verschil te groot is voor toeval, ook bij de exacte aantallen die de afronding mogelijk laat en die het minst verschillen. `
    + "Toets: twee Poisson-aantallen, gegeven hun som binomiaal (Przyborowski en Wilenski 1940), tweezijdig, met de dagen van elke periode. "
    + `Correctie voor het aantal ${many} in de hele regio: Benjamini en Hochberg (1995), hooguit 5% toeval onder wat hier meer of minder heet. `
    + "Niet aantoonbaar anders is niet hetzelfde als gelijk. Wie veel paren van perioden bekijkt, vindt vroeg of laat ook toeval."));

/** Words of class 0 at a level: what a published 0 stands for there. */
export const zeroWords = onceFor(({ layer, b, size, classes, unit }) => {
  if (layer.theme) return layer.short[0];
  const highs = new Set();
  for (let k = 0; k < size; k++) if (classes[k] === 0) highs.add(unit(k).high);
  if (highs.size > 1) return "afgerond 0"; // sums of several zones
  return `0 tot ${number(highs.size ? [...highs][0] : b - 1)} geteld`;
});

function bar(share) {
  const element = h("i");
  element.style.width = `${Math.round(100 * Math.min(1, share))}%`;
  return element;
}

/** Rows for the outlines, each with a box to switch it. */
export function lineChoice(model, shown, toggle) {
  const row = (name, label, kind, more = "") => h("label", { class: `lijnsoort ${more}` },
    h("input", { type: "checkbox", checked: shown[name], change: (event) => toggle(name, event.target.checked) }),
    kind && h("i", { class: `lijn ${kind}`, "aria-hidden": "true" }), h("span", {}, label));
  return [
    row("spots", "Hotspots en coldspots", "spots", "vanmeldingen"),
    row("borders", "Grenzen van buurten", "grens"),
    row("names", "Namen van buurten", ""),
    h("p", { class: "zacht vanmeldingen" }, "Hotspots en coldspots zijn getoetst, met correctie voor toeval."),
  ];
}
