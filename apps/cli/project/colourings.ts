// What the points of a projection can be coloured by, of all that is known of a crop.
import { ConfigError } from "#base/config";
import type { ProjectionPanel } from "#report";
import type { CropRecord } from "#sky/survey";

type Named = "survey" | "field" | "label" | "split" | "morphology";
type Numbered =
  | "dataQualityFlag"
  | "sourceCount"
  | "islandCount"
  | "interestScore"
  | "rms"
  | "meanSizeDeg"
  | "redshift"
  | "brightestFluxJy";
export type Colouring = Named | Numbered;

/** The paper's first (Figure 6). `log1`: counts span decades, and may be 0; `log`: so do fluxes, of which those of 0 or less are not shown. */
const FORMS: Readonly<
  Record<Colouring, { readonly title: string; readonly form: "names" | "numbers" | "arcsec" | "log1" | "log" }>
> = {
  survey: { title: "survey", form: "names" },
  field: { title: "field", form: "names" },
  dataQualityFlag: { title: "data quality flag", form: "names" },
  sourceCount: { title: "log10 (sources + 1)", form: "log1" },
  islandCount: { title: "log10 (islands + 1)", form: "log1" },
  label: { title: "label", form: "names" },
  morphology: { title: "morphology", form: "names" },
  interestScore: { title: "interest score", form: "numbers" },
  rms: { title: "rms", form: "numbers" },
  meanSizeDeg: { title: "mean size (arcsec)", form: "arcsec" },
  brightestFluxJy: { title: "log10 (brightest source / Jy)", form: "log" },
  redshift: { title: "redshift", form: "numbers" },
  split: { title: "split", form: "names" },
};

export const COLOURINGS = Object.keys(FORMS) as readonly Colouring[]; // Object.keys forgets the keys' type

/** Panels drawn where none are asked for. */
const MOST_PANELS = 6;

/**
 * One panel for each colouring that is asked for; without a wish (null) those that are known of the crops and tell them apart.
 * Throws ConfigError for one that nothing is known of.
 */
export function colourPanels(records: readonly CropRecord[], wanted: readonly Colouring[] | null): readonly ProjectionPanel[] {
  const isKnown = (name: Colouring) => records.some((record) => record[name] !== null);
  const unknown = wanted?.find((name) => !isKnown(name));
  if (unknown !== undefined) {
    const known = COLOURINGS.filter(isKnown).join(", ");
    throw new ConfigError(
      `project: --colour ${unknown}: expected something that is known of the crops, got nothing. Known: ${known}.`,
    );
  }
  const telling = COLOURINGS.filter((name) => new Set(records.map((record) => record[name])).size > 1);
  // A set of which nothing is known still has its points.
  const chosen = wanted ?? (telling.length > 0 ? telling.slice(0, MOST_PANELS) : (["field"] as const));
  return chosen.map((name) => panelOf(name, records));
}

function panelOf(name: Colouring, records: readonly CropRecord[]): ProjectionPanel {
  const { title, form } = FORMS[name];
  const cells = records.map((record) => record[name]);
  if (form === "names") return { title, kind: "names", values: cells.map((cell) => (cell === null ? null : String(cell))) };
  const numbers = cells.map((cell) => (cell === null ? null : Number(cell)));
  return { title, kind: "numbers", values: numbers.map((value) => (value === null ? null : SHOWN[form](value))) };
}

/** A number as it is coloured by; null: not shown. */
const SHOWN: Readonly<Record<"numbers" | "arcsec" | "log1" | "log", (value: number) => number | null>> = {
  numbers: (value) => value,
  arcsec: (value) => 3600 * value,
  log1: (value) => Math.log10(value + 1),
  log: (value) => (value > 0 ? Math.log10(value) : null),
};
