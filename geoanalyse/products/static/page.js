// The page: what is chosen, and who has to know when that changes.

import { about } from "./about.js";
import { readFragment, readView, writeFragment } from "./address.js";
import { bordersOf } from "./borders.js";
import { decode } from "./decode.js";
import { byId, h, svg } from "./dom.js";
import { labelPlaces, paintLabels, scaleBar, scaleWords } from "./labels.js";
import { centreOf, neighbourOf } from "./lattice.js";
import { layerChoice, legend, levelChoice, levelNote, lineChoice, zeroWords } from "./legend.js";
import { latOf, lonOf, metresPerWorld, worldX, worldY } from "./mercator.js";
import { LEVELS, cellName, cellNamed, levelForWidth, makeModel, pointOf, regionAt, resolutionOf, shownLevel, unitAt } from "./model.js";
import { boxOf, outlines } from "./outline.js";
import { CODES, inkOf, tileOf } from "./palette.js";
import { placePanel, startPanel } from "./panel.js";
import { cellPixels, paintCells, paintLines, paintMarks, prepare, spots, trace } from "./scene.js";
import { createSearch } from "./search.js";
import { createSurface } from "./surface.js";
import { createTable } from "./table.js";
import { sentence, times, valueWords } from "./words.js";

const CLOSEST = 17; // zoom at which a cell fills a hand's width
const NEEDED = ["DecompressionStream", "ResizeObserver", "Path2D", "DOMMatrix", "TextDecoder", "URLSearchParams"];
const HOT = 1, COLD = 2; // positions in HOTSPOTS

