// Map pictures from one host, only when the reader switches them on. The switch is never in a link: a link asks nothing.

import { h } from "./dom.js";

/** A switch with an explanation, and `join(map)` for each map that it is about; nothing when the maker named no background. */
export function createBackdrop(background, { changed, announce }) {
  if (!background) return { rows: [], join: () => {} };
  const { name, credit, host, template, deepest } = background;
  const joined = []; // per map its tiles, and who made them
  let on = false;
  const status = h("p", { class: "let-op-klein", role: "status" });
  const show = ({ map, tiles, source }) => {
    if (on) tiles.addTo(map); else tiles.remove();
    source.hidden = !on;
  };
  const toggle = (wanted) => {
    on = wanted;
    status.textContent = "";
    joined.forEach(show);
    changed(on);
    announce(on ? `${name} staat aan.` : `${name} staat uit.`);
  };
  return {
    join(map) {
      const tiles = L.tileLayer(template, { maxNativeZoom: deepest, maxZoom: 22, referrerPolicy: "no-referrer", keepBuffer: 1 });
      tiles.on("tileerror", () => { status.textContent = `${host} is niet te bereiken; de kaart zelf werkt gewoon door.`; });
      tiles.on("tileload", () => { status.textContent = ""; });
      const source = h("p", { class: "overkaart bronvermelding", hidden: true }, credit);
      map.getContainer().append(source);
      joined.push({ map, tiles, source });
      if (on) show(joined[joined.length - 1]);
    },
    rows: [
      h("label", { class: "lijnsoort" },
        h("input", { type: "checkbox", id: "ondergrond", "aria-describedby": "ondergronduitleg", change: (event) => toggle(event.target.checked) }),
        h("span", { class: "lijn laag-ondergrond", "aria-hidden": "true" }), h("span", {}, name)),
      status,
      h("p", { class: "zacht", id: "ondergronduitleg" }, `Aanzetten haalt kaartbeelden op bij ${host}. Die ziet dan het internetadres van uw computer of organisatie, en naar welk gebied u kijkt. De cijfers van deze kaart worden niet verstuurd.`),
    ],
  };
}
