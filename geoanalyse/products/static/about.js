// Below the table: where the numbers come from, on what basis, how they are protected, what they do not say.

import { h, pairs } from "./dom.js";
import { groundSheet, groundSources } from "./surroundings.js";
import { listing, number, plural, sentence, significant, themesOf } from "./words.js";

export function about(model) {
  const { header } = model, layers = [...model.layers.values()].filter((layer) => layer.themes);
  return [
    h("section", {}, h("h2", {}, "Wat u moet weten"),
      h("ul", { class: "ruim" },
        h("li", {}, h("strong", {}, "Een hoge score is een signaal, geen bewijs."), " Het is een reden om te kijken, geen oordeel over een plek of over mensen."),
        h("li", {}, h("strong", {}, "Onbekend is niet laag."), " Waar geen adressen zijn, of waar geen bron kijkt, staat dat er apart bij."),
        h("li", {}, "Cijfers volgen ook de inzet: waar meer gecontroleerd of gemeld wordt, wordt meer gevonden. Per bron staat hieronder wat het beeld vertekent."),
        h("li", {}, h("strong", {}, "De regio"), ` waarmee wordt vergeleken, is heel ${header.compared}. “1 keer” is het gemiddelde daarvan.`),
        h("li", {}, "“0 tot 4” betekent dat het er geen kunnen zijn, maar ook een paar. Bij “56 of meer” wordt het hele aantal niet getoond."),
        h("li", {}, "Elk aantal heeft een marge, want het is afgerond. Overlappen de marges van twee plekken of perioden, dan is er misschien geen verschil. Overlappen ze niet, dan is er verschil in wat is geteld; dat kan nog steeds toeval zijn. Daarover zegt alleen de toets iets."),
        h("li", {}, h("strong", {}, "Mag deze kaart worden doorgestuurd?"), " Alleen naar wie de rubricering ", h("bdi", {}, `“${header.classification}”`), " toelaat en voor het doel dat onder Grondslag staat. Er staan geen personen en adressen in. Toch kan iemand die de buurt kent bij een zone aan een bepaalde groep denken: noem een zone daarom nooit als bewijs over mensen."))),
    h("section", {}, h("h2", {}, "Bronnen"), h("div", { class: "rol", tabindex: 0, role: "region", "aria-label": "Bronnen" }, sources(model, layers))),
    ...groundSources(model),
    ...hindsight(header.hindsight),
    h("section", {}, h("h2", {}, "Grondslag"), pairs(header.grondslag)),
    h("section", { id: "bescherming" }, h("h2", {}, "Bescherming"), ...protection(header)),
    h("section", {}, h("h2", {}, "Over deze kaart"), ...colophon(header)),
    h("section", { id: "toegankelijkheid" }, h("h2", {}, "Toegankelijkheid"), ...statement(header.accessibility)),
  ];
}