/** Build the page around a model and keep it up to date. */
export function openMap(model) {
  const { header } = model, { colours } = header;
  const ink = inkOf(colours), tiles = new Map();
  const scheme = { tile: (code) => { if (!tiles.has(code)) tiles.set(code, tileOf(ink, code)); return tiles.get(code); } };
  const given = readFragment(location.hash);
  const state = {
    layer: model.layers.has(given.laag) ? given.laag : model.layers.keys().next().value,
    wanted: LEVELS.includes(given.niveau) ? given.niveau : "auto",
    point: null, // the chosen place: [lon, lat] of a cell's centre
    shown: { spots: true, borders: true, names: true },
  };
  const layer = () => model.layers.get(state.layer);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const announce = (text) => { byId("melding").textContent = text; };

  // --- the map -------------------------------------------------------------------------------------------------------
  const map = L.map("kaart", {
    zoomControl: false, attributionControl: false, zoomSnap: 0.25, wheelPxPerZoomLevel: 90, maxZoom: CLOSEST,
    zoomAnimation: !still, inertia: !still, fadeAnimation: false, markerZoomAnimation: false, bounceAtZoomLimits: false,
  });
  const [[west, south], [east, north]] = header.bounds;
  const area = L.latLngBounds([south, west], [north, east]).pad(0.02);
  const fitting = { paddingTopLeft: [12, 56], paddingBottomRight: [12, 12], animate: !still }; // clear of what lies over the map
  map.fitBounds(area, { ...fitting, animate: false });
  map.setMinZoom(map.getZoom() - 2);
  map.setMaxBounds(area.pad(1));
  const view = readView(given.beeld);
  if (view) map.setView([view[1], view[2]], view[0], { animate: false });

  const worldPerPixel = () => 1 / (256 * 2 ** map.getZoom());
  const res10 = () => cellPixels(10, { scale: 1 / worldPerPixel(), y: worldY(map.getCenter().lat) });
  const level = () => shownLevel(layer(), state.wanted === "auto" ? levelForWidth(res10()) : state.wanted);
  const rows = () => model.units(`${state.layer}|${level()}`);
  const prepared = new Map();
  const scene = () => {
    const key = `${state.layer}|${level()}`;
    if (!prepared.has(key)) prepared.set(key, prepare(model.units(key), ink, colours));
    return prepared.get(key);
  };
  let drawn = level(), borders = null, places = null;

  const cells = createSurface(map, { pad: 0.2, shifts: true, className: "cellen", paint: (context, at, part) => {
    const current = scene(), wide = res10();
    paintCells(context, at, part, current);
    if (borders) {
      paintLines(context, at, part, borders.context, { colour: "#a3a9b0", width: 0.8 });
      if (state.shown.borders) {
        if (wide > 5) paintLines(context, at, part, borders.buurten, { colour: "rgba(40,44,48,.55)", width: wide > 20 ? 1.3 : 0.9 });
        paintLines(context, at, part, borders.wijken, { colour: `rgba(40,44,48,${wide > 5 ? 0.8 : 0.6})`, width: wide > 20 ? 2 : wide > 5 ? 1.4 : 0.8 });
      }
      paintLines(context, at, part, borders.area, { colour: colours.ink, width: 2 });
    }
    if (state.shown.spots) {
      current.hot ??= spots(current.rows, HOT);
      current.cold ??= spots(current.rows, COLD);
      const small = cellPixels(current.rows.lattice.resolution, at) / at.ratio < 11;
      paintLines(context, at, part, current.cold, { colour: colours.cold, width: small ? 1.8 : 2.4, dash: [7, 4], halo: "#fff" });
      paintLines(context, at, part, current.hot, { colour: colours.hot, width: small ? 1.8 : 2.8, halo: "#fff" });
      paintMarks(context, at, part, current.cold, { colour: colours.cold, up: false });
      paintMarks(context, at, part, current.hot, { colour: colours.hot, up: true });
    }
  } });
  const top = createSurface(map, { pad: 0, shifts: false, className: "namen", paint: (context, at, part) => {
    if (places && state.shown.names) paintLabels(context, at, part, places, { ink: colours.ink, inkSoft: colours.ink_soft, cell: res10() });
    const rings = state.point ? ringsAt(state.point) : null;
    if (rings) {
      const shape = [{ rings, box: boxOf(rings) }];
      paintLines(context, at, part, shape, { colour: "#fff", width: 6 });
      paintLines(context, at, part, shape, { colour: "#000", width: 3 });
    }
  } });

  function ringsAt([lon, lat]) {
    const current = rows(), { cell, unit } = unitAt(current, lon, lat);
    if (cell < 0 || unit < -2) return null;
    const own = unit >= 0 ? (other) => (other >= 0 && current.set.ofCell[other] === unit ? 0 : -1) : (other) => (other === cell ? 0 : -1);
    return outlines(current.lattice, unit >= 0 ? current.set.cellsOf(unit) : [cell], own).get(0);
  }

  function makeBorders() {
    borders = bordersOf(model);
    places = labelPlaces(model);
  }

  // --- choosing a place ----------------------------------------------------------------------------------------------
  const describe = ([lon, lat]) => {
    const current = rows(), { cell, unit } = unitAt(current, lon, lat);
    const row = unit >= 0 ? current.unit(unit) : null;
    return {
      rows: current, row, point: [lon, lat], code: cell < 0 ? CODES.nothing : current.codes[cell],
      region: regionAt(model, lon, lat), cell: cell < 0 ? "" : cellName(model, current.lattice.resolution, cell),
    };
  };
  const spoken = ({ row, rows: { layer: { theme, title, classes }, level: at }, region, code }) => {
    const where = `${sentence(model.words.levels[at][0])}${region ? ` in ${region.name}` : ""}`;
    if (!row) return `${where}: ${code === CODES.geen_adressen ? model.words.no_addresses : "geen eigen cijfer"}.`;
    if (row.class < 0) return `${where}. ${title}: ${valueWords(row, model.words) || model.words.blind_spot}.`;
    const value = theme ? `${times(row.ratio)} het gemiddelde` : valueWords(row, model.words);
    return `${where}. ${title}: ${value}. Klasse: ${row.class === 0 && !theme ? zeroWords(rows()) : classes[row.class]}.${row.hotspot === "hotspot" ? " Hotspot." : ""}`;
  };
  function choose(point, { speak = true } = {}) {
    const current = rows(), found = unitAt(current, ...point);
    if (found.cell < 0 || found.unit < -2) {
      if (speak) announce("Buiten het gebied.");
      return false;
    }
    state.point = pointOf(current.lattice, found.cell);
    if (speak) announce(spoken(describe(state.point)));
    showChoice();
    return true;
  }
  function clear() {
    state.point = null;
    showChoice();
    announce("Keuze gewist.");
    map.getContainer().focus({ preventScroll: true });
  }
  function showChoice() {
    const panel = byId("paneel");
    panel.replaceChildren(...(state.point
      ? placePanel(model, describe(state.point), scheme, { clear })
      : startPanel(model, rows(), { goUnit })));
    panel.scrollTop = 0;
    const place = state.point ? describe(state.point) : null;
    table.show(rows(), place?.row?.id ?? null);
    top.repaint();
    remember();
  }
  function goUnit(at, id) {
    const sets = header.unit_sets.map((_, k) => model.unitSet(k)).filter((set) => set.level === at);
    const own = sets.findIndex((set) => set === model.unitSet(layer().levels[at]?.units ?? -1 >>> 0));
    if (own > 0) sets.unshift(...sets.splice(own, 1));
    for (const set of sets) {
      for (let unit = 0; unit < set.size; unit++) {
        if (set.idOf(unit) !== id) continue;
        const members = set.cellsOf(unit), lattice = model.lattice(resolutionOf(at));
        if (!members.length) continue;
        if (layer().levels[at] && level() !== at) { state.wanted = at; redraw(); }
        const rings = outlines(lattice, members, (cell) => (cell >= 0 && set.ofCell[cell] === unit ? 0 : -1)).get(0);
        goBox(boxOf(rings), 15.5);
        choose(pointOf(lattice, members[members.length >> 1]));
        return;
      }
    }
    announce("Deze zone heeft geen eigen plek op de kaart.");
  }
  function goBox([x0, y0, x1, y1], most) {
    const box = L.latLngBounds([latOf(y1), lonOf(x0)], [latOf(y0), lonOf(x1)]).pad(0.6);
    if (map.getBounds().contains(box) && map.getZoom() > most - 2) return;
    map.fitBounds(box, { maxZoom: most, animate: !still });
    byId("kaartvak").scrollIntoView({ block: "nearest" });
  }
  function goRegion(region) {
    const lattice = model.lattice(10), of = model.column(header.cell_region), wanted = new Set();
    model.regions.forEach((each) => { for (let at = each; at; at = model.regions[at.parent]) if (at === region) wanted.add(each.index); });
    const found = [...of.keys()].filter((cell) => wanted.has(of[cell])).map((cell) => centreOf(lattice, cell));
    if (!found.length) { announce(`${region.name} ligt niet op deze kaart.`); return; }
    goBox(boxOf([Float64Array.from(found.flat())]), 15.5);
    announce(`${region.name} in beeld.`);
  }

  // --- keyboard and mouse --------------------------------------------------------------------------------------------
  const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  function walk([dx, dy]) {
    const current = rows(), { lattice, set } = current;
    const centre = map.getCenter(), start = state.point ?? [centre.lng, centre.lat];
    const first = unitAt(current, ...start);
    if (!state.point || first.cell < 0) { choose(start); return; }
    let { cell } = first;
    for (let steps = 0; steps < 400; steps++) {
      const [x, y] = centreOf(lattice, cell);
      const next = [0, 1, 2, 3, 4, 5].map((k) => neighbourOf(lattice, cell, k)).filter((other) => other >= 0)
        .map((other) => { const [ox, oy] = centreOf(lattice, other); return [((ox - x) * dx + (oy - y) * dy) / Math.hypot(ox - x, oy - y), other]; })
        .sort(([a], [b]) => b - a)[0];
      if (!next || next[0] < 0.4 || set.ofCell[next[1]] < -2) { announce("Rand van het gebied."); return; }
      cell = next[1];
      if (set.ofCell[cell] < 0 || set.ofCell[cell] !== first.unit) break;
    }
    const point = pointOf(lattice, cell);
    if (!map.getBounds().pad(-0.1).contains([point[1], point[0]])) map.panTo([point[1], point[0]], { animate: !still });
    choose(point);
  }
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.altKey && ARROWS[event.key]) { event.preventDefault(); event.stopPropagation(); walk(ARROWS[event.key]); }
    else if (event.key === "Enter" && !event.altKey) { event.preventDefault(); const { lng, lat } = map.getCenter(); choose([lng, lat]); }
    else if (event.key === "Escape" && state.point) clear();
  });
  map.on("click", ({ latlng }) => { if (!choose([latlng.lng, latlng.lat], { speak: true }) && state.point) clear(); });
  const tip = byId("wijzer");
  map.on("mousemove", ({ latlng, containerPoint }) => {
    const place = describe([latlng.lng, latlng.lat]);
    tip.hidden = !place.code;
    if (tip.hidden) return;
    const { row } = place, theme = layer().theme;
    const named = row && (place.rows.level === "buurt" || place.rows.level === "wijk") ? row.region?.name : place.region?.name;
    tip.replaceChildren(h("strong", {}, h("bdi", {}, named ?? "")), h("span", {}, !row ? (place.code === CODES.geen_adressen ? model.words.no_addresses : "geen eigen cijfer")
      : row.class < 0 ? valueWords(row, model.words) || model.words.blind_spot : theme ? `${times(row.ratio)} het gemiddelde` : valueWords(row, model.words)));
    const { x: wide } = map.getSize();
    tip.style.transform = `translate(${containerPoint.x > wide - 230 ? containerPoint.x - 16 : containerPoint.x + 14}px, ${containerPoint.y + 16}px)${containerPoint.x > wide - 230 ? " translateX(-100%)" : ""}`;
  });
  map.on("mouseout movestart zoomstart", () => { tip.hidden = true; });

  // --- around the map ------------------------------------------------------------------------------------------------
  const table = createTable(model, { choose: goUnit, announce });
  const button = (label, text, act) => h("button", { type: "button", "aria-label": label, title: label, click: act }, text);
  byId("knoppen").append(
    button("Inzoomen", "+", () => map.zoomIn(1)), button("Uitzoomen", "−", () => map.zoomOut(1)),
    button("Hele gebied", svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" }, svg("path", { d: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4" })), () => map.fitBounds(area, fitting)));
  byId("zoekvak").append(createSearch(model.regions, goRegion));
  byId("tabelvak").append(table.element);
  byId("over").append(...about(model));
  byId("naarbelofte").hidden = false;
  byId("naarbelofte").addEventListener("click", () => {
    byId("helebelofte").open = true;
    byId("bescherming").scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
    byId("helebelofte").querySelector("summary").focus({ preventScroll: true });
  });
  window.addEventListener("beforeprint", () => { byId("helebelofte").open = true; });
  byId("lijnen").append(...lineChoice(model, state.shown, (name, on) => { state.shown[name] = on; cells.repaint(); top.repaint(); }));

  function showLayer() {
    const current = rows();
    drawn = level();
    byId("lagen").replaceChildren(...layerChoice(model, state.layer, (id) => { state.layer = id; redraw(); byId("lagen").querySelector("input:checked").focus(); announce(`${layer().title}, per ${model.words.levels[level()][0]}.`); }));
    byId("niveaukeuze").replaceChildren(levelChoice(model, layer(), state.wanted, drawn, (to) => { state.wanted = to; redraw(); byId("niveau").focus(); announce(`Per ${model.words.levels[level()][0]}.`); }));
    byId("legenda").replaceChildren(...legend(model, current, scheme));
    const wanted = state.wanted === "auto" ? levelForWidth(res10()) : state.wanted;
    const note = levelNote(model, layer(), wanted, drawn);
    byId("niveaunoot").textContent = note;
    byId("niveaunoot").hidden = !note;
    byId("kaartkop").replaceChildren(h("strong", {}, layer().title), h("span", {}, ` per ${model.words.levels[drawn][0]}`));
  }
  function redraw() {
    showLayer();
    cells.repaint();
    if (state.point) {
      const found = unitAt(rows(), ...state.point);
      state.point = found.cell >= 0 && found.unit >= -2 ? pointOf(rows().lattice, found.cell) : null;
    }
    showChoice();
  }
  function showScale() {
    const { lat } = map.getCenter(), { metres, pixels } = scaleBar(metresPerWorld(lat) * worldPerPixel(), 120);
    byId("schaal").style.width = `${pixels}px`;
    byId("schaal").textContent = scaleWords(metres);
  }
  function remember() {
    const { lat, lng } = map.getCenter(), cell = state.point ? describe(state.point).cell : "";
    const text = writeFragment({ laag: state.layer, niveau: state.wanted, beeld: `${map.getZoom()},${lat.toFixed(5)},${lng.toFixed(5)}`, cel: cell });
    try { history.replaceState(null, "", `#${text}`); } catch { /* a page inside a notebook has no address of its own */ }
  }
  map.on("moveend", () => {
    if (level() !== drawn) redraw();
    showScale();
    remember();
  });
  window.addEventListener("hashchange", () => {
    const next = readFragment(location.hash), at = readView(next.beeld);
    if (model.layers.has(next.laag)) state.layer = next.laag;
    if (next.niveau) state.wanted = LEVELS.includes(next.niveau) ? next.niveau : "auto";
    if (at) map.setView([at[1], at[2]], at[0], { animate: false });
    redraw();
  });
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());

  function chooseNamed(name) {
    const resolution = Number.parseInt(name[1], 16);
    if (!header.lattices[resolution]) return;
    const cell = cellNamed(model, resolution, name);
    if (cell >= 0) choose(pointOf(model.lattice(resolution), cell), { speak: false });
  }
  showLayer();
  cells.repaint();
  showChoice();
  if (given.cel) chooseNamed(given.cel);
  showScale();
  document.documentElement.dataset.klaar = "kaart";
  performance.mark("kaart");
  // Outlines and names come a moment after the first picture.
  setTimeout(() => { makeBorders(); cells.repaint(); top.repaint(); document.documentElement.dataset.klaar = "alles"; });
}

