// Which column of a catalogue is what, by the names that radio astronomers' programs give them, or by the user's word.
import { nameHint } from "#base/config";
import { CatalogueError } from "./catalogue-error.ts";
import type { ColumnChoice } from "./column-choice.ts";
import { QUANTITIES, type Quantity } from "./quantities.ts";
import { shown } from "./shown.ts";
import { unitNamed, unitsPerStandard } from "./units.ts";

/** A column as its table heads it; `unit` where the table says it apart from the name (a line of units, TUNITn). */
export interface ColumnHeading {
  readonly name: string;
  readonly unit?: string | undefined;
}

/** A column in use: its index and name, and how many of its units make 1 Jy, 1 Jy/beam or 1 degree. */
export interface FoundColumn {
  readonly index: number;
  readonly name: string;
  readonly unitsPerStandard: number;
  /** Nothing says the unit of a flux: it is the one that programs with such a column write. */
  readonly isUnitAssumed: boolean;
}

/** The columns found, and a sentence for each that was left out because nothing says its unit. */
export interface FoundColumns {
  readonly columns: Partial<Record<Quantity, FoundColumn>>;
  readonly warnings: readonly string[];
}

/** Names in small letters without signs, the most certain first; a unit at the end is cut off before comparing. */
const NAMES: Readonly<Record<Quantity, readonly string[]>> = {
  id: ["gausid", "sourceid", "sourcename", "componentname", "componentid", "id", "name", "first", "uuid", "objid"],
  field: ["field", "fieldname", "fieldstr", "pointing", "mosaic"],
  ra: ["ra", "raj2000", "rightascension", "alphaj2000", "radegcont", "rastr", "rahmscont", "rahms"],
  dec: ["dec", "dej2000", "decj2000", "declination", "deltaj2000", "decdegcont", "decstr", "decdmscont", "decdms", "de"],
  flux: ["totalflux", "intflux", "fluxint", "fint", "stot", "sint", "integratedflux", "flux"],
  peakFlux: ["peakflux", "fluxpeak", "fpeak", "ipk", "speak"],
  major: ["maj", "majaxis", "smax", "majoraxis", "major", "bmaj", "immaj", "a"],
  minor: ["min", "minaxis", "smin", "minoraxis", "minor", "bmin", "immin", "b"],
  positionAngle: ["pa", "posang", "spa", "positionangle", "impa"],
  sourceCode: ["scode"],
};

/** How many units make 1 Jy in a flux column that names none: what PyBDSF and Aegean (Jy), FIRST's catalogue and Selavy (mJy) write. */
const FLUX_UNIT_OF_NAME: Readonly<Record<string, number>> = {
  totalflux: 1,
  intflux: 1,
  peakflux: 1,
  fint: 1000,
  fpeak: 1000,
  fluxint: 1000,
  fluxpeak: 1000,
};

/** Aegean's: nobody else writes it. */
const NAME_OF_ONE_PROGRAM = "intflux";

/** How many units make 1 degree in a size column that names none, told by a column beside it: see FLUX_UNIT_OF_NAME. */
const SIZE_UNIT_BESIDE: readonly (readonly [beside: string, unitsPerDegree: number])[] = [
  ["totalflux", 1],
  ["intflux", 3600],
  ["fint", 3600],
  ["fpeak", 3600],
  ["fluxint", 3600],
];

interface ColumnName {
  readonly base: string;
  /** In small letters, "/beam" left out; undefined where nothing says it. */
  readonly unit: string | undefined;
}

/** A name longer than any program's is no "name (unit)": patterns do not go over it. */
const LONGEST_NAME = 100;

/** "Fpeak(mJy/beam)" -> fpeak, mjy; "maj_as" -> maj, as; "RA" -> ra. */
function splitName({ name, unit }: ColumnHeading): ColumnName {
  const match =
    name.length > LONGEST_NAME
      ? null
      : (/^(.+?)\s*[[(]\s*([^\])]+?)\s*[\])]$/.exec(name) ??
        /^(.+)_((?:[mun]|µ|μ)?jy(?:b|_?(?:per_?)?beam)?|deg(?:rees?)?|arcsec|asec|as|arcmin|amin)$/i.exec(name));
  const base = (match?.[1] ?? name).toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return { base, unit: unitNamed(match?.[2] ?? unit) };
}

