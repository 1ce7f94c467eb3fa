// Zenithal projections of a small sky: SIN with its oblique form, and TAN (Calabretta & Greisen 2002, sections 5.1.3 and 5.1.5).

/**
 * A projection from a point on the axis through the reference point (TAN: the sphere's centre) or along parallel rays of
 * direction (xi, eta, 1) (SIN: PV2_1 and PV2_2, eq. 43 and 44; 0, 0 is the orthographic projection; both are 0 for TAN).
 */
export interface Projection {
  readonly name: "SIN" | "TAN";
  readonly xi: number;
  readonly eta: number;
}

/**
 * A direction as a unit vector in the field's frame: `east` and `north` along the plane that touches the sphere at the
 * reference point (when LONPOLE is 180), `up` towards the reference point.
 */
export interface FieldDirection {
  readonly east: number;
  readonly north: number;
  readonly up: number;
}

/** The number that a direction's place on the plane is divided by; 0 where the sphere has no image on the plane. */
export function projectionDivisor({ name, xi, eta }: Projection, east: number, north: number, up: number): number {
  if (name === "TAN") return Math.max(up, 0);
  // On the far side the rays meet the sphere for the second time.
  return east * xi + north * eta + up >= 0 ? 1 : 0;
}

/** The direction at a place (x, y) on the plane, in radians; undefined where the plane shows no point of the sphere. */
export function deproject({ name, xi, eta }: Projection, x: number, y: number): FieldDirection | undefined {
  const radius2 = x * x + y * y;
  if (name === "TAN") {
    const up = 1 / Math.sqrt(1 + radius2);
    return { east: x * up, north: y * up, up };
  }
  // With s = 1 - up: (x - xi s)^2 + (y - eta s)^2 + (1 - s)^2 = 1; the smaller root is the near side.
  const half = 1 + x * xi + y * eta;
  const root = half * half - (1 + xi * xi + eta * eta) * radius2;
  if (root < 0) return undefined;
  const s = radius2 / (half + Math.sqrt(root));
  return { east: x - xi * s, north: y - eta * s, up: 1 - s };
}
