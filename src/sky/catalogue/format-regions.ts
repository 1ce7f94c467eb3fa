// Sources as regions of DS9 and CARTA.
import type { Source } from "./catalogue.ts";

/**
 * One line a source in ICRS: an ellipse at half maximum where the sizes are known, else a point; its id is its text. DS9 turns the
 * first radius from west through north, position angles go from north through east: hence 90 degrees more.
 */
export function formatRegions(sources: readonly Source[]): string {
  const head = ["# Region file format: DS9 version 4.1", "global color=green width=1", "icrs"];
  return `${[...head, ...sources.map(regionOf)].join("\n")}\n`;
}

function regionOf({ id, raDeg, decDeg, majorDeg, minorDeg, positionAngleDeg }: Source): string {
  const text = id === null ? "" : `text={${id.replaceAll(/[{}\r\n]/g, " ")}}`;
  const note = (more: string) => (more + text === "" ? "" : ` # ${[more, text].filter(Boolean).join(" ")}`);
  if (majorDeg === null || minorDeg === null) return `point(${raDeg},${decDeg})${note("point=cross")}`;
  const radius = (fullWidthDeg: number) => `${1800 * fullWidthDeg}"`;
  return `ellipse(${raDeg},${decDeg},${radius(majorDeg)},${radius(minorDeg)},${(positionAngleDeg ?? 0) + 90})${note("")}`;
}