/** Whether names include a right ascension and a declination. */
export function namesPositions(names: readonly string[]): boolean {
  const split = names.map((name) => splitName({ name }));
  return indexOf("ra", split) >= 0 && indexOf("dec", split) >= 0;
}

/**
 * Find the columns, first as `chosen` says, then by name. Columns that are not there are not in the answer. Throws CatalogueError,
 * beginning with `where`, for a chosen column that is not there or has no known unit.
 */
export function findColumns(headings: readonly ColumnHeading[], chosen: ColumnChoice, where: string): FoundColumns {
  const split = headings.map(splitName);
  const columns: Partial<Record<Quantity, FoundColumn>> = {};
  const warnings: string[] = [];
  for (const quantity of QUANTITIES) {
    const choice = chosen[quantity];
    const index = choice === undefined ? indexOf(quantity, split) : chosenIndex(headings, choice.column, where);
    if (index < 0) continue;
    const name = headings[index]!.name;
    const column = choice?.unit === undefined ? split[index]! : { base: split[index]!.base, unit: unitNamed(choice.unit) };
    const units = unitsPerStandardOf(quantity, column, split);
    const isFlux = quantity === "flux" || quantity === "peakFlux";
    const isUnitAssumed = isFlux && column.unit === undefined && column.base !== NAME_OF_ONE_PROGRAM;
    if (units !== undefined) columns[quantity] = { index, name, unitsPerStandard: units, isUnitAssumed };
    else if (choice !== undefined) throw unknownUnit(quantity, choice, where);
    else {
      warnings.push(
        `column "${shown(name)}" is left out: its unit is not known. Name it in the heading, as in "${example(quantity, shown(name))}", or with --columns.`,
      );
    }
  }
  return { columns, warnings };
}

function chosenIndex(headings: readonly ColumnHeading[], column: string, where: string): number {
  const index = headings.findIndex(({ name }) => name === column);
  if (index >= 0) return index;
  const names = headings.slice(0, 40).map(({ name }) => shown(name));
  throw new CatalogueError(`${where}: --columns: no column is called "${column}".${nameHint(column, names)}`, { file: where });
}

function unknownUnit(quantity: Quantity, choice: { readonly column: string; readonly unit?: string }, where: string) {
  const known = quantity === "flux" || quantity === "peakFlux" ? "Jy, mJy, uJy, nJy" : "deg, arcmin, arcsec";
  const got = choice.unit === undefined ? "none" : `"${choice.unit}"`;
  return new CatalogueError(
    `${where}: --columns: "${choice.column}": expected one of the units ${known}, got ${got}. Write ${quantity}=${choice.column}:${known.split(", ")[1]}.`,
    { file: where },
  );
}

function indexOf(quantity: Quantity, split: readonly ColumnName[]): number {
  for (const wanted of NAMES[quantity]) {
    const index = split.findIndex((column) => column.base === wanted);
    if (index >= 0) return index;
  }
  return -1;
}

/** How many of a column's units make 1 Jy or 1 degree; undefined where the unit is unknown. */
function unitsPerStandardOf(quantity: Quantity, column: ColumnName, all: readonly ColumnName[]): number | undefined {
  switch (quantity) {
    case "ra":
    case "dec":
      return unitsPerStandard("position", column.unit ?? "deg");
    case "flux":
    case "peakFlux":
      return column.unit === undefined ? FLUX_UNIT_OF_NAME[column.base] : unitsPerStandard("flux", column.unit);
    case "major":
    case "minor":
      return column.unit === undefined ? sizeUnitBeside(all) : unitsPerStandard("angle", column.unit);
    default:
      return 1;
  }
}

function sizeUnitBeside(all: readonly ColumnName[]): number | undefined {
  return SIZE_UNIT_BESIDE.find(([beside]) => all.some(({ base }) => base === beside))?.[1];
}

function example(quantity: Quantity, name: string): string {
  if (quantity === "ra" || quantity === "dec") return `${quantity}_deg`;
  return quantity === "flux" || quantity === "peakFlux" ? `${name}_mJy` : `${name}_arcsec`;
}
