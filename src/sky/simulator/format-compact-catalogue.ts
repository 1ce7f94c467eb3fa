// The compact-source catalogue in the columns of MGCLS's Table 2 (Knowles et al. 2022).
import type { CataloguedSource } from "./simulate-field.ts";

interface CompactColumn {
  readonly heading: string;
  readonly cell: (source: CataloguedSource) => string | number;
}

// A simulated source has all values that a Source may lack.
const COLUMNS: readonly CompactColumn[] = [
  { heading: "# Source_name", cell: ({ id }) => id! },
  { heading: "RA_deg", cell: ({ raDeg }) => raDeg.toFixed(8) },
  { heading: "Dec_deg", cell: ({ decDeg }) => decDeg.toFixed(8) },
  {
    heading: "DeltaRA_deg",
    cell: (source) => (source.positionErrorDeg / Math.cos((source.decDeg * Math.PI) / 180)).toPrecision(4),
  },
  { heading: "DeltaDec_deg", cell: (source) => source.positionErrorDeg.toPrecision(4) },
  { heading: "Stot_mJy", cell: ({ fluxJy }) => (fluxJy! * 1e3).toPrecision(7) },
  { heading: "DeltaStot_mJy", cell: ({ fluxErrorJy }) => (fluxErrorJy * 1e3).toPrecision(4) },
  { heading: "Ipk_mJyb", cell: ({ peakFluxJyPerBeam }) => (peakFluxJyPerBeam! * 1e3).toPrecision(7) },
  { heading: "DeltaIpk_mJyb", cell: ({ peakFluxErrorJyPerBeam }) => (peakFluxErrorJyPerBeam * 1e3).toPrecision(4) },
  { heading: "smax_asec", cell: ({ majorDeg }) => (majorDeg! * 3600).toFixed(4) },
  { heading: "smin_asec", cell: ({ minorDeg }) => (minorDeg! * 3600).toFixed(4) },
  { heading: "spa_deg", cell: ({ positionAngleDeg }) => positionAngleDeg!.toFixed(3) },
  { heading: "Field", cell: ({ field }) => field! },
];

/** The first line of a catalogue. */
export function compactHeading(): string {
  return COLUMNS.map(({ heading }) => heading).join(",");
}

/** One line a source, each with its end; positions to 0.04 mas, fluxes to seven digits. */
export function formatCompactLines(sources: readonly CataloguedSource[]): string {
  return sources.map((source) => `${COLUMNS.map(({ cell }) => cell(source)).join(",")}\n`).join("");
}
