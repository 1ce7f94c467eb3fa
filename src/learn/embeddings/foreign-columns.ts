// Tables of features that others made: which column says the crop, and which hold the numbers of its vector.
import { ConfigError, nameHint } from "#base/config";

/** A column, one value a row: texts, numbers (NaN where there is none), or vectors. */
export type ForeignColumn =
  | { readonly name: string; readonly kind: "text"; readonly values: readonly string[] }
  | { readonly name: string; readonly kind: "number"; readonly values: ArrayLike<number> }
  | { readonly name: string; readonly kind: "vector"; readonly values: readonly (ArrayLike<number> | null)[] };

export interface ForeignTable {
  readonly columns: readonly ForeignColumn[];
  readonly numRows: number;
}

/** How a table of others is to be read. */
export interface ForeignChoice {
  /** Columns of numbers or vectors, in the order of the embedding: names, and ranges of them as in f0..f511. Default: found by name. */
  readonly columns?: readonly string[];
  /** The column that says the crop's id. Default: found by name. */
  readonly idColumn?: string;
  /** `row`: the table's rows are the crops of the set, in its order. */
  readonly joinBy?: "id" | "row";
}

/** Names in small letters, the most certain first. */
const ID_NAMES = ["id", "cropid", "crop", "objid", "objectid", "sourceid", "name", "iauname", "filename", "file"];

/** Lists that Suricate's own tables have beside the vector. */
const CORNER_NAMES: ReadonlySet<string> = new Set(["cornersradeg", "cornersdecdeg"]);

const plain = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** The crops' ids, as text. Throws ConfigError where no column is known to hold them. */
export function idsOf({ columns }: ForeignTable, wanted: string | undefined, where: string): readonly string[] {
  const column = wanted === undefined ? columnKnownAsId(columns) : named(columns, wanted, "--id-column", where);
  if (column === undefined)
    throw new ConfigError(
      `${where}: expected a column of crop ids, such as id, got ${listed(columns)}. Name it with --id-column, or say --by-row where its rows are the crops in their order.`,
    );
  if (column.kind === "vector")
    throw new ConfigError(`${where}: --id-column ${column.name}: expected one value a row, got vectors.`);
  const values: ArrayLike<string | number> = column.values;
  return Array.from(values, (value) => String(value).trim());
}

/** The column whose name says that it holds the crops' ids. */
export function columnKnownAsId(columns: readonly ForeignColumn[]): ForeignColumn | undefined {
  const single = columns.filter(({ kind }) => kind !== "vector");
  return ID_NAMES.map((known) => single.find(({ name }) => plain(name) === known)).find((column) => column !== undefined);
}

/** The columns of the vector, in its order. Throws ConfigError where they are not there, or not the only ones that could be meant. */
export function vectorColumns(
  { columns }: ForeignTable,
  { columns: wanted, idColumn }: ForeignChoice,
  where: string,
): readonly ForeignColumn[] {
  if (wanted !== undefined) return wanted.flatMap((word) => wordColumns(columns, word, where));
  const vectors = columns.filter(({ kind, name }) => kind === "vector" && !CORNER_NAMES.has(plain(name)));
  if (vectors.length === 1) return vectors;
  const families = vectors.length === 0 ? numberedFamilies(columns.filter(({ name }) => name !== idColumn)) : [];
  const [family] = families;
  if (families.length === 1) return family!;
  const names = (vectors.length > 0 ? vectors : families.map(([first]) => first!)).map(({ name }) => name);
  const got = names.length === 0 ? listed(columns) : `several: ${names.join(", ")}`;
  throw new ConfigError(
    `${where}: expected one column of vectors, or columns of numbers f0, f1, ..., got ${got}. Name them with --columns, as in f0..f511.`,
  );
}

/** Columns of numbers that one name and the numbers from 0 or 1 on are called by, two or more, by their number. */
function numberedFamilies(columns: readonly ForeignColumn[]): ForeignColumn[][] {
  const families = new Map<string, { readonly number: number; readonly column: ForeignColumn }[]>();
  for (const column of columns) {
    const [, stem, digits] = /^(.*?)(\d+)$/.exec(column.name) ?? [];
    if (stem === undefined || column.kind !== "number") continue;
    const family = families.get(stem) ?? [];
    families.set(stem, [...family, { number: Number(digits), column }]);
  }
  return [...families.values()]
    .map((family) => family.toSorted((a, b) => a.number - b.number))
    .filter((family) => family.length > 1 && isConsecutive(family.map(({ number }) => number)))
    .map((family) => family.map(({ column }) => column));
}

function isConsecutive(numbers: readonly number[]): boolean {
  const [first] = numbers;
  return first! <= 1 && numbers.every((number, place) => number === first! + place);
}

/** A name, or a range of them. */
function wordColumns(columns: readonly ForeignColumn[], word: string, where: string): ForeignColumn[] {
  const [, stem, first, lastStem, last] = /^(.*?)(\d+)\.\.(.*?)(\d+)$/.exec(word) ?? [];
  const isRange = stem !== undefined && (lastStem === stem || lastStem === "");
  if (!isRange || columns.some(({ name }) => name === word)) return [numberColumn(columns, word, where)];
  const count = Number(last) - Number(first) + 1;
  if (count < 1) throw new ConfigError(`${where}: --columns ${word}: expected a range from a lower to a higher number.`);
  return Array.from({ length: count }, (_, place) => {
    // Numbers of one length have zeros before them: f000..f511.
    const digits = String(Number(first) + place).padStart(first!.startsWith("0") ? first!.length : 1, "0");
    return numberColumn(columns, `${stem}${digits}`, where);
  });
}

function numberColumn(columns: readonly ForeignColumn[], name: string, where: string): ForeignColumn {
  const column = named(columns, name, "--columns", where);
  if (column.kind !== "text") return column;
  throw new ConfigError(`${where}: --columns ${name}: expected numbers, got text such as "${column.values[0] ?? ""}".`);
}

function named(columns: readonly ForeignColumn[], name: string, option: string, where: string): ForeignColumn {
  const column = columns.find((one) => one.name === name);
  if (column !== undefined) return column;
  const names = columns.map((one) => one.name);
  throw new ConfigError(`${where}: ${option}: no column is called "${name}".${nameHint(name, names.slice(0, 40))}`);
}

const MOST_LISTED = 12;

function listed(columns: readonly ForeignColumn[]): string {
  const names = columns.slice(0, MOST_LISTED).map(({ name }) => name);
  const more = columns.length > MOST_LISTED ? ` and ${columns.length - MOST_LISTED} more` : "";
  return names.length === 0 ? "no columns" : `${names.join(", ")}${more}`;
}
