// Galactic longitude and latitude from ICRS and back, by one rotation.
import { type SkyPosition, wrapDegrees } from "./sky-position.ts";

const DEGREES = 180 / Math.PI;

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

/** Rotation of the axes by an angle in degrees, about axis 0 (x), 1 (y) or 2 (z). */
function rotation(axis: 0 | 1 | 2, degrees: number): Matrix {
  const [c, s] = [Math.cos(degrees / DEGREES), Math.sin(degrees / DEGREES)];
  if (axis === 0)
    return [
      [1, 0, 0],
      [0, c, s],
      [0, -s, c],
    ];
  if (axis === 1)
    return [
      [c, 0, -s],
      [0, 1, 0],
      [s, 0, c],
    ];
  return [
    [c, s, 0],
    [-s, c, 0],
    [0, 0, 1],
  ];
}

const times = (matrix: Matrix, [x, y, z]: Vector): Vector =>
  matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Vector; // three rows give three numbers

function product(a: Matrix, b: Matrix): Matrix {
  const columns = transposed(b).map((column) => times(a, column));
  return transposed(columns as unknown as Matrix); // three columns, as b has
}

const transposed = (m: Matrix): Matrix => [
  [m[0][0], m[1][0], m[2][0]],
  [m[0][1], m[1][1], m[2][1]],
  [m[0][2], m[1][2], m[2][2]],
];

const chain = (...matrices: readonly Matrix[]) => matrices.reduce(product);

const MAS = 1 / 3.6e6;

/** ICRS to FK5 of J2000: the frame bias of Mignard & Froeschlé (2000), as in the SOFA library and astropy. */
const FK5_FROM_ICRS = chain(rotation(0, 19.9 * MAS), rotation(1, 9.1 * MAS), rotation(2, -22.9 * MAS));

/**
 * FK5 of J2000 to galactic: the north galactic pole at RA 192.8594812065348, Dec 27.12825118085622, which has the galactic
 * longitude of the celestial pole 122.9319185680026 (Blaauw et al. 1960 precessed, as astropy has it).
 */
const GALACTIC_FROM_FK5 = chain(
  rotation(2, 180 - 122.9319185680026),
  rotation(1, 90 - 27.12825118085622),
  rotation(2, 192.8594812065348),
);

const GALACTIC_FROM_ICRS = chain(GALACTIC_FROM_FK5, FK5_FROM_ICRS);
const ICRS_FROM_GALACTIC = transposed(GALACTIC_FROM_ICRS);

/** Galactic longitude (as raDeg) and latitude (as decDeg) of an ICRS position. */
export const galacticFromIcrs = (position: SkyPosition) => rotated(GALACTIC_FROM_ICRS, position);

/** The ICRS position of a galactic longitude (raDeg) and latitude (decDeg). */
export const icrsFromGalactic = (position: SkyPosition) => rotated(ICRS_FROM_GALACTIC, position);

function rotated(matrix: Matrix, { raDeg, decDeg }: SkyPosition): SkyPosition {
  const cos = Math.cos(decDeg / DEGREES);
  const vector: Vector = [cos * Math.cos(raDeg / DEGREES), cos * Math.sin(raDeg / DEGREES), Math.sin(decDeg / DEGREES)];
  const [x, y, z] = times(matrix, vector);
  return { raDeg: wrapDegrees(Math.atan2(y, x) * DEGREES), decDeg: Math.atan2(z, Math.hypot(x, y)) * DEGREES };
}
