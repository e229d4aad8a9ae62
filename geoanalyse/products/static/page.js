// The page: what is chosen, and who has to know when that changes.

import { about, sheetLines } from "./about.js";
import { bordersOf } from "./borders.js";
import { createBackdrop } from "./background.js";
import { createPair } from "./compare.js";
import { byId, h, svg } from "./dom.js";
import { labelPlaces, paintLabels, scaleBar, scaleWords } from "./labels.js";
import { centreOf } from "./lattice.js";
import { layerChoice, legend, legendEntries, levelChoice, levelNote, lineChoice } from "./legend.js";
import { latOf, lonOf, metresPerWorld, worldX, worldY } from "./mercator.js";
import { askedAs, cellName, cellNamed, levelForWidth, onceFor, pointOf, regionAt, resolutionOf, shownLevel, unitAt } from "./model.js";
import { boxOf, outlines } from "./outline.js";
import { createOverlays } from "./overlays.js";
import { CODES, inkOf, sheer, tileOf } from "./palette.js";
import { placePanel, startPanel } from "./panel.js";
import { NAMED, changeRows, emptyWindow, labelOf, levelsOf, noWindows, windowLevel, windowNote, windowRows, windowsOf } from "./periods.js";
import { cellPixels, lineIn, markBoxes, markPlaces, middles, paintCells, paintFill, paintLines, paintMarks, paintUnder, prepare, ringsAt, spots } from "./scene.js";
import { mapPicture, pictureOf } from "./picture.js";
import { save } from "./save.js";
import { createSearch } from "./search.js";
import { createMenu, createSheet } from "./sheet.js";
import { readState, tidy, writeState } from "./state.js";
import { createSurface } from "./surface.js";
import { createTable } from "./table.js";
import { brief, factsOf, fileName, nameOfLayer, periodWords, spoken, titleWords, whenWords } from "./telling.js";
import { createTimebar } from "./timebar.js";
import { ARROWS, nextUnit } from "./walk.js";
import { during, sentence } from "./words.js";

const CLOSEST = 17; // zoom at which a cell fills a hand's width
const KEPT = 24; // windows and comparisons whose rows are kept: those of 120 windows of a large area would fill the memory

