// Left panel: which layer and level are shown, and what the colours mean.

import { h, swatch } from "./dom.js";
import { LEVELS, countCodes, shownLevel } from "./model.js";
import { CODES } from "./palette.js";
import { number, perThousand, plural, sentence } from "./words.js";

/** Radio buttons of all layers, by theme; a layer stands under the theme it weighs most in. */
export function layerChoice(model, current, choose) {
  const themes = [...model.layers.values()].filter((layer) => layer.theme);
  const own = (layer) => Object.entries(layer.themes).sort(([, a], [, b]) => b - a)[0]?.[0];
  const option = (layer, kind) => h("label", { class: `laag ${kind}` },
    h("input", { type: "radio", name: "laag", value: layer.id, checked: layer.id === current, change: () => choose(layer.id) }),
    h("span", {}, layer.title));
  const groups = themes.map((composite) => {
    const layers = [...model.layers.values()].filter((layer) => layer.themes && own(layer) === composite.theme);
    return h("fieldset", {}, h("legend", {}, sentence(composite.theme)), option(composite, "geheel"), ...layers.map((layer) => option(layer, "deel")));
  });
  const rest = [...model.layers.values()].filter((layer) => layer.themes && !themes.some((theme) => theme.theme === own(layer)));
  if (rest.length) groups.push(h("fieldset", {}, h("legend", {}, "Lagen"), ...rest.map((layer) => option(layer, "deel"))));
  return groups;
}

/** Select for the level; `shown` is the level on screen now. */
export function levelChoice(model, layer, wanted, shown, choose) {
  const words = (level) => model.words.levels[level][1];
  const options = [h("option", { value: "auto", selected: wanted === "auto" }, `Automatisch (nu: ${words(shown)})`)];
  for (const level of LEVELS) {
    if (layer.levels[level]) options.push(h("option", { value: level, selected: wanted === level }, sentence(words(level))));
  }
  return h("select", { id: "niveau", change: (event) => choose(event.target.value) }, ...options);
}

/** Why the level on screen is not the one asked for; empty when it is. */
export function levelNote(model, layer, wanted, shown) {
  if (wanted === shown || shownLevel(layer, wanted) !== shown) return "";
  const finest = LEVELS.find((level) => layer.levels[level]);
  const reason = model.header.profile === "openbaar" ? "Openbare kaart" : sentence(model.words.withheld);
  return `${reason}: deze laag wordt niet per ${model.words.levels[wanted][0]} getoond${finest === shown ? "; dit is haar fijnste niveau." : "."}`;
}

/** Legend: a row per class and per kind of empty, with how many units have it. */
export function legend(model, rows, scheme) {
  const { layer, level } = rows, counts = countCodes(rows);
  const [one, many] = model.words.levels[level], base = model.words.bases[layer.base][1];
  const total = Math.max(1, ...[...counts].filter(([code]) => code < CODES.geen_adressen).map(([, count]) => count));
  const row = (code, label, count, unit) => h("li", { "data-code": code },
    swatch(scheme, code), h("span", { class: "woorden" }, label),
    h("span", { class: "staaf" }, bar(count / total, code < CODES.geen_adressen)),
    h("span", { class: "aantal", title: unit }, number(count)));
  const classes = layer.short.map((label, k) => row(CODES.class0 + k, k ? label : zeroWords(rows), counts.get(CODES.class0 + k) ?? 0, many)).reverse();
  const withheld = [...Array(rows.size).keys()].some((unit) => rows.statusOf(unit) === "onderdrukt");
  const empty = [
    [CODES.geen_adressen, `geen ${base}`, "cellen"],
    [CODES.geen_data, `${model.words.no_data}: de bron kijkt hier niet`, many],
    [CODES.onderdrukt, withheld ? model.words.withheld : "geen eigen cijfer op dit niveau", many],
    [CODES.blinde_vlek, model.words.blind_spot, many],
  ].filter(([code]) => counts.get(code) || (code === CODES.geen_data && !layer.theme) || (code === CODES.blinde_vlek && layer.theme))
    .map(([code, label, unit]) => row(code, label, counts.get(code) ?? 0, unit));
  return [
    h("h3", {}, layer.title),
    h("p", { class: "zacht" }, layer.theme
      ? "De lagen van dit thema samen, vergeleken met het gemiddelde van de regio."
      : `${sentence(layer.unit)}, vergeleken met het gemiddelde van de regio${layer.rate > 0 ? `: ${perThousand(layer.rate)} per 1.000 ${base}` : ""}.`),
    h("div", { class: "kolomkop", "aria-hidden": "true" }, h("span", {}, "keer het gemiddelde"), h("span", {}, "aantal")),
    h("ul", { class: "klassen", "aria-label": `Klassen, met het aantal ${many}` }, ...classes),
    h("ul", { class: "klassen leeg", "aria-label": "Geen klasse" }, ...empty),
    h("p", { class: "zacht" }, `${plural(rows.size, [one, many])} in totaal.`),
  ];
}

/** Words of class 0 at a level: what a published 0 stands for there. */
export function zeroWords({ layer, b, size, classes, unit }) {
  if (layer.theme) return layer.short[0];
  const highs = new Set();
  for (let k = 0; k < size; k++) if (classes[k] === 0) highs.add(unit(k).high);
  if (highs.size > 1) return "afgerond 0"; // sums of several zones
  return `0 tot ${number(highs.size ? [...highs][0] : b - 1)}`;
}

function bar(share, filled) {
  const element = h("i", { class: filled ? "vol" : "" });
  element.style.width = `${Math.round(100 * Math.min(1, share))}%`;
  return element;
}

/** Rows for the outlines, each with a box to switch it. */
export function lineChoice(model, shown, toggle) {
  const row = (name, label, kind) => h("label", { class: "lijnsoort" },
    h("input", { type: "checkbox", checked: shown[name], change: (event) => toggle(name, event.target.checked) }),
    kind && h("i", { class: `lijn ${kind}`, "aria-hidden": "true" }), h("span", {}, label));
  return [
    row("spots", "Hotspots en coldspots", "spots"),
    row("borders", "Grenzen van buurten", "grens"),
    row("names", "Namen van buurten", ""),
    h("p", { class: "zacht" }, "▲ rood omlijnd: hotspot, een groep met opvallend veel. ▼ blauw gestreept: coldspot, opvallend weinig. Getoetst, met correctie voor toeval."),
  ];
}
