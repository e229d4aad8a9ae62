// The same numbers as a table: sortable, searchable, twenty rows at a time, so that 20,000 rows stay quick.

import { h } from "./dom.js";
import { zeroWords } from "./legend.js";
import { number, perThousand, plural, sentence, significant, valueWords } from "./words.js";

const PAGE = 20;

/** Columns for a layer: [key, title, text of a row, number to sort by]. */
export function columnsFor(model, rows) {
  const { layer, level } = rows, { words } = model, base = words.bases[layer.base][1];
  const label = (row) => (row.class < 0 ? valueWords(row, words) || (layer.theme ? words.blind_spot : words.no_data)
    : row.class === 0 && !layer.theme ? zero : layer.classes[row.class]);
  const named = level === "buurt" || level === "wijk", zero = zeroWords(rows);
  const columns = [
    { key: "naam", title: named ? sentence(words.levels[level][0]) : "Buurt", text: (row) => row.region?.name ?? "", words: true },
    { key: "code", title: named ? "Code" : sentence(words.levels[level][0]), text: (row) => row.id, words: true, soft: true },
    { key: "adressen", title: sentence(base), text: (row) => number(row.addresses), by: (row) => row.addresses },
  ];
  if (!layer.theme) {
    columns.push(
      { key: "aantal", title: "Aantal", text: (row) => valueWords(row, words), by: (row) => row.value },
      { key: "per1000", title: "Per 1.000 (95%)", by: (row) => row.mean,
        text: (row) => (row.mean >= 0 ? `${perThousand(row.mean)} (${perThousand(row.rateLow)} tot ${perThousand(row.rateHigh)})` : "") });
  }
  columns.push(
    { key: "keer", title: "Keer regio", text: (row) => (row.ratio >= 0 ? significant(row.ratio) : ""), by: (row) => row.ratio },
    { key: "klasse", title: "Klasse", text: label, by: (row) => row.class, left: true },
    { key: "hotspot", title: "Hotspot", text: (row) => (row.hotspot === null ? "niet getoetst" : words.hotspots[row.hotspot]), words: true });
  return columns;
}

/** Units of a table in order. `by` is the key of a column; unknown values always come last. */
export function sorted(rows, columns, by, down, filter) {
  const column = columns.find(({ key }) => key === by) ?? columns[0];
  const wanted = filter.trim().toLocaleLowerCase("nl");
  const list = [];
  for (let unit = 0; unit < rows.size; unit++) {
    const row = rows.unit(unit);
    if (!wanted || columns.some((each) => each.words && each.text(row).toLocaleLowerCase("nl").includes(wanted))) list.push(row);
  }
  const collator = new Intl.Collator("nl", { numeric: true });
  const known = (value) => (value >= 0 ? value : null); // NaN and negative stand for no value
  return list.sort((a, b) => {
    if (!column.by) return (down ? -1 : 1) * collator.compare(column.text(a), column.text(b)) || a.unit - b.unit;
    const [p, q] = [known(column.by(a)), known(column.by(b))];
    if (p === null || q === null) return (p === null) - (q === null) || a.unit - b.unit;
    return (down ? q - p : p - q) || a.unit - b.unit;
  });
}

