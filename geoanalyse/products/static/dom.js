// Making elements: text only ever as text, never as markup.

/**
 * @param {string} tag element name
 * @param {Record<string, any>} [given] attributes; a function is a listener for the event of that name
 * @param {...(Node | string | null | undefined | false)} children
 */
export function h(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child || child === 0));
  return element;
}

/** The same for SVG. */
export function svg(tag, given = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(given)) element.setAttribute(name, String(value));
  element.append(...children.filter(Boolean));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Small square with a class colour or an empty pattern. */
export function swatch(scheme, code) {
  const canvas = h("canvas", { class: "staal", width: 22, height: 16, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  context.fillStyle = context.createPattern(scheme.tile(code), "repeat");
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Term and description pairs. */
export const pairs = (rows) => h("dl", {}, ...rows.flatMap(([term, text]) => [h("dt", {}, term), h("dd", {}, text)]));
