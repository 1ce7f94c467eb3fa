// Zenithal projections of a small sky: SIN with its oblique form, and TAN (Calabretta & Greisen 2002, sections 5.1.3 and 5.1.5).

/**
 * A direction as a unit vector in the field's frame: `east` and `north` along the plane that touches the sphere at the
 * reference point (when LONPOLE is 180), `up` towards the reference point.
 */
export interface FieldDirection {
  readonly east: number;
  readonly north: number;
  readonly up: number;
}

/** A position on the projection plane, in radians. */
export interface PlanePosition {
  readonly x: number;
  readonly y: number;
}

/** Both ways are undefined where the sphere has no image on the plane, or the plane no point on the sphere. */
export interface Projection {
  readonly name: "SIN" | "TAN";
  project(direction: FieldDirection): PlanePosition | undefined;
  deproject(position: PlanePosition): FieldDirection | undefined;
}

export const TAN: Projection = {
  name: "TAN",
  project: ({ east, north, up }) => (up > 0 ? { x: east / up, y: north / up } : undefined),
  deproject: ({ x, y }) => {
    const up = 1 / Math.sqrt(1 + x * x + y * y);
    return { east: x * up, north: y * up, up };
  },
};

/**
 * SIN along the direction (xi, eta, 1): PV2_1 and PV2_2 (eq. 43, 44); 0, 0 is the orthographic projection and
 * 0, cot(dec) the old NCP.
 */
export function sinProjection(xi: number, eta: number): Projection {
  return {
    name: "SIN",
    project: ({ east, north, up }) => {
      // The far side: rays along (xi, eta, 1) meet the sphere twice.
      if (east * xi + north * eta + up < 0) return undefined;
      return { x: east + xi * (1 - up), y: north + eta * (1 - up) };
    },
    deproject: ({ x, y }) => {
      // With s = 1 - up: (x - xi s)^2 + (y - eta s)^2 + (1 - s)^2 = 1; the smaller root is the near side.
      const radius2 = x * x + y * y;
      const half = 1 + x * xi + y * eta;
      const root = half * half - (1 + xi * xi + eta * eta) * radius2;
      if (root < 0) return undefined;
      const s = radius2 / (half + Math.sqrt(root));
      return { east: x - xi * s, north: y - eta * s, up: 1 - s };
    },
  };
}