/** CSV for Dutch Excel: semicolons, a byte order mark, and no cell that could be taken for a formula. */
export function toCsv(columns, list) {
  const cell = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replace(/"/g, '""')}"`;
  const lines = [columns.map(({ title }) => cell(title)), ...list.map((row) => columns.map((column) => cell(column.text(row))))];
  return `\ufeff${lines.map((line) => line.join(";")).join("\r\n")}\r\n`;
}

/** A table that keeps its own sorting, filter and page; `show(rows)` fills it. */
export function createTable(model, { choose, announce }) {
  const state = { by: "keer", down: true, filter: "", page: 0, rows: null, chosen: null };
  const caption = h("p", { class: "zacht", id: "tabeluitleg" });
  const filter = h("input", { type: "search", id: "tabelfilter", autocomplete: "off", input: (event) => { state.filter = event.target.value; state.page = 0; fill(); } });
  const head = h("tr"), body = h("tbody");
  const table = h("table", { class: "cijfers", "aria-describedby": "tabeluitleg" }, h("thead", {}, head), body);
  const place = h("span", { role: "status" });
  const back = h("button", { type: "button", click: () => turn(-1) }, "Vorige"), next = h("button", { type: "button", click: () => turn(1) }, "Volgende");
  const save = h("button", { type: "button", click: () => download() }, "Opslaan als CSV");
  const element = h("div", {}, caption,
    h("div", { class: "tabelbalk" }, h("label", { for: "tabelfilter" }, "Zoek in de tabel"), filter, h("span", { class: "veer" }), place, back, next, save),
    h("div", { class: "rol", tabindex: 0, role: "region", "aria-label": "Tabel met cijfers" }, table));

  const pages = (list) => Math.max(1, Math.ceil(list.length / PAGE));
  function turn(by) { state.page += by; fill(); }
  function sortBy(column) {
    if (state.by === column.key) state.down = !state.down;
    else { state.by = column.key; state.down = Boolean(column.by); }
    state.page = 0;
    fill();
    head.querySelector(`[data-key="${state.by}"]`).focus();
    announce(`Gesorteerd op ${column.title}, ${state.down ? "aflopend" : "oplopend"}`);
  }
  function download() {
    const columns = columnsFor(model, state.rows), list = sorted(state.rows, columns, state.by, state.down, state.filter);
    const link = h("a", { href: URL.createObjectURL(new Blob([toCsv(columns, list)], { type: "text/csv" })), download: `${model.header.area}-${state.rows.layer.id.replace(":", "-")}-${state.rows.level}.csv` });
    link.click();
    URL.revokeObjectURL(link.href);
  }
  function fill() {
    const { rows } = state, columns = columnsFor(model, rows), list = sorted(rows, columns, state.by, state.down, state.filter);
    state.page = Math.min(Math.max(0, state.page), pages(list) - 1);
    const [one, many] = model.words.levels[rows.level];
    caption.replaceChildren(`${rows.layer.title} per ${one}. Kies een rij om de plek op de kaart te zien.`);
    head.replaceChildren(...columns.map((column) => {
      const active = column.key === state.by;
      return h("th", { scope: "col", class: column.by && !column.left ? "getal" : "", "aria-sort": active ? (state.down ? "descending" : "ascending") : null },
        h("button", { type: "button", "data-key": column.key, click: () => sortBy(column) }, column.title, h("span", { "aria-hidden": "true" }, active ? (state.down ? " ▼" : " ▲") : "")));
    }));
    body.replaceChildren(...list.slice(state.page * PAGE, (state.page + 1) * PAGE).map((row) => h("tr", { class: row.id === state.chosen ? "gekozen" : "", click: () => choose(rows.level, row.id) },
      ...columns.map((column, k) => (k === 0
        ? h("th", { scope: "row" }, h("button", { type: "button" }, h("bdi", {}, column.text(row) || row.id)))
        : h("td", { class: `${column.by && !column.left ? "getal" : ""} ${column.soft ? "code" : ""}` }, column.text(row)))))));
    place.replaceChildren(list.length ? `${number(state.page * PAGE + 1)} tot ${number(Math.min(list.length, (state.page + 1) * PAGE))} van ${plural(list.length, [one, many])}` : `Geen ${many} gevonden`);
    back.disabled = state.page === 0;
    next.disabled = state.page >= pages(list) - 1;
  }
  return {
    element,
    show(rows, chosen) {
      if (state.rows !== rows) state.page = 0;
      if (rows.layer.theme && (state.by === "aantal" || state.by === "per1000")) { state.by = "keer"; state.down = true; }
      Object.assign(state, { rows, chosen });
      fill();
    },
  };
}