function sources(model, layers) {
  const head = ["Laag", "Lezen als", "Vertekening", "Wat is geteld, door wie en waar", "Betrouwbaarheid", "Telt mee in", "Grondslag van de bron"];
  const weights = (themes) => listing(themesOf({ themes }).map((theme) => `${theme} (gewicht ${significant(themes[theme])})`)) || "geen thema";
  return h("table", { class: "cijfers bronnen" },
    h("thead", {}, h("tr", {}, ...head.map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, ...layers.map((layer) => h("tr", {}, h("th", { scope: "row" }, layer.title),
      ...[layer.text, `${sentence(layer.bias)}. ${layer.drives} ${layer.uses}`,
        `${layer.description} ${sentence(layer.holder)}: ${layer.source}; ${layer.coverage[0] || "alle gemeenten"}, van ${layer.coverage[1]} tot ${layer.coverage[2]}.`,
        layer.reliability, weights(layer.themes), layer.legal_basis].map((text) => h("td", {}, text))))));
}

function hindsight([title, introduction, sentences]) {
  if (!sentences.length) return [];
  return [h("section", { id: "terugblik" }, h("h2", { tabindex: -1 }, title), h("p", {}, introduction), bullets(sentences.map((text) => h("bdi", {}, text))))];
}

const bullets = (texts) => h("ul", { class: "ruim" }, ...texts.map((text) => h("li", {}, text)));

function protection({ k, zones_version, profile_words, promise, caveat, snapped }) {
  return [
    caveat ? h("p", { class: "kanttekening" }, h("strong", {}, "Let op. "), h("bdi", {}, caveat)) : null,
    h("p", {}, h("strong", {}, promise.short)),
    h("p", {}, `Deze kaart bevat geen personen en geen adressen. Het kleinste waarover iets wordt gezegd is een zone: minstens ${number(k)} adressen in minstens drie gebouwen, waarvan minstens vijf buiten het grootste. Zones volgen alleen uit openbare adressen.`),
    h("p", {}, "Elk aantal is afgerond met een geheime drempel per zone die nooit verandert. Het aantal van een zone hangt alleen van die zone af. Totalen zijn apart afgerond, zo dat ze geen zone verder inperken; ze zijn daarom soms niet gelijk aan de som. Alle andere cijfers, kleuren en teksten zijn uit die afgeronde aantallen berekend."),
    h("details", { id: "helebelofte" }, h("summary", {}, "De hele belofte, en waar zij ophoudt"),
      h("h3", {}, "Wat wordt beloofd"), bullets(promise.whole),
      h("h3", {}, "Waar de belofte ophoudt"), bullets(promise.limits),
      h("p", {}, "Wat een aanvaller in een proef kon vinden, staat in verantwoording.html, bij dezelfde uitgave.")),
    h("p", { class: "zacht" }, `Zones versie ${zones_version}. Profiel ${profile_words}. Het gebied is op hele zones afgerond: ${plural(snapped[0], ["adres", "adressen"])} van buiten tellen mee, ${plural(snapped[1], ["adres", "adressen"])} van binnen niet.`),
  ];
}

function statement({ status, tested, by_whom: byWhom, limits, contact }) {
  return [
    h("p", {}, "De kaart is te gebruiken met alleen een toetsenbord; alle cijfers staan ook in de tabel hierboven."),
    h("details", {}, h("summary", {}, "Toegankelijkheidsverklaring"), h("p", {}, status),
      h("h3", {}, "Wat is getest"), bullets(tested), h("p", {}, byWhom),
      h("h3", {}, "Wat tekortschiet of niet is getest"), bullets(limits), h("p", {}, contact)),
  ];
}

function colophon(header) {
  const licence = document.getElementById("licenties").textContent;
  return [
    pairs([
      ["Gebied", `${header.title}: ${header.area_source}`],
      ["Periode", header.period],
      ["Peildatum", header.reference_date],
      ["Grenzen", `${header.geography[0]} (${header.geography[1]})`],
      ["Programma", `geoanalyse ${header.version}`],
      ["Kenmerk (SHA-256)", h("code", {}, header.digest)],
    ]),
    h("p", {}, "Deze kaart is één bestand. Ze vraagt niets op van internet, stuurt niets en bewaart niets. Grenzen zijn getekend als randen van zeshoeken en dus niet precies."),
    h("details", {}, h("summary", {}, "Licenties"), h("pre", { tabindex: 0, role: "region", "aria-label": "Licentieteksten" }, licence)),
  ];
}

/** What stands under the map on paper and in a picture. */
export function sheetLines({ header }, layer) {
  const about = layer.surroundings ? groundSheet(layer) : incidentLines(header, layer);
  return [about[0], `${about[1]} Grenzen: ${header.geography[0]}. Grondslag: ${header.grondslag[0][1]}. Bewaren tot en met ${header.grondslag.find(([term]) => term === "Bewaren tot en met")[1]}. geoanalyse ${header.version}, kenmerk ${header.digest}.`];
}

function incidentLines(header, layer) {
  const source = layer.theme ? "Bronnen: zie de lagen van dit thema in de kaart zelf." : `Bron: ${layer.holder}, ${layer.source}. Vertekening: ${layer.bias}.`;
  return [
    `Een hoge score is een signaal, geen bewijs. Onbekend is niet laag. ${header.promise.short}`,
    source,
  ];
}
