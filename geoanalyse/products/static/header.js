// The texts above the map, and the banner once the retention period is over by the reader's own clock.

import { byId } from "./dom.js";
import { sentence } from "./words.js";

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
