// State of the view in the address bar: a link shows what its sender saw. Nothing is stored anywhere else.

/** @returns {Record<string, string>} */
export function readFragment(fragment) {
  if (!fragment.includes("=")) return {};
  return Object.fromEntries(new URLSearchParams(fragment.replace(/^#/, "")));
}

export function writeFragment(state) {
  const parts = Object.entries(state).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return parts.map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3A/g, ":")}`).join("&");
}

/** "13.25,52.3102,4.9521" -> [13.25, 52.3102, 4.9521], or null when it is no view. */
export function readView(text) {
  const numbers = (text ?? "").split(",").map(Number);
  return numbers.length === 3 && numbers.every(Number.isFinite) ? numbers : null;
}
