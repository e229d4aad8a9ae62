// Web Mercator as a unit square: the whole world is [0, 1] x [0, 1], right and down.

export const worldX = (lon) => lon / 360 + 0.5;
export const worldY = (lat) => 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
export const lonOf = (x) => (x - 0.5) * 360;
export const latOf = (y) => (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;

/** Metres on the ground per world unit at a latitude (H3's sphere and a scale bar need no ellipsoid). */
export const metresPerWorld = (lat) => 2 * Math.PI * 6378137 * Math.cos((lat * Math.PI) / 180);
