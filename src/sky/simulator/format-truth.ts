// The truth of simulated fields as CSV: every listed object, detected or not, and the bright sources with errors of their own.
import { separationOverExtent } from "./peak-separation.ts";
import type { PlacedObject, SimulatedField } from "./simulate-field.ts";

type Cell = string | number | null;

interface TruthColumn {
  readonly heading: string;
  readonly cell: (object: PlacedObject, field: SimulatedField) => Cell;
}

const COLUMNS: readonly TruthColumn[] = [
  { heading: "id", cell: ({ id }, { name }) => `${name}_${id}` },
  { heading: "field", cell: (_, { name }) => name },
  { heading: "ra", cell: ({ raDeg }) => rounded(raDeg, 1e8) },
  { heading: "dec", cell: ({ decDeg }) => rounded(decDeg, 1e8) },
  { heading: "x", cell: ({ x }) => rounded(x, 1e4) },
  { heading: "y", cell: ({ y }) => rounded(y, 1e4) },
  { heading: "S128_mJy", cell: ({ fluxJy }) => significant(fluxJy * 1000) },
  { heading: "Sapp_mJy", cell: ({ apparentFluxJy }) => significant(apparentFluxJy * 1000) },
  { heading: "alpha", cell: ({ spectralIndex }) => significant(spectralIndex) },
  { heading: "maj", cell: (object) => singleOf(object)?.majorArcsec ?? null },
  { heading: "min", cell: (object) => singleOf(object)?.minorArcsec ?? null },
  { heading: "pa", cell: (object) => singleOf(object)?.positionAngleDeg ?? null },
  { heading: "class", cell: ({ kind }) => kind },
  { heading: "LAS", cell: ({ largestSizeArcsec }) => significant(largestSizeArcsec) },
  { heading: "nComp", cell: ({ components }) => components.length },
  { heading: "coreFrac", cell: ({ coreFraction }) => (coreFraction === null ? null : significant(coreFraction)) },
  { heading: "sepExt", cell: separationCell },
  { heading: "clusterMember", cell: ({ isInCluster }) => (isInCluster ? 1 : 0) },
  { heading: "errorPhaseDeg", cell: ({ id }, { errorSources }) => errorSources.find((one) => one.id === id)?.phaseDeg ?? null },
];

/** The first line of a truth table. */
export function truthHeading(): string {
  return COLUMNS.map(({ heading }) => heading).join(",");
}

/** The lines of one field, one an object, each with its end. x and y are pixels from 0; sizes in arcsec (of a single Gaussian its FWHM), angles in degrees. */
export function formatTruthLines(field: SimulatedField): string {
  return field.truth.map((object) => `${COLUMNS.map(({ cell }) => cell(object, field) ?? "").join(",")}\n`).join("");
}

/** Under the field's own beam, made round. */
function separationCell(object: PlacedObject, { beam }: SimulatedField): Cell {
  const value = separationOverExtent(object, 3600 * Math.sqrt(beam.majorDeg * beam.minorDeg));
  return value === null ? null : significant(value);
}

function singleOf({ kind, components }: PlacedObject) {
  if (kind !== "gauss") return undefined;
  const { majorArcsec, minorArcsec, positionAngleDeg } = components[0]!;
  return {
    majorArcsec: significant(majorArcsec),
    minorArcsec: significant(minorArcsec),
    positionAngleDeg: significant(positionAngleDeg),
  };
}

function rounded(value: number, per: number): number {
  return Math.round(value * per) / per;
}

function significant(value: number): number {
  return Number(value.toPrecision(6));
}
