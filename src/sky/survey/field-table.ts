// A survey's table of its fields (MGCLS Table 1): quality flag, noise and redshift, joined to fields by their names.
import { shown, shownNames, type TextTable } from "#sky/catalogue";
import type { CropRecord } from "./crop-set.ts";
import { fieldFinder } from "./field-names.ts";

/** What a table says of a field. */
export type FieldFacts = Pick<CropRecord, "dataQualityFlag" | "quotedRmsJyPerBeam" | "redshift">;

export const NO_FACTS: FieldFacts = { dataQualityFlag: null, quotedRmsJyPerBeam: null, redshift: null };

/** The facts of the fields that the table has, by their names, and what is doubtful, one sentence each. */
export interface JoinedFacts {
  readonly facts: ReadonlyMap<string, FieldFacts>;
  readonly warnings: readonly string[];
}

type Fact = "name" | keyof FieldFacts;

/** Headings, in small letters, the most certain first: what MGCLS, MIGHTEE and their copies write. */
const HEADINGS: Readonly<Record<Fact, readonly RegExp[]>> = {
  name: [/cluster\s*name/, /field\s*name/, /target\s*name/, /^(cluster|field|target|name|source|pointing)\b/, /name/],
  dataQualityFlag: [/dqf/, /quality/],
  quotedRmsJyPerBeam: [/rms/, /noise/, /sigma|σ/],
  redshift: [/^z$/, /redshift/, /^z\b/],
};

/** How many of the heading's unit make 1 Jy/beam. */
const RMS_UNITS: readonly (readonly [RegExp, number])[] = [
  [/(u|µ|μ|micro|\\mu\s*)jy/, 1e6],
  [/mjy/, 1e3],
  [/jy/, 1],
];

/** Whether a line of cells heads such a table. */
export function isFieldTableHeader(cells: readonly string[]): boolean {
  return (
    columnOf(cells, "name") >= 0 &&
    (["dataQualityFlag", "quotedRmsJyPerBeam", "redshift"] as const).some((fact) => columnOf(cells, fact) >= 0)
  );
}

/** Joins a table to fields. Throws Error, naming `where`, for a table without a column of names, and for a field with two flags. */
export function joinFieldTable(table: TextTable, fieldNames: readonly string[], where: string): JoinedFacts {
  const headings = table.headings.map(({ name, unit }) => (unit === undefined ? name : `${name} ${unit}`));
  const nameColumn = columnOf(headings, "name");
  if (nameColumn < 0)
    throw new Error(`${where}: expected a column of field names, such as ClusterName, got ${shownNames(headings)}.`);
  const read = factReader(headings);
  const find = fieldFinder(fieldNames);
  const facts = new Map<string, FieldFacts>();
  for (const { line, cells } of table.rows) {
    const name = find(cells[nameColumn]!);
    if (name === undefined) continue;
    const found = read.factsIn(cells);
    const other = facts.get(name);
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(found))
      throw new Error(`${where}: line ${line}: expected one row of ${name}, got another that says otherwise. Remove one.`);
    facts.set(name, found);
  }
  const missing = fieldNames.filter((name) => !facts.has(name));
  const notThere =
    missing.length === 0
      ? []
      : [
          `${where}: ${missing.length} of ${fieldNames.length} fields are not in it: ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ", ..." : ""}.`,
        ];
  return { facts, warnings: [...read.warnings.map((warning) => `${where}: ${warning}`), ...notThere] };
}

function columnOf(headings: readonly string[], fact: Fact): number {
  const plain = headings.map((heading) => heading.trim().toLowerCase());
  for (const pattern of HEADINGS[fact]) {
    const index = plain.findIndex((heading) => heading.length < 200 && pattern.test(heading));
    if (index >= 0) return index;
  }
  return -1;
}

function factReader(headings: readonly string[]) {
  const numberIn = (cells: readonly string[], fact: Fact) => {
    const column = columnOf(headings, fact);
    return column < 0 ? null : leadingNumber(cells[column]!);
  };
  const rmsColumn = columnOf(headings, "quotedRmsJyPerBeam");
  const rmsHeading = rmsColumn < 0 ? "" : headings[rmsColumn]!;
  const units = RMS_UNITS.find(([pattern]) => pattern.test(rmsHeading.toLowerCase()))?.[1];
  const warnings =
    rmsColumn >= 0 && units === undefined
      ? [`column "${shown(rmsHeading)}" is left out: its unit is not known. Name it in the heading, as in "rms (uJy/beam)".`]
      : [];
  const factsIn = (cells: readonly string[]): FieldFacts => {
    const flag = numberIn(cells, "dataQualityFlag");
    const rms = numberIn(cells, "quotedRmsJyPerBeam");
    return {
      dataQualityFlag: flag !== null && Number.isInteger(flag) ? flag : null,
      quotedRmsJyPerBeam: rms === null || units === undefined ? null : rms / units,
      redshift: numberIn(cells, "redshift"),
    };
  };
  return { warnings, factsIn };
}

/** The number that a cell begins with: tables mark their cells ("0.206a", "3†"). Null for none. */
function leadingNumber(cell: string): number | null {
  const match = /^\s*[<>~]?\s*([-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?)/i.exec(cell);
  return match ? Number(match[1]) : null;
}
