// The same numbers as a table: sortable, searchable, twenty rows at a time, so that 20,000 rows stay quick.

import { h } from "./dom.js";
import { classEntries, emptyEntries, zeroWords } from "./legend.js";
import { HOTSPOTS, chainOf, codeOfUnits } from "./model.js";
import { gapWords, nameOf, signalsOf } from "./panel.js";
import { LESS, MORE, NAMED, SAME, gap, labelOf } from "./periods.js";
import { save } from "./save.js";
import { groundColumns } from "./surroundings.js";
import { number, perThousand, plural, rateInterval, sentence, significant, valueWords } from "./words.js";

const PAGE = 20, LISTED_ONLY = "signaal";

/** Columns for what is shown: [key, title, text of a row, number to sort by]. */
export function columnsFor(model, rows) {
  const { layer, level } = rows, { words } = model;
  const named = NAMED.includes(level), one = sentence(words.levels[level][0]);
  const columns = [
    { key: "naam", title: named ? one : "Plek", text: (row) => nameOf(model, rows, row), words: true },
    { key: "code", title: named ? "Code" : one, text: (row) => row.id, soft: true },
  ];
  if (layer.surroundings) return [...columns, ...groundColumns(model, rows)];
  columns.push({ key: "adressen", title: sentence(words.bases[layer.base][1]), text: (row) => number(row.addresses), by: (row) => row.addresses });
  return [...columns, ...(rows.changeOf ? changeColumns(model, rows) : valueColumns(model, rows))];
}

function valueColumns(model, rows) {
  const { layer } = rows, { words } = model, zero = zeroWords(rows);
  const label = (row) => (row.class < 0 ? valueWords(row, words) || (layer.theme ? words.blind_spot : words.no_data)
    : row.class === 0 && !layer.theme ? zero : layer.classes[row.class]);
  const counts = [
    { key: "aantal", title: "Aantal", text: (row) => valueWords(row, words), by: (row) => row.value },
    { key: "per1000", title: "Per 1.000 (95%)", by: (row) => row.mean,
      text: (row) => (row.mean >= 0 ? `${perThousand(row.mean)} (${rateInterval(row.rateLow, row.rateHigh)})` : "") },
  ];
  const hotspot = { key: "hotspot", title: "Hotspot", text: (row) => (row.hotspot === null ? "niet getoetst" : words.hotspots[row.hotspot]), words: true };
  return [
    ...(layer.theme ? [] : counts),
    { key: "keer", title: "Keer regio", text: (row) => (row.ratio >= 0 ? significant(row.ratio) : ""), by: (row) => row.ratio },
    ...(layer.theme ? [{ key: "band", title: "Marge (95%)", text: (row) => (row.ratioLow >= 0 ? `${significant(row.ratioLow)} tot ${Number.isNaN(row.ratioHigh) ? "onbekend" : significant(row.ratioHigh)}` : ""), by: (row) => row.ratioLow }] : []),
    { key: "klasse", title: "Klasse", text: label, by: (row) => row.class, left: true },
    ...(rows.window ? [] : [hotspot]),
    ...(!hasSignals(model, rows) ? [] : [{ key: "signaal", title: "Signaal", text: (row) => signalWords(model, rows, row), words: true }]),
  ];
}

/** Signals are about the whole period. */
const hasSignals = (model, rows) => !rows.window && !rows.changeOf && signalsOf(rows, model).size > 0;

/** "D03 licht, mono": what the list of signals says of a place; empty where it does not name it. */
const signalWords = (model, rows, { id }) => (signalsOf(rows, model).get(id) ?? []).map((each) => `${each.id} ${each.strength}, ${each.route}`).join("; ");


function changeColumns(model, { layer, earlier, later }) {
  const { words } = model, when = (start) => sentence(labelOf(model, layer, start));
  const outcome = { [MORE]: "meer", [LESS]: "minder", [SAME]: "niet aantoonbaar anders" };
  const size = (row) => (row.change === null ? NaN : 1e6 * Math.abs(row.change) + Math.abs(row.after.value - row.before.value));
  return [
    { key: "eerder", title: when(earlier), text: (row) => valueWords(row.before, words), by: (row) => row.before.value },
    { key: "later", title: when(later), text: (row) => valueWords(row.after, words), by: (row) => row.after.value },
    { key: "verschil", title: "Verschil in wat is geteld", text: (row) => (row.change === null ? "" : gapWords(gap(row))), by: size, left: true },
    { key: "uitkomst", title: "Toets op toeval", text: (row) => outcome[row.change] ?? "niet te vergelijken", by: size, left: true },
  ];
}

