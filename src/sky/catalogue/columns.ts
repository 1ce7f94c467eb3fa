// Which column of a catalogue is what, by the names that radio astronomers' programs give them.

/** What Suricate reads from a catalogue. */
export type Quantity = "id" | "field" | "ra" | "dec" | "flux" | "peakFlux" | "major" | "minor" | "positionAngle";

/** A column in use: its index and name, and the factor that brings its numbers to Jy, Jy/beam or degrees. */
export interface FoundColumn {
  readonly index: number;
  readonly name: string;
  readonly factor: number;
}

/** The columns found, and a sentence for each that was left out because nothing says its unit. */
export interface FoundColumns {
  readonly columns: Partial<Record<Quantity, FoundColumn>>;
  readonly warnings: readonly string[];
}

/** Names in small letters without signs, the most certain first; a unit at the end is cut off before comparing. */
const NAMES: Readonly<Record<Quantity, readonly string[]>> = {
  id: ["gausid", "sourceid", "sourcename", "componentname", "componentid", "id", "name", "source", "first", "uuid", "objid"],
  field: ["field", "fieldname", "fieldstr", "pointing", "mosaic"],
  ra: ["ra", "raj2000", "rightascension", "alphaj2000", "radegcont", "rastr", "rahmscont", "rahms"],
  dec: ["dec", "dej2000", "decj2000", "declination", "deltaj2000", "decdegcont", "decstr", "decdmscont", "decdms", "de"],
  flux: ["totalflux", "intflux", "fluxint", "fint", "stot", "sint", "integratedflux", "flux"],
  peakFlux: ["peakflux", "fluxpeak", "fpeak", "ipk", "speak"],
  major: ["maj", "majaxis", "smax", "majoraxis", "major", "bmaj", "immaj", "a"],
  minor: ["min", "minaxis", "smin", "minoraxis", "minor", "bmin", "immin", "b"],
  positionAngle: ["pa", "posang", "spa", "positionangle", "impa"],
};

/** Jy in the unit of a flux column that names none: what PyBDSF and Aegean (Jy), FIRST's catalogue and Selavy (mJy) write. */
const FLUX_UNIT_OF_NAME: Readonly<Record<string, number>> = {
  totalflux: 1,
  intflux: 1,
  peakflux: 1,
  fint: 1e-3,
  fpeak: 1e-3,
  fluxint: 1e-3,
  fluxpeak: 1e-3,
};

const ARCSECOND = 1 / 3600;

/** Degrees in the unit of a size column that names none, told by a column beside it: see FLUX_UNIT_OF_NAME. */
const SIZE_UNIT_BESIDE: readonly (readonly [beside: string, degrees: number])[] = [
  ["totalflux", 1],
  ["intflux", ARCSECOND],
  ["fint", ARCSECOND],
  ["fpeak", ARCSECOND],
  ["fluxint", ARCSECOND],
];

const FLUX_UNITS: Readonly<Record<string, number>> = { jy: 1, mjy: 1e-3, ujy: 1e-6, µjy: 1e-6, μjy: 1e-6, njy: 1e-9 };
const ANGLE_UNITS: Readonly<Record<string, number>> = {
  deg: 1,
  degree: 1,
  degrees: 1,
  arcmin: 1 / 60,
  amin: 1 / 60,
  arcsec: ARCSECOND,
  asec: ARCSECOND,
  as: ARCSECOND,
};

interface ColumnName {
  readonly base: string;
  /** In small letters, "/beam" left out; undefined where the name holds none. */
  readonly unit: string | undefined;
}

/** "Fpeak(mJy/beam)" -> fpeak, mjy; "maj_as" -> maj, as; "RA" -> ra. */
function splitName(name: string): ColumnName {
  const match =
    /^(.+?)\s*[[(]\s*([^\])]+?)\s*[\])]$/.exec(name) ??
    /^(.+)_((?:[mun]|µ|μ)?jy(?:b|_?(?:per_?)?beam)?|deg(?:rees?)?|arcsec|asec|as|arcmin|amin)$/i.exec(name);
  const base = (match?.[1] ?? name).toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const unit = match?.[2]?.toLowerCase().replace(/(jy)(b|[/_ ]*(per)?[/_ ]*beam(-1|\^-1)?)$/, "$1");
  return { base, unit };
}

/** Whether names include a right ascension and a declination. */
export function namesPositions(names: readonly string[]): boolean {
  return indexOf("ra", names.map(splitName)) >= 0 && indexOf("dec", names.map(splitName)) >= 0;
}

/** Find the columns by name. Columns that are not there are not in the answer. */
export function findColumns(names: readonly string[]): FoundColumns {
  const split = names.map(splitName);
  const columns: Partial<Record<Quantity, FoundColumn>> = {};
  const warnings: string[] = [];
  for (const quantity of Object.keys(NAMES) as Quantity[]) {
    const index = indexOf(quantity, split);
    if (index < 0) continue;
    const name = names[index]!;
    const factor = factorOf(quantity, split[index]!, split);
    if (factor === undefined)
      warnings.push(
        `column "${name}" is left out: its unit is not known. Name it in the heading, as in "${example(quantity, name)}".`,
      );
    else columns[quantity] = { index, name, factor };
  }
  return { columns, warnings };
}

function indexOf(quantity: Quantity, split: readonly ColumnName[]): number {
  for (const wanted of NAMES[quantity]) {
    const index = split.findIndex((column) => column.base === wanted);
    if (index >= 0) return index;
  }
  return -1;
}

/** The factor to Jy or degrees; undefined where the unit is unknown. */
function factorOf(quantity: Quantity, column: ColumnName, all: readonly ColumnName[]): number | undefined {
  switch (quantity) {
    case "flux":
    case "peakFlux":
      return column.unit === undefined ? FLUX_UNIT_OF_NAME[column.base] : FLUX_UNITS[column.unit];
    case "major":
    case "minor":
      return column.unit === undefined
        ? SIZE_UNIT_BESIDE.find(([beside]) => all.some(({ base }) => base === beside))?.[1]
        : ANGLE_UNITS[column.unit];
    default:
      return 1;
  }
}

function example(quantity: Quantity, name: string): string {
  return quantity === "flux" || quantity === "peakFlux" ? `${name}_mJy` : `${name}_arcsec`;
}
