// What is shown as a picture: the map or maps at twice the size, with all that a reader of the picture alone must know.

import { scaleBar, scaleWords } from "./labels.js";
import { worldX, worldY, metresPerWorld } from "./mercator.js";
import { number } from "./words.js";

const RATIO = 2, EDGE = 24, SIDE = 270, LEGEND = SIDE - 22, GAP = 8;
const WATER = "#e4e8ec"; // around the area; as in tokens.css
const FONT = 'system-ui, "Segoe UI", Roboto, sans-serif';

/**
 * @param {{maps: {title: string, paint: Function[]}[], centre: {lat: number, lng: number}, zoom: number, width: number, height: number}} view
 *   size of one map in CSS pixels
 * @param {{title: string, under: string, marks: string[], legend: {title: string, text: string, rows: {code: number, label: string, count: number}[], marks: string[][]},
 *   foot: string[], watermark: string}} texts
 * @returns {HTMLCanvasElement}
 */
export function pictureOf({ maps, centre, zoom, width, height }, texts, scheme, colours) {
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  const wide = EDGE * 2 + maps.length * width + (maps.length - 1) * GAP + SIDE;
  const pen = penOn(context, colours);
  const foot = texts.foot.flatMap((text) => pen.broken(text, 12, wide - 2 * EDGE));
  const head = maps.length > 1 ? 92 : 70, legendHigh = legendHeight(pen, texts.legend);
  const mapsHigh = Math.max(height, legendHigh);
  canvas.width = wide * RATIO;
  canvas.height = (EDGE + head + mapsHigh + 18 + foot.length * 17 + EDGE) * RATIO;
  context.scale(RATIO, RATIO);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, wide, canvas.height / RATIO);

  pen.text(texts.title, EDGE, EDGE + 18, 21, { weight: 680, most: wide - 2 * EDGE });
  pen.text(texts.under, EDGE, EDGE + 42, 13, { soft: true, most: wide - 2 * EDGE - 540 });
  pen.text(texts.marks.join("   ·   "), wide - EDGE, EDGE + 42, 13, { weight: 600, align: "right", most: 520 });

  maps.forEach(({ title, paint }, k) => {
    const left = EDGE + k * (width + GAP), top = EDGE + head;
    if (maps.length > 1) pen.text(title, left, top - 10, 14, { weight: 650, most: width });
    context.drawImage(mapPicture(paint, centre, zoom, { x: width, y: height }, RATIO), left, top, width, height);
    context.strokeStyle = colours.ink;
    context.strokeRect(left, top, width, height);
  });
  scaleAndNorth(context, pen, centre, zoom, EDGE + 12, EDGE + head + height - 14);
  if (texts.watermark) pen.text(texts.watermark, EDGE + width - 16, EDGE + head + height - 16, 44, { weight: 800, align: "right", colour: "rgb(138 75 0 / 32%)", most: width });
  paintLegend(context, pen, texts.legend, scheme, colours, wide - EDGE - LEGEND, EDGE + head);
  foot.forEach((line, k) => pen.text(line, EDGE, EDGE + head + mapsHigh + 26 + k * 17, 12, { soft: true, most: wide }));
  return canvas;
}

/** One map as an opaque picture of `ratio` pixels per CSS pixel. @param {Function[]} paint from the lowest to the highest */
export function mapPicture(paint, { lat, lng }, zoom, { x: width, y: height }, ratio) {
  const canvas = document.createElement("canvas"), scale = 256 * 2 ** zoom * ratio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  const view = { x: worldX(lng) - canvas.width / 2 / scale, y: worldY(lat) - canvas.height / 2 / scale, scale, ratio };
  const part = { left: 0, top: 0, width: canvas.width, height: canvas.height };
  for (const each of paint) {
    const layer = document.createElement("canvas");
    layer.width = canvas.width; layer.height = canvas.height;
    each(layer.getContext("2d"), view, part);
    if (each === paint[0]) { context.fillStyle = WATER; context.fillRect(0, 0, canvas.width, canvas.height); }
    context.drawImage(layer, 0, 0);
  }
  return canvas;
}

