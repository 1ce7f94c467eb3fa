// Zenithal projections: SIN with its oblique form, TAN, ARC, ZEA and STG (Calabretta & Greisen 2002, section 5.1).
import type { NativeDirection, PlanePlace, Projection, ProjectionName } from "./projection.ts";

/** Places off the plane. */
function writeNothing(place: PlanePlace): void {
  place.x = Number.NaN;
  place.y = Number.NaN;
}

/**
 * SIN: along parallel rays of direction (xi, eta, 1), PV2_1 and PV2_2 (eq. 43 and 44); 0, 0 is the orthographic projection.
 */
export function orthographic(xi: number, eta: number): Projection {
  return {
    name: "SIN",
    isZenithal: true,
    project(right, above, up, place) {
      // On the far side the rays meet the sphere for the second time.
      if (!(right * xi + above * eta + up >= 0)) return writeNothing(place);
      place.x = right + xi * (1 - up);
      place.y = above + eta * (1 - up);
    },
    deproject(x, y) {
      // With s = 1 - up: (x - xi s)^2 + (y - eta s)^2 + (1 - s)^2 = 1; the smaller root is the near side.
      const radius2 = x * x + y * y;
      const half = 1 + x * xi + y * eta;
      const root = half * half - (1 + xi * xi + eta * eta) * radius2;
      if (!(root >= 0)) return undefined;
      const s = radius2 / (half + Math.sqrt(root));
      return { right: x - xi * s, above: y - eta * s, up: 1 - s };
    },
  };
}

/** A zenithal projection by the stretch of its radius: plane = stretch x (right, above), NaN where there is no image. */
function radial(
  name: ProjectionName,
  stretch: (sine: number, up: number) => number,
  deproject: (x: number, y: number) => NativeDirection | undefined,
): Projection {
  return {
    name,
    isZenithal: true,
    project(right, above, up, place) {
      const factor = stretch(Math.hypot(right, above), up);
      place.x = right * factor;
      place.y = above * factor;
    },
    deproject,
  };
}

/** TAN, from the sphere's centre (5.1.3). */
export const gnomonic = radial(
  "TAN",
  (_, up) => (up > 0 ? 1 / up : Number.NaN),
  (x, y) => {
    const up = 1 / Math.sqrt(1 + x * x + y * y);
    return { right: x * up, above: y * up, up };
  },
);

/** ARC: the radius is the angle from the pole (5.1.6). The far pole is a circle: it has no one place. */
export const equidistant = radial(
  "ARC",
  (sine, up) => (sine > 0 ? Math.atan2(sine, up) / sine : up > 0 ? 1 : Number.NaN),
  (x, y) => {
    const radius = Math.hypot(x, y);
    if (!(radius <= Math.PI)) return undefined;
    const factor = radius === 0 ? 1 : Math.sin(radius) / radius;
    return { right: x * factor, above: y * factor, up: Math.cos(radius) };
  },
);

/** ZEA, Lambert's of equal areas (5.1.8): the radius is twice the sine of half the angle. */
export const equalArea = radial(
  "ZEA",
  // 1 + up by the sine where the sum would lose its digits.
  (sine, up) => (up > 0 ? Math.sqrt(2 / (1 + up)) : sine > 0 ? Math.sqrt(2 * (1 - up)) / sine : Number.NaN),
  (x, y) => {
    const radius2 = x * x + y * y;
    if (!(radius2 <= 4)) return undefined;
    const factor = Math.sqrt(1 - radius2 / 4);
    return { right: x * factor, above: y * factor, up: 1 - radius2 / 2 };
  },
);

/** STG, from the far pole (5.1.4): the radius is twice the tangent of half the angle. */
export const stereographic = radial(
  "STG",
  (sine, up) => (up > 0 ? 2 / (1 + up) : sine > 0 ? (2 * (1 - up)) / (sine * sine) : Number.NaN),
  (x, y) => {
    const quarter = (x * x + y * y) / 4;
    const factor = 1 / (1 + quarter);
    return { right: x * factor, above: y * factor, up: (1 - quarter) * factor };
  },
);
