// What is on screen, as one value that the address bar holds: a link shows what its sender saw.

import { readFragment, readView, writeFragment } from "./address.js";
import { LEVELS, askedAs } from "./model.js";
import { windowsOf } from "./periods.js";

/** One map; two windows beside one another; what the later of the two has more or less. */
export const VIEWS = ["kaart", "naast", "verschil"];
const LINES = ["spots", "borders", "names"];

/**
 * @typedef {{layer: string, wanted: string, period: string, other: string, view: string, shown: Record<string, boolean>,
 *   beamer: boolean, table: string, place: number[] | null, cell: string}} State
 * `period` and `other` are first days of windows, "" for the whole period; `place` is zoom, latitude, longitude.
 */

/** @returns {State} of a fragment; what it lacks or has wrong is as when the map is first opened. */
export function readState(model, fragment) {
  const given = readFragment(fragment), off = (given.uit ?? "").split(",");
  return tidy(model, {
    layer: model.layers.has(given.laag) ? given.laag : model.layers.keys().next().value,
    wanted: LEVELS.includes(given.niveau) ? askedAs(given.niveau) : "auto",
    period: given.periode ?? "", other: given.met ?? "", view: given.weergave ?? "kaart",
    shown: Object.fromEntries(LINES.map((name) => [name, !off.includes(name)])),
    beamer: given.beamer === "1",
    table: given.tabel ?? "",
    place: readView(given.beeld),
    cell: given.cel ?? "",
  });
}

/** Windows that the layer does not have are dropped, and a comparison has two that differ. Changes the state it gets. */
export function tidy(model, state) {
  const windows = windowsOf(model, model.layers.get(state.layer)), has = (start) => windows.some((window) => window.start === start);
  if (!has(state.period)) state.period = "";
  if (!VIEWS.includes(state.view) || windows.length < 2) state.view = "kaart";
  if (state.view === "kaart") state.other = "";
  else {
    if (!state.period) state.period = windows[windows.length - 1].start;
    if (!has(state.other) || state.other === state.period) state.other = windowBefore(windows, state.period);
  }
  return state;
}

/** The window to compare with at first: the same one a year before, else the first that is not this one. */
export function windowBefore(windows, period) {
  const before = `${Number(period.slice(0, 4)) - 1}${period.slice(4)}`;
  return (windows.find(({ start }) => start === before) ?? windows.find(({ start }) => start !== period)).start;
}

/** @param {State} state @returns {string} fragment without "#" */
export function writeState(state) {
  return writeFragment({
    laag: state.layer, niveau: state.wanted, periode: state.period, met: state.other,
    weergave: state.view === "kaart" ? "" : state.view,
    beeld: `${state.place[0]},${state.place[1].toFixed(5)},${state.place[2].toFixed(5)}`,
    cel: state.cell, uit: LINES.filter((name) => !state.shown[name]).join(","), tabel: state.table, beamer: state.beamer ? "1" : "",
  });
}