function scaleAndNorth(context, pen, { lat }, zoom, left, bottom) {
  const { metres, pixels } = scaleBar(metresPerWorld(lat) / (256 * 2 ** zoom), 120);
  context.fillStyle = "rgb(255 255 255 / 88%)";
  context.fillRect(left - 4, bottom - 30, pixels + 46, 36);
  context.fillStyle = context.strokeStyle = "#16191d";
  context.beginPath();
  context.moveTo(left + 8, bottom - 26); context.lineTo(left + 2, bottom - 14); context.lineTo(left + 14, bottom - 14);
  context.fill();
  pen.text("N", left + 8, bottom, 12, { weight: 700, align: "center" });
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(left + 28, bottom - 12); context.lineTo(left + 28, bottom); context.lineTo(left + 28 + pixels, bottom); context.lineTo(left + 28 + pixels, bottom - 12);
  context.stroke();
  pen.text(scaleWords(metres), left + 28 + pixels / 2, bottom - 5, 12, { align: "center" });
}

const ROW = 17;
const legendLines = (pen, { rows }) => rows.map(({ label }) => pen.broken(label, 12.5, LEGEND - 84));
function legendHeight(pen, legend) {
  return 26 + pen.broken(legend.title, 15, LEGEND, 650).length * 19 + pen.broken(legend.text, 12, LEGEND).length * 16 + legendLines(pen, legend).reduce((sum, lines) => sum + lines.length * ROW + 6, 0)
    + legend.marks.reduce((sum, [, , label]) => sum + pen.broken(label, 12.5, LEGEND - 33).length * ROW + 6, 0);
}

function paintLegend(context, pen, legend, scheme, colours, left, top) {
  let y = top + 14;
  for (const line of pen.broken(legend.title, 15, LEGEND, 650)) { pen.text(line, left, y, 15, { weight: 650 }); y += 19; }
  for (const line of pen.broken(legend.text, 12, LEGEND)) { pen.text(line, left, y, 12, { soft: true }); y += 16; }
  y += 12;
  const colour = { heet: colours.hot, koud: colours.cold, plek: "#000" };
  legendLines(pen, legend).forEach((lines, k) => {
    const { code, count } = legend.rows[k];
    context.save();
    context.translate(left, y - 12);
    context.fillStyle = context.createPattern(scheme.tile(code), "repeat");
    context.fillRect(0, 0, 24, 16);
    context.strokeStyle = "rgb(20 25 30 / 45%)";
    context.lineWidth = 1;
    context.strokeRect(0, 0, 24, 16);
    context.restore();
    lines.forEach((line, n) => pen.text(line, left + 33, y + n * ROW, 12.5));
    pen.text(number(count), left + LEGEND, y, 12.5, { align: "right" });
    y += lines.length * ROW + 6;
  });
  for (const [kind, sign, label] of legend.marks) {
    context.strokeStyle = colour[kind];
    context.lineWidth = 2.5;
    context.setLineDash(kind === "koud" ? [4, 3] : []);
    context.strokeRect(left + 1, y - 11, 22, 14);
    context.setLineDash([]);
    pen.text(sign, left + 12, y + 1, 11, { align: "center", colour: colour[kind] });
    for (const line of pen.broken(label, 12.5, LEGEND - 33)) { pen.text(line, left + 33, y, 12.5); y += ROW; }
    y += 6;
  }
}

/** Text that never runs out of its room: `text` shortens, `broken` breaks into lines. */
function penOn(context, colours) {
  const set = (size, weight) => { context.font = `${weight} ${size}px ${FONT}`; };
  return {
    text(words, x, y, size, { weight = 400, soft = false, align = "left", most = Infinity, colour } = {}) {
      set(size, weight);
      context.textAlign = align;
      context.textBaseline = "alphabetic";
      context.fillStyle = colour ?? (soft ? colours.ink_soft : colours.ink);
      let shown = words;
      while (shown.length > 1 && context.measureText(shown).width > most) shown = `${shown.slice(0, Math.floor(shown.length * 0.95) - 1)}…`;
      context.fillText(shown, x, y);
    },
    broken(words, size, most, weight = 400) {
      set(size, weight);
      const lines = [""];
      for (const word of words.slice(0, 600).split(" ")) {
        const last = lines[lines.length - 1], longer = last ? `${last} ${word}` : word;
        if (last && context.measureText(longer).width > most) lines.push(word);
        else lines[lines.length - 1] = longer;
      }
      return lines;
    },
  };
}
