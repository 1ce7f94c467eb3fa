// Which column of a catalogue is what, by the names that radio astronomers' programs give them.

/** What Suricate reads from a catalogue. */
export type Quantity = "id" | "field" | "ra" | "dec" | "flux" | "peakFlux" | "major" | "minor" | "positionAngle";

/** A column in use: its index and name, and how many of its units make 1 Jy, 1 Jy/beam or 1 degree. */
export interface FoundColumn {
  readonly index: number;
  readonly name: string;
  readonly unitsPerStandard: number;
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

/** How many units make 1 degree in a size column that names none, told by a column beside it: see FLUX_UNIT_OF_NAME. */
const SIZE_UNIT_BESIDE: readonly (readonly [beside: string, unitsPerDegree: number])[] = [
  ["totalflux", 1],
  ["intflux", 3600],
  ["fint", 3600],
  ["fpeak", 3600],
  ["fluxint", 3600],
];

const UNITS_PER_JY: Readonly<Record<string, number>> = { jy: 1, mjy: 1e3, ujy: 1e6, µjy: 1e6, μjy: 1e6, njy: 1e9 };
const UNITS_PER_DEGREE: Readonly<Record<string, number>> = {
  deg: 1,
  degree: 1,
  degrees: 1,
  arcmin: 60,
  amin: 60,
  arcsec: 3600,
  asec: 3600,
  as: 3600,
};

/** Sexagesimal positions show in their cells; a heading may say so too. */
const POSITION_UNIT = /^(deg(rees?)?|[hd]:m:s|[hd]ms|"?[hd] m s"?)$/;

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
    const unitsPerStandard = unitsPerStandardOf(quantity, split[index]!, split);
    if (unitsPerStandard === undefined) {
      warnings.push(
        `column "${name}" is left out: its unit is not known. Name it in the heading, as in "${example(quantity, name)}".`,
      );
    } else {
      columns[quantity] = { index, name, unitsPerStandard };
    }
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

/** How many of a column's units make 1 Jy or 1 degree; undefined where the unit is unknown. */
function unitsPerStandardOf(quantity: Quantity, column: ColumnName, all: readonly ColumnName[]): number | undefined {
  switch (quantity) {
    case "ra":
    case "dec":
      return column.unit === undefined || POSITION_UNIT.test(column.unit) ? 1 : undefined;
    case "flux":
    case "peakFlux":
      return column.unit === undefined ? FLUX_UNIT_OF_NAME[column.base] : UNITS_PER_JY[column.unit];
    case "major":
    case "minor":
      return column.unit === undefined ? sizeUnitBeside(all) : UNITS_PER_DEGREE[column.unit];
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
