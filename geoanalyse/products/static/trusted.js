// Runs first. Leaflet asks once whether the browser knows SVG; nothing else may become markup.
if (window.trustedTypes) {
  window.trustedTypes.createPolicy("default", { createHTML: (text) => (text === "<svg/>" ? text : null) });
}
