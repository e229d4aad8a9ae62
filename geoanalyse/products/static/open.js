// Last in line: start when the page is there.

import { about } from "./about.js";
import { decode } from "./decode.js";
import { byId } from "./dom.js";
import { showHeader } from "./header.js";
import { makeModel } from "./model.js";
import { openMap } from "./page.js";

const NEEDED = ["DecompressionStream", "ResizeObserver", "Path2D", "DOMMatrix", "TextDecoder", "URLSearchParams"];

/** Read the data block and open the map; say in plain words when that fails. */
async function start() {
  const say = (text) => { byId("start").textContent = text; };
  if (NEEDED.some((name) => typeof window[name] === "undefined")) {
    document.documentElement.dataset.klaar = "te oud";
    say("Deze browser is te oud voor de kaart. Open het bestand in een recente versie van Edge, Chrome, Firefox of Safari.");
    return;
  }
  try {
    const model = makeModel(await decode(byId("gegevens").textContent));
    showHeader(model.header, new Date());
    if (!model.layers.size) {
      say("Over dit gebied kan niets worden getoond: er is geen enkele zone met een cijfer. Er zijn te weinig adressen, of geen bron kijkt hier. Dat is iets anders dan nul.");
      byId("over").append(...about(model));
      document.documentElement.dataset.klaar = "leeg";
      return;
    }
    byId("start").hidden = true;
    openMap(model);
  } catch (error) {
    byId("start").hidden = false;
    say("De kaart kan niet worden getoond: het bestand is beschadigd of onvolledig. Vraag een nieuw exemplaar.");
    throw error;
  }
}

start();