/** Build the page around a model and keep it up to date. */
export function openMap(model) {
  const { header } = model, { colours } = header;
  const ink = inkOf(colours), tiles = new Map();
  const scheme = { tile: (code) => { if (!tiles.has(code)) tiles.set(code, tileOf(ink, code)); return tiles.get(code); } };
  const state = readState(model, location.hash);
  let point = null; // the chosen place: [lon, lat] of the centre of the cell that was chosen
  let byName = ""; // level at which the place was chosen as a region by its name; "" for the level of the map
  const layer = () => model.layers.get(state.layer);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches, narrow = window.matchMedia("(max-width: 820px)");
  if (colours.accent) document.documentElement.style.setProperty("--nadruk", colours.accent);
  const overlays = createOverlays(model), seeThrough = overlays.any || Boolean(header.background);
  const cellInk = seeThrough ? sheer(ink) : ink;
  if (overlays.exact && !location.hash.includes("uit=")) state.shown.borders = false; // the exact ones take their place
  let background = false; // whether the reader has switched it on
  const announce = (text) => { byId("melding").textContent = text; };

  // --- under the map: its height depends on it --------------------------------------------------------------------------
  const when = (start) => labelOf(model, layer(), start);
  const timebar = createTimebar({ still, announce, act: {
    period: (start) => { state.period = start; redraw(); if (!timebar.playing()) announce(`${sentence(when(start))}.`); },
    other: (start) => { state.other = start; redraw(); announce(`Vergeleken met ${during(when(start))}.`); },
    view: (name) => { state.view = name; redraw(); announce({ naast: "Twee kaarten naast elkaar.", verschil: "Eén kaart met het verschil.", kaart: "Eén kaart." }[name]); },
  } });
  byId("tijdbalk").append(timebar.element);
  showTime();

  // --- the map -------------------------------------------------------------------------------------------------------
  const options = {
    zoomControl: false, attributionControl: false, zoomSnap: 0.25, wheelPxPerZoomLevel: 90, maxZoom: CLOSEST,
    zoomAnimation: !still, inertia: !still, fadeAnimation: false, markerZoomAnimation: false, bounceAtZoomLimits: false,
  };
  const map = L.map("kaart", options);
  const [[west, south], [east, north]] = header.bounds;
  const area = L.latLngBounds([south, west], [north, east]).pad(0.02);
  const fitting = { paddingTopLeft: [12, 56], paddingBottomRight: [12, 12], animate: !still }; // clear of what lies over the map
  map.fitBounds(area, { ...fitting, animate: false });
  map.setMinZoom(map.getZoom() - 2);
  if (state.place) map.setView([state.place[1], state.place[2]], state.place[0], { animate: false });

  const worldPerPixel = () => 1 / (256 * 2 ** map.getZoom());
  const res10 = () => cellPixels(10, { scale: 1 / worldPerPixel(), y: worldY(map.getCenter().lat) });
  const level = () => (state.period ? windowLevel(levelsOf(model, layer()), state.wanted)
    : shownLevel(layer(), state.wanted === "auto" ? levelForWidth(res10()) : state.wanted));
  const known = new Map(); // the latest rows, by what they show
  const once = (key, make) => {
    if (!known.has(key)) known.set(key, make());
    if (known.size > KEPT) known.delete(known.keys().next().value);
    return known.get(key);
  };
  const rowsOf = (start, at = level()) => (start ? once(`${state.layer}|${at}|${start}`, () => windowRows(model, state.layer, at, start)) : model.units(`${state.layer}|${at}`));
  /** What panel and table are about: a comparison when two windows are on screen. */
  const rows = () => (state.other ? once(`${state.layer}|${level()}|${state.other}|${state.period}`, () => changeRows(model, state.layer, level(), state.other, state.period)) : rowsOf(state.period));
  /** What the panel is about. */
  const placeRows = () => (byName && !state.other && layer().levels[byName] ? rowsOf(state.period, byName) : rows());
  /** Windows of the two maps side by side: the earlier is on the left. */
  const sides = () => [state.other, state.period].sort();
  /** What a map draws. */
  const drawnRows = (second = false) => (state.view === "naast" ? rowsOf(sides()[second ? 1 : 0]) : rows());
  const sceneOf = onceFor((current) => prepare(current, cellInk, colours)), scene = (second) => sceneOf(drawnRows(second));
  let drawn = level(), borders = null, places = null;

  const paintMap = (second) => (context, at, part) => {
    const current = scene(second), wide = res10();
    paintCells(context, at, part, current);
    if (seeThrough) {
      paintUnder(context, () => {
        overlays.under(context, at, part);
        if (borders && !background) paintFill(context, at, part, borders.area, colours.empty.geen_adressen[0]);
      });
      overlays.over(context, at, part);
    }
    if (borders) {
      paintLines(context, at, part, borders.context, { colour: "#a3a9b0", width: 0.8 });
      if (state.shown.borders) {
        if (wide > 5) paintLines(context, at, part, borders.buurten, { colour: "rgba(40,44,48,.55)", width: wide > 20 ? 1.3 : 0.9 });
        paintLines(context, at, part, borders.wijken, { colour: `rgba(40,44,48,${wide > 5 ? 0.8 : 0.6})`, width: wide > 20 ? 2 : wide > 5 ? 1.4 : 0.8 });
      }
      paintLines(context, at, part, borders.area, { colour: colours.ink, width: 2 });
    }
    const { cold, hot, lines } = signs(second, at, part), small = cellPixels(current.rows.lattice.resolution, at) / at.ratio < 11;
    paintLines(context, at, part, lines.cold, { colour: colours.cold, width: small ? 1.8 : 2.4, dash: [7, 4], halo: "#fff" });
    paintLines(context, at, part, lines.hot, { colour: colours.hot, width: small ? 1.8 : 2.8, halo: "#fff" });
    paintMarks(context, at, cold, colours.cold, false);
    paintMarks(context, at, hot, colours.hot, true);
  };
  const NONE = { hot: [], cold: [] };
  /** Lines around hot and cold spots, and where marks stand. */
  const signs = (second, at, part) => {
    const current = drawnRows(second), lines = !current.changeOf && state.shown.spots ? spots(current) : NONE, shapes = current.changeOf ? middles(current) : lines;
    const [hot, cold] = [shapes.hot, shapes.cold].map((each) => markPlaces(at, part, each, current.changeOf ? 18 : 0)); // over a name
    return { hot, cold, lines };
  };
  const paintTop = (second) => (context, at, part) => {
    if (places && state.shown.names) {
      const { cold, hot, lines } = signs(second, at, part), marks = markBoxes(at, [...cold, ...hot]), around = [...lines.cold, ...lines.hot];
      paintLabels(context, at, part, places, { ink: colours.ink, inkSoft: colours.ink_soft, cell: res10(), letter: state.beamer ? 1.35 : 1, marks, lined: (box) => lineIn(at, around, box) });
    }
    const rings = point ? ringsAt(placeRows(), point) : null;
    if (rings) {
      const shape = [{ rings, box: boxOf(rings) }];
      paintLines(context, at, part, shape, { colour: "#fff", width: 6 });
      paintLines(context, at, part, shape, { colour: "#000", width: 3 });
    }
  };
  const surfaces = (on, second) => [
    createSurface(on, { pad: 0.1, shifts: true, className: "cellen", paint: paintMap(second) }),
    createSurface(on, { pad: 0, shifts: false, className: "namen", paint: paintTop(second) }),
  ];
  /** Show on a map of another size what was shown: the whole area when that was in view, else the same middle and span. */
  const whole = (bounds) => bounds.contains(L.latLngBounds([south, west], [north, east]));
  function keep(bounds) {
    if (whole(bounds)) map.fitBounds(area, { ...fitting, animate: false });
    else map.fitBounds(bounds.pad(-0.04), { animate: false });
  }
  const own = surfaces(map, false);
  const pair = createPair(map, { options, draw: (second) => { backdrop.join(second); return surfaces(second, true); }, listen: (second) => listen(second, true), keep });
  const repaint = () => { for (const surface of [...own, ...pair.surfaces()]) surface.repaint(); };
  const repaintTop = () => { for (const surface of [own[1], pair.surfaces()[1]]) surface?.repaint(); };

  // --- choosing a place ----------------------------------------------------------------------------------------------
  const describe = ([lon, lat], current = rows()) => {
    const { cell, unit } = unitAt(current, lon, lat);
    const row = unit >= 0 ? current.unit(unit) : null;
    return {
      rows: current, row, point: [lon, lat], code: cell < 0 ? CODES.nothing : current.codes[cell],
      region: regionAt(model, lon, lat), cell: cell < 0 ? "" : cellName(model, current.lattice.resolution, cell),
    };
  };
  const chosen = () => describe(point, placeRows());
  function choose(at, { speak = true, as = "" } = {}) {
    byName = as;
    const current = placeRows(), found = unitAt(current, ...at);
    if (found.cell < 0 || found.unit < -2) {
      if (speak) announce("Buiten het gebied.");
      return false;
    }
    point = pointOf(current.lattice, found.cell);
    if (speak) announce(spoken(model, chosen()));
    showChoice();
    return true;
  }
  function clear() {
    point = null;
    showChoice();
    announce("Keuze gewist.");
    map.getContainer().focus({ preventScroll: true });
  }
  function showChoice() {
    const panel = byId("paneel");
    panel.replaceChildren(...(point
      ? placePanel(model, chosen(), scheme, act)
      : startPanel(model, rows(), act)));
    panel.scrollTop = 0;
    order();
    table.show(rows(), (point && chosen().row?.id) ?? null);
    repaintTop();
    remember();
  }
  /** On a narrow screen the map comes first, then what is chosen on it: alike for the eye, for Tab and for who listens. */
  function order() {
    const layers = byId("lagenvak"), before = narrow.matches ? byId(point ? "paneel" : "kaartvak") : null, had = document.activeElement;
    if (layers.previousElementSibling === before) return;
    if (before) before.after(layers);
    else layers.parentNode.prepend(layers);
    if (layers.contains(had)) had.focus({ preventScroll: true });
  }
  /** Bring a text under the table in sight, and the keyboard to a part of it. */
  function goTo(id, part) {
    byId(id).scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
    byId(id).querySelector(part).focus({ preventScroll: true });
  }
  const act = { clear, goUnit, goTo };
  function goUnit(at, id) {
    const sets = header.unit_sets.map((_, k) => model.unitSet(k)).filter((set) => set.level === at);
    const units = layer().levels[at]?.units, own = units === undefined ? -1 : sets.indexOf(model.unitSet(units));
    if (own > 0) sets.unshift(...sets.splice(own, 1));
    for (const set of sets) {
      const unit = set.find(id), members = unit < 0 ? [] : set.cellsOf(unit), lattice = model.lattice(resolutionOf(at));
      if (!members.length) continue;
      if (layer().levels[at] && level() !== at) { state.wanted = askedAs(at); if (state.period && !NAMED.includes(at)) { state.period = ""; state.view = "kaart"; } redraw(); }
      const rings = outlines(lattice, members, (cell) => (cell >= 0 && set.ofCell[cell] === unit ? 0 : -1)).get(0);
      goBox(boxOf(rings), 15.5);
      choose(pointOf(lattice, members[members.length >> 1]));
      return;
    }
    announce("Deze zone heeft geen eigen plek op de kaart.");
  }
  function goBox([x0, y0, x1, y1], most) {
    const box = L.latLngBounds([latOf(y1), lonOf(x0)], [latOf(y0), lonOf(x1)]).pad(0.6);
    byId("kaartvak").scrollIntoView({ block: "nearest" });
    if (!map.getBounds().contains(box) || map.getZoom() <= most - 2) map.fitBounds(box, { maxZoom: most, animate: !still });
  }
  function goRegion(region) {
    const lattice = model.lattice(10), found = model.cellsUnder(region.index).map((cell) => centreOf(lattice, cell));
    if (!found.length) { announce(`${region.name} ligt niet op deze kaart.`); return; }
    goBox(boxOf([Float64Array.from(found.flat())]), 15.5);
    const set = layer().levels[region.level] ? model.units(`${state.layer}|${region.level}`).set : null;
    const unit = set ? set.find(region.code) : -1;
    const members = unit < 0 ? [] : set.cellsOf(unit);
    if (!members.length || !choose(pointOf(lattice, members[members.length >> 1]), { as: region.level })) announce(`${region.name} in beeld.`);
  }

  // --- keyboard and mouse --------------------------------------------------------------------------------------------
  function walk(towards) {
    const current = rows(), { lng, lat } = map.getCenter(), start = point ?? [lng, lat], { cell } = unitAt(current, ...start);
    if (!point || cell < 0) { choose(start); return; }
    const next = nextUnit(current, cell, towards);
    if (next < 0) { announce("Rand van het gebied."); return; }
    const to = pointOf(current.lattice, next);
    if (!map.getBounds().pad(-0.1).contains([to[1], to[0]])) map.panTo([to[1], to[0]], { animate: !still });
    choose(to);
  }
  const tip = byId("wijzer");
  function listen(on, second) {
    on.getContainer().addEventListener("keydown", (event) => {
      if (event.altKey && ARROWS[event.key]) { event.preventDefault(); event.stopPropagation(); walk(ARROWS[event.key]); }
      else if (event.key === "Enter" && !event.altKey) { event.preventDefault(); const { lng, lat } = on.getCenter(); choose([lng, lat]); }
      else if (event.key === "Escape" && point) { event.stopPropagation(); clear(); }
    });
    on.on("click", ({ latlng }) => { if (!choose([latlng.lng, latlng.lat], { speak: true }) && point) clear(); });
    on.on("mousemove", ({ latlng, containerPoint }) => pointAt(describe([latlng.lng, latlng.lat]), containerPoint, on.getContainer(), second));
    on.on("mouseout movestart zoomstart", () => { tip.hidden = true; });
  }
  function pointAt(place, { x, y }, { offsetParent, clientWidth }, second) {
    tip.hidden = !place.code;
    if (tip.hidden) return;
    const { row, rows: current } = place, named = row && NAMED.includes(current.level) ? row.region?.name : place.region?.name;
    const one = state.view === "naast" ? { ...place, rows: drawnRows(second), row: second ? row?.after : row?.before } : place;
    tip.replaceChildren(h("strong", {}, h("bdi", {}, named ?? "")), h("span", {}, brief(model, one)));
    const left = x > clientWidth - 230;
    tip.style.transform = `translate(${offsetParent.offsetLeft + (left ? x - 16 : x + 14)}px, ${offsetParent.offsetTop + y + 16}px)${left ? " translateX(-100%)" : ""}`;
  }
  listen(map, false);
  // --- around the map ------------------------------------------------------------------------------------------------
  const table = createTable(model, { choose: goUnit, announce, facts: () => facts(), changed: () => remember() });
  table.restore(state.table);
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
    goTo("bescherming", "summary");
  });
  const backdrop = createBackdrop(header.background, {
    announce, changed: (on) => { background = on; byId("kaartvak").classList.toggle("doorzichtig", on); repaint(); },
  });
  backdrop.join(map);
  byId("lijnen").prepend(...overlays.rows(() => repaint()), ...backdrop.rows);
  byId("lijnen").append(...lineChoice(model, state.shown, (name, on) => { state.shown[name] = on; repaint(); remember(); }));

  const facts = () => ({ name: fileName(model, state, level()), list: factsOf(model, state), title: titleWords(model, state) });
  // --- what a reader takes away, and what a room sees ---------------------------------------------------------------------
  const sheet = createSheet(map, {
    pair, repaint, keep,
    picture: (second, ratio) => withoutBackground(() => mapPicture([paintMap(second), paintTop(second)], map.getCenter(), map.getZoom(), map.getSize(), ratio)),
    place: () => (point ? placePanel(model, chosen(), scheme, act) : []),
    footer: () => [header.title, titleWords(model, state), header.classification, header.demo, `kenmerk ${header.digest}`].filter(Boolean).join(" · "),
  });
  /** A picture has no background of others: it draws as the map does without. */
  function withoutBackground(draw) {
    const was = background;
    background = false;
    try { return draw(); } finally { background = was; }
  }
  function picture() {
    const size = map.getSize(), { list, name } = facts(), entries = legendEntries(model, state.view === "naast" ? drawnRows(true) : rows());
    const maps = state.view === "naast" ? sides().map((start, k) => [k === 1, start]) : [[false, state.period]];
    return [name, pictureOf(
      { maps: maps.map(([second, start]) => ({ title: sentence(when(start)), paint: [paintMap(second), paintTop(second)] })), centre: map.getCenter(), zoom: map.getZoom(), width: size.x, height: size.y },
      { title: `${header.title}: ${nameOfLayer(layer())}, per ${model.words.levels[level()][0]}`, under: whenWords(model, state),
        marks: ["Geen persoonsgegevens", header.classification, header.demo].filter(Boolean), watermark: header.demo ? "DEMO" : "",
        legend: entries, foot: [...sheetLines(model, layer()), list.filter(([term]) => term === "Kenmerk").map((fact) => fact.join(" "))[0]] },
      scheme, colours)];
  }
  const takeAway = {
    afbeelding: () => { menu.open = false; const [name, canvas] = withoutBackground(picture); canvas.toBlob((blob) => { save(blob, `${name}.png`); announce("De afbeelding is opgeslagen."); }, "image/png"); },
    csv: () => { menu.open = false; table.download(); announce("De tabel is opgeslagen."); },
    beamer: () => { state.beamer = !state.beamer; showBeamer(); remember(); announce(state.beamer ? "Beamerstand aan; Escape zet hem uit." : "Beamerstand uit."); },
  };
  function showBeamer() {
    const bounds = map.getBounds(), changes = document.documentElement.classList.contains("beamer") !== state.beamer;
    document.documentElement.classList.toggle("beamer", state.beamer);
    byId("beamer").textContent = state.beamer ? "Beamer uit" : "Beamer";
    byId("beamer").setAttribute("aria-pressed", String(state.beamer));
    if (!changes) return;
    map.invalidateSize({ pan: false });
    keep(bounds);
    pair.follow();
    showScale();
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (state.beamer) takeAway.beamer();
    else if (point && byId("paneel").contains(document.activeElement)) clear();
  });
  const action = (id, text) => h("button", { type: "button", id, click: () => takeAway[id]() }, text);
  const menu = createMenu(sheet.print, [action("afbeelding", "Afbeelding (PNG)"), action("csv", "Tabel (CSV)")]);
  byId("tijdbalk").append(h("div", { class: "mee" }, menu, action("beamer", "Beamer")));

  function showLayer() {
    const current = rows();
    drawn = level();
    const { open } = byId("lagen").querySelector("details") ?? {};
    byId("lagen").replaceChildren(...layerChoice(model, state.layer, (id) => { state.layer = id; redraw(); byId("lagen").querySelector("input:checked").focus(); announce(`${nameOfLayer(layer())}, per ${model.words.levels[level()][0]}.`); }, open));
    byId("niveaukeuze").replaceChildren(levelChoice(model, layer(), state.wanted, drawn, (to) => { state.wanted = to; redraw(); byId("niveau").focus(); announce(`Per ${model.words.levels[level()][0]}.`); }));
    byId("legenda").replaceChildren(...legend(model, state.view === "naast" ? drawnRows(true) : current, scheme));
    const wanted = state.wanted === "auto" ? levelForWidth(res10()) : state.wanted;
    const note = state.period ? windowNote(model, layer(), state.wanted, drawn) : levelNote(model, layer(), wanted, drawn);
    byId("niveaunoot").textContent = note;
    byId("niveaunoot").hidden = !note;
    const per = ` per ${model.words.levels[drawn][0]}`;
    byId("kaartkop").replaceChildren(...(state.view === "naast" ? [h("strong", {}, sentence(when(sides()[0])))] : [layer().surroundings ? h("span", { class: "omgevingmerk" }, "Omgeving") : "", h("strong", {}, layer().title), h("span", {}, `${per}${state.period ? `, ${periodWords(model, state)}` : ""}`)]));
    byId("drukbron").replaceChildren(...sheetLines(model, layer()).map((text) => h("span", {}, text)));
    for (const each of document.querySelectorAll("#lijnen .vanmeldingen")) each.hidden = Boolean(layer().surroundings);
    byId("kaartkop2").replaceChildren(h("strong", {}, sentence(when(sides()[1]))));
    showTime();
  }
  function showTime() {
    const windows = windowsOf(model, layer()).map((window) => ({ ...window, empty: emptyWindow(model, layer(), window.start) }));
    timebar.show({
      windows, period: state.period, other: state.other, view: state.view, comparing: state.view !== "kaart", whole: header.period,
      reason: noWindows(model, layer()),
    });
  }
  function redraw() {
    tidy(model, state);
    pair.show(state.view === "naast");
    showLayer();
    repaint();
    if (point) { // kept as it was chosen: by way of a coarser level it must not end up in another place
      const found = unitAt(rows(), ...point);
      if (found.cell < 0 || found.unit < -2) point = null;
    }
    showChoice();
  }
  function showScale() {
    const { lat } = map.getCenter(), { metres, pixels } = scaleBar(metresPerWorld(lat) * worldPerPixel(), state.beamer ? 180 : 120);
    byId("schaal").style.width = `${pixels}px`;
    byId("schaal").textContent = scaleWords(metres);
  }
  function remember() {
    const { lat, lng } = map.getCenter();
    const text = writeState({ ...state, place: [map.getZoom(), lat, lng], cell: point ? describe(point).cell : "", table: table.remembered() });
    try { history.replaceState(null, "", `#${text}`); } catch { /* a page inside a notebook has no address of its own */ }
  }
  map.on("moveend", () => {
    if (!map.getBounds().intersects(area)) { map.panInsideBounds(area, { animate: !still }); return; }
    if (level() !== drawn) redraw();
    showScale();
    remember();
  });
  window.addEventListener("hashchange", () => {
    if (!location.hash.includes("=")) { remember(); return; } // a link within the page
    Object.assign(state, readState(model, location.hash));
    if (state.place) map.setView([state.place[1], state.place[2]], state.place[0], { animate: false });
    table.restore(state.table);
    redraw();
    showBeamer();
    if (state.cell) chooseNamed(state.cell);
  });
  new ResizeObserver(() => {
    const { x, y } = map.getSize(), box = map.getContainer(), bounds = map.getBounds();
    if (document.documentElement.dataset.papier || (box.clientWidth === x && box.clientHeight === y)) return;
    map.invalidateSize({ animate: false }); // the middle stays
    if (whole(bounds)) keep(bounds);
    pair.follow();
  }).observe(map.getContainer());

  function chooseNamed(name) {
    const resolution = Number.parseInt(name[1], 16);
    if (!header.lattices[resolution]) return;
    const cell = cellNamed(model, resolution, name);
    if (cell >= 0) choose(pointOf(model.lattice(resolution), cell), { speak: false });
  }
  narrow.addEventListener("change", order);
  redraw();
  showBeamer();
  if (state.cell) chooseNamed(state.cell);
  if (state.beamer || state.view === "naast") { // these gave the map other room after its view was set
    map.invalidateSize({ pan: false });
    if (state.place) map.setView([state.place[1], state.place[2]], state.place[0], { animate: false });
    else map.fitBounds(area, { ...fitting, animate: false });
    pair.follow();
  }
  showScale();
  document.documentElement.dataset.klaar = "kaart";
  performance.mark("kaart");
  // Outlines and names come a moment after the first picture.
  setTimeout(() => { borders = bordersOf(model); places = labelPlaces(model); repaint(); document.documentElement.dataset.klaar = "alles"; });
}