/** What a table can be narrowed to: [value, words]; the value is a code of a class or a kind of empty, or a hot spot. */
export function filtersFor(model, rows) {
  const codes = codeOfUnits(rows);
  const entries = [...classEntries(rows), ...emptyEntries(model, rows)].filter(([code]) => codes.includes(code)).map(([code, label]) => [String(code), sentence(label)]);
  const spots = HOTSPOTS.slice(1).filter((_, k) => rows.hotspot?.includes(k + 1)).map((name) => [name, sentence(model.words.hotspots[name])]);
  return [["", "Alles"], ...(!hasSignals(model, rows) ? [] : [[LISTED_ONLY, "Op de signaallijst"]]), ...entries, ...spots];
}

/** Units of a table in order, as numbers. `by` is the key of a column; unknown values always come last. @returns {number[]} */
export function sorted(model, rows, columns, by, down, filter, only = "") {
  const column = columns.find(({ key }) => key === by) ?? columns[0];
  const wanted = filter.trim().toLowerCase(), codes = only && codeOfUnits(rows);
  const holds = (text) => text.toLowerCase().includes(wanted), known = new Map(); // few names and words, however many rows
  const told = (text) => known.get(text) ?? known.set(text, holds(text)).get(text);
  const has = (row) => holds(row.id) || columns.some((each) => each.words && told(each.text(row))) || chainOf(model, row.region).some(({ name }) => told(name));
  const units = [], keys = []; // what to sort by, per unit; NaN for unknown
  for (let unit = 0; unit < rows.size; unit++) {
    const row = rows.unit(unit);
    if (only === LISTED_ONLY ? !signalsOf(rows, model).has(row.id) : only && String(codes[unit]) !== only && row.hotspot !== only) continue;
    if (wanted && !has(row)) continue;
    units.push(unit);
    const value = column.by ? column.by(row) : column.text(row);
    keys[unit] = column.by && !column.signed && !(value >= 0) ? NaN : value; // negative stands for no value
  }
  if (!column.by) {
    const places = new Map([...new Set(units.map((unit) => keys[unit]))].sort(new Intl.Collator("nl", { numeric: true }).compare).map((text, k) => [text, k]));
    for (const unit of units) keys[unit] = places.get(keys[unit]);
  }
  return units.sort((a, b) => Number.isNaN(keys[a]) - Number.isNaN(keys[b]) || (down ? keys[b] - keys[a] : keys[a] - keys[b]) || a - b);
}

const NEGATIVE = /^-\d[\d.]*(,\d+)?$/; // a number, and no formula
/** CSV for Dutch Excel: semicolons, a byte order mark, and no cell that could be taken for a formula. */
export function toCsv(columns, list) {
  const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) && !NEGATIVE.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
  const lines = [columns.map(({ title }) => cell(title)), ...list.map((row) => columns.map((column) => cell(column.text(row))))];
  return `\ufeff${lines.map((line) => line.join(";")).join("\r\n")}\r\n`;
}

/** What a table is sorted by at first, and whether from high to low: what is near comes before what is far. */
const usual = ({ layer, changeOf }) => (layer.surroundings ? ["waarde", layer.kind !== "afstand"] : [changeOf ? "uitkomst" : "keer", true]);

