// A canvas that follows the Leaflet map: padded, shifted while panning, scaled while zooming, repainted when at rest.

const MOST_RATIO = 2; // device pixels per CSS pixel that are worth painting

/**
 * @param {L.Map} map
 * @param {{pad: number, shifts: boolean, className: string, paint: Function}} options
 *   `pad`: share of the view painted beyond each side. `shifts`: keep what is painted and paint only what panning exposes.
 *   `paint(context, view, part)`: paint one rectangle; view is { x, y, scale }: world position of pixel (0, 0) and pixels
 *   per world unit, part is { left, top, width, height } in pixels.
 */
export function createSurface(map, { pad, shifts, className, paint }) {
  const canvas = document.createElement("canvas");
  canvas.className = `${className} leaflet-zoom-animated`;
  canvas.setAttribute("aria-hidden", "true");
  map.getPane("overlayPane").append(canvas);
  const context = canvas.getContext("2d");
  let zoom = map.getZoom(), corner = L.point(0, 0), ratio = 1, margin = L.point(0, 0);

  const view = () => {
    const size = 256 * 2 ** zoom, origin = map.getPixelOrigin().add(corner);
    return { x: origin.x / size, y: origin.y / size, scale: size * ratio, ratio };
  };
  const paintPart = (left, top, width, height) => {
    if (width <= 0 || height <= 0) return;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.clearRect(left, top, width, height);
    paint(context, view(), { left, top, width, height });
    context.restore();
  };
  const repaint = () => {
    const size = map.getSize();
    zoom = map.getZoom();
    ratio = Math.min(window.devicePixelRatio || 1, MOST_RATIO);
    margin = L.point(Math.round(size.x * pad), Math.round(size.y * pad));
    corner = map.containerPointToLayerPoint(margin.multiplyBy(-1)).round();
    const width = Math.round((size.x + 2 * margin.x) * ratio), height = Math.round((size.y + 2 * margin.y) * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width; canvas.height = height;
      canvas.style.width = `${width / ratio}px`; canvas.style.height = `${height / ratio}px`;
    }
    L.DomUtil.setTransform(canvas, corner, 1);
    L.DomUtil.setPosition(canvas, corner);
    paintPart(0, 0, width, height);
  };
  const shift = () => {
    const next = map.containerPointToLayerPoint(margin.multiplyBy(-1)).round();
    const dx = (next.x - corner.x) * ratio, dy = (next.y - corner.y) * ratio;
    if (!dx && !dy) return;
    const { width, height } = canvas;
    if (!shifts || !Number.isInteger(dx) || !Number.isInteger(dy) || Math.abs(dx) >= width || Math.abs(dy) >= height) {
      repaint();
      return;
    }
    corner = next;
    L.DomUtil.setPosition(canvas, corner);
    context.globalCompositeOperation = "copy";
    context.drawImage(canvas, -dx, -dy);
    context.globalCompositeOperation = "source-over";
    paintPart(0, dy > 0 ? height - dy : 0, width, Math.abs(dy));
    paintPart(dx > 0 ? width - dx : 0, dy < 0 ? -dy : 0, Math.abs(dx), height - Math.abs(dy));
  };
  const exposed = () => {
    const edge = map.containerPointToLayerPoint([0, 0]).subtract(corner);
    return edge.x < 0 || edge.y < 0 || edge.x > 2 * margin.x || edge.y > 2 * margin.y;
  };
  const scaled = (newZoom, centre) => {
    const nw = map.unproject(map.getPixelOrigin().add(corner), zoom);
    return [map._latLngToNewLayerPoint(nw, newZoom, centre), map.getZoomScale(newZoom, zoom)];
  };
  let held = null; // north-west corner while the zoom differs from what is painted

  map.on({
    zoomanim: ({ zoom: newZoom, center }) => L.DomUtil.setTransform(canvas, ...scaled(newZoom, center)),
    zoomstart: () => { held = map.unproject(map.getPixelOrigin().add(corner), zoom); },
    zoom: () => {
      if (held && map.getZoom() !== zoom) {
        L.DomUtil.setTransform(canvas, map.latLngToLayerPoint(held), map.getZoomScale(map.getZoom(), zoom));
      }
    },
    move: () => { if (map.getZoom() === zoom && shifts && exposed()) shift(); },
    moveend: () => { held = null; if (map.getZoom() === zoom) shift(); else repaint(); },
    viewreset: repaint,
    resize: repaint,
  });
  return { canvas, repaint, view };
}
