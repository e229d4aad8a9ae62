// Why a place has its score: what each layer of a theme says there, and how much of that is about the place itself.

import { h } from "./dom.js";
import { contributions, pointOf } from "./model.js";
import { listing, percentage, plural, significant, themesOf, times, valueWords } from "./words.js";

const AROUND = { res9: "het middelgrote vak eromheen", res8: "het grote vak eromheen" };
const HIGH = 3; // class from which a place is called high
export const NOTABLE = 1.5; // times the average from which a place is named as high

/** Share of a composite's score that comes from figures of the unit itself; the rest is of larger ones around it. */
export const ownShare = (parts) => parts.reduce((sum, part) => sum + part.own * (part.share ?? 0), 0);

/** Whether a figure is of the unit itself, for the most part. */
const isOwn = ({ own }) => own >= 0.5;

/** Score of the layers that have a figure of the unit itself, by themselves; NaN without one. */
export function ownScore(parts, highest) {
  const own = parts.filter((part) => isOwn(part) && part.ratio !== null), total = (value) => own.reduce((sum, part) => sum + part.weight * value(part), 0);
  return total(({ ratio }) => Math.min(ratio, highest)) / total(() => 1);
}

/** Whether a unit is high by its own figures, not only by that of a larger area around it; so is any unit of a layer by itself. */
export function highByItself(model, rows, unit) {
  if (!rows.layer.theme) return true;
  const parts = contributions(model, rows.layer.theme, rows.level, pointOf(rows.lattice, rows.set.cellsOf(unit)[0]));
  return ownScore(parts, model.header.highest_ratio) >= NOTABLE;
}

/** What each layer of the theme says here; for a composite with its share of the score. */
export function why(model, { rows, row, point }) {
  const { layer, level } = rows;
  if (!row) return [];
  const { class: group } = model.units(`${layer.id}|${level}`).unit(row.unit); // over the whole period
  if (group < 0) return [];
  const theme = themesOf(layer)[0];
  const parts = theme ? contributions(model, theme, level, point) : [];
  if (!parts.length) return [];
  const most = Math.max(3, ...parts.map(({ ratio }) => ratio ?? 0)), span = rows.window === "" ? "" : ", over de hele periode";
  return [
    h("h3", {}, layer.theme ? (group >= HIGH ? "Waarom is deze plek hoog?" : "Hoe komt dit cijfer tot stand?") : `Alle lagen van het thema ${theme} hier${span}`),
    ...(layer.theme ? [h("p", { class: "uitleg kern" }, explanation(model, parts, level))] : []),
    h("ul", { class: "bijdragen" }, ...parts.map((part) => contribution(model, part, most, level, Boolean(layer.theme)))),
    h("p", { class: "zacht" }, `De streep is het gemiddelde van de regio (1 keer).${parts.some((part) => !isOwn(part) && part.ratio !== null) ? " Gestreept: een cijfer van een groter gebied hieromheen." : ""}`),
  ];
}

function explanation(model, parts, level) {
  const one = model.words.levels[level][0];
  const strong = parts.filter(({ ratio, share }) => ratio >= NOTABLE && share >= 0.2).slice(0, 2);
  const silent = parts.filter(({ ratio }) => ratio === null).map(({ layer }) => layer.title);
  const cause = (part) => `${part.layer.title} (${times(part.ratio)} het gemiddelde${isOwn(part) ? "" : ", in het hele gebied eromheen"})`;
  return [
    strong.length ? `Vooral door ${listing(strong.map(cause))}.` : "Geen enkele laag steekt hier duidelijk boven het gemiddelde uit.",
    strong.every(isOwn) ? "" : ownWords(model, parts, one),
    silent.length ? `Zonder cijfer hier: ${listing(silent)}.` : "",
  ].filter(Boolean).join(" ");
}

/** What is known of the place itself where its score leans on a larger area. */
function ownWords(model, parts, one) {
  const around = percentage(1 - ownShare(parts)), score = ownScore(parts, model.header.highest_ratio);
  return score >= NOTABLE
    ? `${around} van de score komt van een groter gebied; de eigen cijfers van deze ${one} zijn samen ${times(score)} het gemiddelde.`
    : `${around} van de score komt van een groter gebied. Deze ${one} heeft zelf geen hoge cijfers.`;
}

function contribution(model, part, most, asked, composite) {
  const { layer, level, row, ratio, share } = part, { words } = model, around = !isOwn(part);
  const bar = h("i", { class: ratio === null ? "gat" : around ? "eromheen" : "vol" });
  bar.style.width = `${ratio === null ? 100 : Math.max(1, (100 * Math.min(ratio, most)) / most)}%`;
  const mean = h("b", {});
  mean.style.left = `${100 / most}%`;
  const text = ratio === null ? (row ? valueWords(row, words) : words.no_addresses) : `${significant(ratio)} keer`;
  const known = ratio !== null && row;
  const extra = [
    known ? valueWords(row, words) : "",
    known && around ? `in ${AROUND[level] ?? `de hele ${level} ${row.region?.name ?? ""}`} (${plural(row.addresses, words.bases[layer.base])}), niet in deze ${words.levels[asked][0]} alleen` : "",
    composite && share !== null ? `${percentage(share)} van de score` : "",
  ].filter(Boolean).join(", ");
  return h("li", {},
    h("div", { class: "rij" }, h("span", {}, layer.title), h("span", { class: "aantal" }, text)),
    h("div", { class: "baan", "aria-hidden": "true" }, bar, mean),
    extra ? h("div", { class: "zacht" }, h("bdi", {}, extra)) : null);
}