/** Header texts, and the banner once the retention period is over by the reader's own clock. */
export function showHeader(header, today) {
  byId("titel").textContent = header.title;
  byId("periode").textContent = `${sentence(header.period)}, peildatum ${header.reference_date}`;
  byId("rubricering").textContent = header.classification;
  byId("belofte").textContent = header.promise.short;
  byId("voorbehoud").textContent = header.caveat ? `Let op. ${header.caveat}` : "";
  byId("voorbehoud").hidden = !header.caveat;
  byId("demo").textContent = header.demo;
  byId("demo").hidden = byId("watermerk").hidden = !header.demo;
  const day = [today.getFullYear(), String(today.getMonth() + 1).padStart(2, "0"), String(today.getDate()).padStart(2, "0")].join("-");
  const over = day > header.retain_until;
  byId("bewaren").hidden = !over;
  if (over) byId("bewaren").textContent = `De bewaartermijn van deze kaart is voorbij (${header.retain_until.split("-").reverse().join("-")}). Verwijder dit bestand en gebruik de cijfers niet meer.`;
}

/** Read the data block and open the map; say in plain words when that fails. */
export async function start() {
  const say = (text) => { byId("start").textContent = text; };
  if (NEEDED.some((name) => typeof window[name] === "undefined")) {
    document.documentElement.dataset.klaar = "te oud";
    say("Deze browser is te oud voor de kaart. Open het bestand in een recente versie van Edge, Chrome, Firefox of Safari.");
    return;
  }
  try {
    const model = makeModel(await decode(byId("gegevens").textContent));
    showHeader(model.header, new Date());
    if (!model.layers.size) { say("Over dit gebied kan niets worden getoond: er is geen enkele zone met een cijfer."); return; }
    byId("start").hidden = true;
    openMap(model);
  } catch (error) {
    byId("start").hidden = false;
    say("De kaart kan niet worden getoond: het bestand is beschadigd of onvolledig. Vraag een nieuw exemplaar.");
    throw error;
  }
}
