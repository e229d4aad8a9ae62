// A second map beside the first, that always shows the same place.

import { byId } from "./dom.js";

/**
 * @param {L.Map} map the first map
 * @param {{options: object, draw: (map: L.Map) => object[], listen: (map: L.Map) => void, keep: (bounds: L.LatLngBounds) => void}} given
 *   `draw` puts surfaces on the second map when it is first asked for; `keep` shows what was shown on a map of another size
 */
export function createPair(map, { options, draw, listen, keep }) {
  let second = null, surfaces = [];
  let further = 0; // zoom levels that the first map stepped back to keep its view
  let busy = false; // one map is following the other
  /** Give one map the middle and zoom of the other, without a step of its own. */
  const follow = (from, to) => () => {
    if (busy || byId("tweede").hidden) return;
    busy = true;
    const zoom = from.getZoom();
    if (zoom !== to.getZoom()) to.setView(from.getCenter(), zoom, { animate: false });
    else {
      const by = from.project(from.getCenter(), zoom).subtract(to.project(to.getCenter(), zoom)).round();
      if (by.x || by.y) to.panBy(by, { animate: false });
    }
    busy = false;
  };
  return {
    /** Surfaces of the second map, as far as it is there. */
    surfaces: () => (byId("tweede").hidden ? [] : surfaces),
    /** Take over the size and view of the first map, after both were given other room. */
    follow() {
      if (!second || byId("tweede").hidden) return;
      busy = true;
      second.invalidateSize({ pan: false });
      second.setView(map.getCenter(), map.getZoom(), { animate: false });
      busy = false;
    },
    show(on) {
      if (byId("tweede").hidden === !on) return;
      const bounds = map.getBounds(), zoom = map.getZoom(), centre = map.getCenter();
      byId("kaartvak").classList.toggle("naast", on);
      byId("tweede").hidden = !on;
      map.invalidateSize({ pan: false });
      if (on) keep(bounds);
      else map.setView(centre, zoom + further, { animate: false });
      further = on ? zoom - map.getZoom() : 0;
      if (!on) return;
      if (!second) {
        second = L.map("kaart2", options);
        second.setView(map.getCenter(), map.getZoom(), { animate: false });
        second.setMinZoom(map.getMinZoom());
        surfaces = draw(second);
        map.on("move moveend zoomend", follow(map, second));
        second.on("move moveend zoomend", follow(second, map));
        listen(second);
      }
      this.follow();
    },
  };
}