/** A table that keeps its own sorting, filters and page; `show(rows)` fills it. */
export function createTable(model, { choose, announce, facts, changed }) {
  const state = { by: "keer", down: true, filter: "", only: "", page: 0, rows: null, chosen: null };
  const caption = h("p", { class: "zacht", id: "tabeluitleg" });
  const filter = h("input", { type: "search", id: "tabelfilter", autocomplete: "off", input: (event) => { state.filter = event.target.value; state.page = 0; fill(); changed(); } });
  const only = h("select", { id: "tabelklasse", change: (event) => { state.only = event.target.value; state.page = 0; fill(); changed(); } });
  const head = h("tr"), body = h("tbody");
  const table = h("table", { class: "cijfers", "aria-describedby": "tabeluitleg" }, h("thead", {}, head), body);
  const place = h("span", { role: "status" });
  const back = h("button", { type: "button", click: () => turn(-1) }, "Vorige"), next = h("button", { type: "button", click: () => turn(1) }, "Volgende");
  const keep = h("button", { type: "button", click: () => download() }, "Opslaan als CSV");
  const element = h("div", {}, caption,
    h("div", { class: "tabelbalk" }, h("label", { for: "tabelfilter" }, "Zoek in de tabel"), filter, h("label", { for: "tabelklasse" }, "Toon"), only,
      h("span", { class: "veer" }), place, back, next, keep),
    h("div", { class: "rol", tabindex: 0, role: "region", "aria-label": "Tabel met cijfers" }, table));

  const pages = (list) => Math.max(1, Math.ceil(list.length / PAGE));
  let last = { rows: null, order: "", units: [] }; // sorted once, however often a place is chosen
  const listed = (columns) => {
    const { rows, by, down, filter: words, only: code } = state, order = JSON.stringify([by, down, words, code]);
    if (last.rows !== rows || last.order !== order) last = { rows, order, units: sorted(model, rows, columns, by, down, words, code) };
    return last.units;
  };
  function turn(by) { state.page += by; fill(); }
  function sortBy(column) {
    if (state.by === column.key) state.down = !state.down;
    else { state.by = column.key; state.down = Boolean(column.by); }
    state.page = 0;
    fill();
    head.querySelector(`[data-key="${state.by}"]`).focus();
    announce(`Gesorteerd op ${column.title}, ${state.down ? "aflopend" : "oplopend"}`);
    changed();
  }
  function download() {
    const columns = columnsFor(model, state.rows), { name, list } = facts();
    const extra = list.map(([title, text]) => ({ title, text: () => text }));
    if (!NAMED.includes(state.rows.level)) extra.unshift({ title: "Buurt of wijk", text: ({ region }) => region?.name ?? "" }); // to add up by
    save(new Blob([toCsv([...columns, ...extra], listed(columns).map(state.rows.unit))], { type: "text/csv" }), `${name}.csv`);
  }
  function fill() {
    const { rows } = state, columns = columnsFor(model, rows);
    if (!columns.some(({ key }) => key === state.by)) [state.by, state.down] = usual(rows);
    const filters = filtersFor(model, rows);
    if (!filters.some(([value]) => value === state.only)) state.only = "";
    only.replaceChildren(...filters.map(([value, label]) => h("option", { value, selected: value === state.only }, label)));
    const list = listed(columns);
    state.page = Math.min(Math.max(0, state.page), pages(list) - 1);
    const [one, many] = model.words.levels[rows.level];
    caption.replaceChildren(`${facts().title} per ${one}. Kies een rij om de plek op de kaart te zien.`);
    head.replaceChildren(...columns.map((column) => {
      const active = column.key === state.by;
      return h("th", { scope: "col", class: column.by && !column.left ? "getal" : "", "aria-sort": active ? (state.down ? "descending" : "ascending") : null },
        h("button", { type: "button", "data-key": column.key, click: () => sortBy(column) }, column.title, h("span", { "aria-hidden": "true" }, active ? (state.down ? " ▼" : " ▲") : "")));
    }));
    body.replaceChildren(...list.slice(state.page * PAGE, (state.page + 1) * PAGE).map(rows.unit).map((row) => h("tr", { class: row.id === state.chosen ? "gekozen" : "", click: () => choose(rows.level, row.id) },
      ...columns.map((column, k) => (k === 0
        ? h("th", { scope: "row" }, h("button", { type: "button" }, h("bdi", {}, column.text(row))))
        : h("td", { class: `${column.by && !column.left ? "getal" : ""} ${column.soft ? "code" : ""}` }, column.text(row)))))));
    place.replaceChildren(list.length ? `${number(state.page * PAGE + 1)} tot ${number(Math.min(list.length, (state.page + 1) * PAGE))} van ${plural(list.length, [one, many])}` : `Geen ${many} gevonden`);
    back.disabled = state.page === 0;
    next.disabled = state.page >= pages(list) - 1;
  }
  return {
    element,
    download,
    show(rows, chosen) {
      if (state.rows !== rows) state.page = 0;
      if (state.rows && (state.rows.level !== rows.level || state.rows.layer !== rows.layer)) filter.value = state.filter = state.only = ""; // sought in another table
      Object.assign(state, { rows, chosen });
      fill();
    },
    /** Sorting and filters as one text for the address bar, and back. */
    remembered: () => [state.by, state.down ? "af" : "op", state.only, state.filter].join(",").replace(/^keer,af,,$/, ""),
    restore(text) {
      const [by, order, code, ...words] = (text || "keer,af,,").split(",");
      Object.assign(state, { rows: null, by, down: order !== "op", only: code ?? "", filter: words.join(","), page: 0 });
      filter.value = state.filter;
    },
  };
}
