// Under the map: which period is shown, playing through them, and comparing two.

import { h } from "./dom.js";
import { unitWord } from "./since.js";
import { sentence } from "./words.js";

const PACE = 1500; // milliseconds per period while playing
const MOST_YEARS = 8; // that have room under the slider
const THUMB = 16; // pixels; as in the style sheet
const VIEW_NAMES = { kaart: "Eén kaart", naast: "Naast elkaar", verschil: "Verschil" };

/**
 * A bar that shows windows and hands every choice to `act`: `period(start)`, `other(start)`, `view(name)`; it is drawn
 * anew by `show`, and keeps only whether it plays.
 */
export function createTimebar({ still, act, announce }) {
  let timer = 0, shown = null;
  const slider = h("input", { type: "range", id: "tijd", min: 0, step: 1, "aria-label": "Periode", input: () => { stop(); pick(Number(slider.value)); } });
  const ticks = h("div", { class: "tikken", "aria-hidden": "true" });
  const label = h("output", { id: "tijdnaam", for: "tijd" });
  const play = h("button", { type: "button", class: "speel", id: "speel", hidden: still, click: () => (timer ? stop(true) : start()) });
  const step = (by, name, sign) => h("button", { type: "button", class: "stap", "aria-label": name, title: name, click: () => { stop(); move(by); } }, sign);
  const back = step(-1, "Vorige periode", "‹"), next = step(1, "Volgende periode", "›");
  const line = h("div", { class: "tijdlijn" }, play, back, h("div", { class: "schuif" }, slider, ticks), next, label);
  const views = h("fieldset", { class: "weergave" }, h("legend", { class: "alleen-voorlezen" }, "Vergelijken"), ...Object.entries(VIEW_NAMES).map(([name, text]) => h("label", {},
    h("input", { type: "radio", name: "weergave", value: name, change: () => { stop(); act.view(name); } }), h("span", {}, text))));
  const other = h("select", { id: "anders", change: () => { stop(); act.other(other.value); } });
  const withOther = h("span", { class: "met" }, h("label", { for: "anders" }, "met"), other);
  const none = h("p", { class: "zacht" });
  const element = h("div", { class: "tijd" }, line, h("div", { class: "vergelijk" }, views, withOther), none);

  const all = () => ["", ...shown.windows.map((window) => window.start)];
  const at = () => all().indexOf(shown.period);
  function pick(index) { act.period(all()[index]); }
  function move(by) {
    const to = at() + by;
    if (to < (shown.comparing ? 1 : 0) || to >= all().length) return false;
    pick(to);
    return true;
  }
  function start() {
    if (at() === all().length - 1 || at() === 0) pick(1);
    timer = setInterval(() => { if (!move(1) || at() === all().length - 1) stop(true); }, PACE);
    button();
    announce("Afspelen gestart.");
  }
  function stop(speak = false) {
    if (!timer) return;
    clearInterval(timer);
    timer = 0;
    button();
    if (speak) announce(`Gestopt bij ${label.textContent}.`);
  }
  function button() {
    play.replaceChildren(h("span", { "aria-hidden": "true" }, timer ? "❚❚" : "►"), timer ? " Pauze" : " Afspelen");
  }
  function place(index, count) {
    const share = count ? index / count : 0;
    return `calc(${THUMB / 2}px + (100% - ${THUMB}px) * ${share.toFixed(5)})`;
  }

  return {
    element, stop,
    playing: () => timer !== 0,
    /**
     * @param {{windows: {start: string, label: string, empty: boolean}[], period: string, other: string, view: string,
     *   comparing: boolean, whole: string, reason: string}} now  `reason` says why there are no windows
     */
    show(now) {
      shown = now;
      const { windows, period, comparing } = now, has = windows.length > 0;
      if (!has) stop();
      line.hidden = views.hidden = !has;
      none.hidden = has;
      none.textContent = now.reason;
      withOther.hidden = !comparing;
      if (!has) return;
      const here = windows.find(({ start: day }) => day === period);
      slider.min = String(comparing ? 1 : 0);
      slider.max = String(windows.length);
      slider.value = String(at());
      const name = here ? sentence(here.label) : "Hele periode";
      label.textContent = here?.empty ? `${name}: geen gegevens` : name;
      slider.setAttribute("aria-valuetext", here ? label.textContent : `Hele periode, ${now.whole}`);
      back.disabled = at() <= (comparing ? 1 : 0);
      next.disabled = at() >= windows.length;
      const years = new Set(windows.map((window) => window.start.slice(0, 4))), every = Math.ceil(years.size / MOST_YEARS);
      ticks.replaceChildren(...["", ...windows].map((window, index) => {
        if (comparing && !index) return null;
        const january = window && (index === 1 || (window.start.slice(5, 7) === "01" && Number(window.start.slice(0, 4)) % every === 0));
        const mark = h("span", { class: window.empty ? "tik leeg" : january || !window ? "tik jaar" : "tik" }, january ? window.start.slice(0, 4) : "");
        mark.style.left = place(index - (comparing ? 1 : 0), windows.length - (comparing ? 1 : 0));
        return mark;
      }).filter(Boolean));
      for (const input of views.querySelectorAll("input")) input.checked = input.value === now.view;
      other.replaceChildren(...windows.filter((window) => window.start !== period).map((window) => h("option", { value: window.start, selected: window.start === now.other }, window.label)));
      views.title = `Een ${unitWord(windows)} met een ander vergelijken`;
      button();
    },
  };
}
