// Projections of the whole sky: Hammer-Aitoff (AIT) and plate carrée (CAR) (Calabretta & Greisen 2002, sections 5.3.4 and 5.2.3).
import type { Projection } from "./projection.ts";

// wcslib takes native coordinates this far (in radians) beyond the edge for the edge itself.
const EDGE_TOLERANCE = 1e-13;

/** AIT: an ellipse of equal areas, twice as wide as high. */
export const aitoff: Projection = {
  name: "AIT",
  isZenithal: false,
  project(right, above, up, place) {
    const halfLongitude = Math.atan2(right, -above) / 2;
    const cosLatitude = Math.hypot(right, above);
    const gamma = Math.sqrt(2 / (1 + cosLatitude * Math.cos(halfLongitude)));
    place.x = 2 * gamma * cosLatitude * Math.sin(halfLongitude);
    place.y = gamma * up;
  },
  deproject(x, y) {
    const z2 = 1 - (x * x) / 16 - (y * y) / 4;
    if (!(z2 >= 0.5 - EDGE_TOLERANCE)) return undefined;
    const z = Math.sqrt(z2);
    // cos(latitude) times cosine and sine of half the longitude: exact at the poles too.
    const cosine = Math.max(0, 2 * z2 - 1);
    const sine = (z * x) / 2;
    const longitude = 2 * Math.atan2(sine, cosine);
    const cosLatitude = Math.hypot(sine, cosine);
    return { right: cosLatitude * Math.sin(longitude), above: -cosLatitude * Math.cos(longitude), up: y * z };
  },
};

/** CAR: longitude and latitude as they are. */
export const plateCarree: Projection = {
  name: "CAR",
  isZenithal: false,
  project(right, above, up, place) {
    place.x = Math.atan2(right, -above);
    place.y = Math.atan2(up, Math.hypot(right, above));
  },
  deproject(x, y) {
    if (!(Math.abs(x) <= Math.PI + EDGE_TOLERANCE && Math.abs(y) <= Math.PI / 2 + EDGE_TOLERANCE)) return undefined;
    const cosLatitude = Math.cos(y);
    return { right: cosLatitude * Math.sin(x), above: -cosLatitude * Math.cos(x), up: Math.sin(y) };
  },
};
