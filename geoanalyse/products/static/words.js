// Dutch words for numbers and values; the same rules as geoanalyse/products/dutch.py.

/** 1234567 -> "1.234.567"; 0.5 with one decimal -> "0,5" */
export function number(value, decimals = 0) {
  const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ".") + (part ? `,${part}` : "");
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

/** At most two significant digits: 2.449 -> "2,4", 0.0123 -> "0,012", 1234 -> "1.200" */
export function significant(value, digits = 2) {
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(digits));
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))));
  const text = number(rounded, places);
  return text.includes(",") ? text.replace(/0+$/, "").replace(/,$/, "") : text;
}

/** Themes a layer counts in, the one it counts most in first. */
export const themesOf = (layer) => (layer.theme ? [layer.theme] : Object.entries(layer.themes).sort(([, a], [, b]) => b - a).map(([theme]) => theme));

export const perThousand = (rate) => significant(1000 * rate);
/** 95 % interval of a rate, per 1,000; NaN for no upper end. */
export const rateInterval = (low, high) => (Number.isNaN(high) ? `minstens ${perThousand(low)}` : `${perThousand(low)} tot ${perThousand(high)}`);
/** What was counted, as a rate per 1,000 with the margin of rounding and nothing else. */
export function countedRate({ status, low, high, addresses }) {
  if (status === "cap") return `minstens ${perThousand(low / addresses)}`;
  return low === high ? perThousand(low / addresses) : `${perThousand(low / addresses)} tot ${perThousand(high / addresses)}`;
}
export const times = (ratio) => `${significant(ratio)} keer`;
export const percentage = (fraction) => `${number(100 * fraction)}%`;
export const plural = (count, [one, many]) => `${number(count)} ${count === 1 ? one : many}`;

export function sentence(text) {
  if (text.startsWith("één")) return `Eén${text.slice(3)}`;
  if (text.startsWith("ij")) return `IJ${text.slice(2)}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Name of a window with the article it takes in a sentence: "het eerste kwartaal van 2024", "april 2025". */
export const during = (label) => (label.includes("kwartaal") ? `het ${label}` : label);

export function listing(items) {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} en ${items[items.length - 1]}`;
}

/** A published value as an interval, never a bare rounded number. `low` and `high` are -1 when unknown or open. */
export function valueWords({ status, value, low, high, withheld }, words) {
  if (status === "geen_data") return words.no_data;
  if (status === "onderdrukt") return withheld ?? words.withheld;
  if (value < 0) return ""; // a composite has no count
  if (status === "cap") return `${number(low)} of meer`; // the value itself is rounded: fewer than that are possible
  if (low === high) return number(low);
  const interval = `${number(low)} tot ${number(high)}`;
  // a value may be rounded beyond what is possible, up to the number of addresses or below what its parts prove
  return value !== 0 && low <= value && value <= high ? `ongeveer ${number(value)} (${interval})` : interval;
}

export const NO_SERIES = "geen eigen reeks";

/** Value of one window of a series; -1 stands for no data, lower for withheld. */
export function windowWords({ value, low, high }, words) {
  const status = value === -1 ? "geen_data" : value < 0 ? "onderdrukt" : high < 0 ? "cap" : "waarde";
  return valueWords({ status, value, low, high, withheld: NO_SERIES }, words);
}
