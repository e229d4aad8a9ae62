// Small bar chart of a series, with the same in words. Missing and withheld windows are hatched, never drawn as zero.

import { h, svg } from "./dom.js";
import { number, windowWords } from "./words.js";

const WIDTH = 300, HEIGHT = 74, FOOT = 14, HEAD = 10;

/**
 * @param {{region: object, windows: {start: string, label: string, value: number, low: number, high: number}[]}} series
 * @param {string[]} [marked] first days of the windows that the map shows
 */
export function trend({ windows }, title, words, marked = []) {
  const end = ({ value, high }) => (high < 0 ? value * 1.25 : high); // "or more" has no end; its line runs off the bar
  const top = Math.max(1, ...windows.filter(({ value }) => value >= 0).map(end));
  const step = WIDTH / windows.length, y = (value) => HEIGHT - (HEIGHT - 4) * (Math.min(value, top) / top);
  const chart = svg("svg", { viewBox: `0 ${-HEAD} ${WIDTH} ${HEAD + HEIGHT + FOOT}`, class: "verloop", role: "img", "aria-label": summary(windows, title, words) });
  chart.append(svg("defs", {}, svg("pattern", { id: "arcering", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("line", { x1: 0, y1: 0, x2: 0, y2: 6, class: "arceerlijn" }))));
  windows.forEach((window, k) => {
    const { start, label, value } = window, x = k * step + 1, width = Math.max(1, step - 2), middle = x + width / 2;
    const name = svg("title");
    name.textContent = `${label}: ${windowWords(window, words)}`;
    const group = svg("g", {}, name), here = marked.includes(start);
    if (here) group.append(svg("rect", { x: x - 0.5, y: 0, width: width + 1, height: HEIGHT, class: "nu" }));
    if (value < 0) group.append(svg("rect", { x, y: 4, width, height: HEIGHT - 4, class: "gat", fill: "url(#arcering)" }));
    else {
      group.append(svg("rect", { x, y: Math.min(y(value), HEIGHT - 1.5), width, height: Math.max(1.5, HEIGHT - y(value)), class: here ? "staafje hier" : "staafje" }));
      group.append(svg("line", { x1: middle, x2: middle, y1: y(window.low), y2: y(end(window)), class: "marge" }));
    }
    chart.append(group);
    if (start.slice(5, 7) === "01" || k === 0) {
      const year = svg("text", { x: x + 1, y: HEIGHT + 11, class: "jaar" });
      year.textContent = step * 4 > 26 || k === 0 ? start.slice(0, 4) : `’${start.slice(2, 4)}`;
      chart.append(svg("line", { x1: x - 1, x2: x - 1, y1: 0, y2: HEIGHT + 4, class: "jaarlijn" }), year);
    }
  });
  const scale = svg("text", { x: 0, y: -2, class: "jaar" });
  scale.textContent = `${number(Math.round(top))}`;
  chart.append(svg("line", { x1: 0, x2: WIDTH, y1: 4, y2: 4, class: "schaallijn" }), svg("line", { x1: 0, x2: WIDTH, y1: HEIGHT, y2: HEIGHT, class: "jaarlijn" }), scale);
  const table = h("div", { class: "alleen-voorlezen" }, h("table", {}, h("caption", {}, title),
    ...windows.map((window) => h("tr", {}, h("th", { scope: "row" }, window.label), h("td", {}, windowWords(window, words))))));
  return h("div", {}, chart, table);
}

function summary(windows, title, words) {
  const known = windows.filter(({ value }) => value >= 0);
  if (!known.length) return `${title}: geen gegevens`;
  const high = known.reduce((a, c) => (c.value > a.value ? c : a));
  const gaps = windows.length - known.length;
  return `${title}: hoogste waarde in ${high.label}, ${windowWords(high, words)}${gaps ? `; ${gaps} zonder cijfer` : ""}`;
}
