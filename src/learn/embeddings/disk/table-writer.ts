// Tables of crops as files that other programs read, a group of rows at a time: Parquet, CSV, VOTable and npy, told by the file's ending.
import { ConfigError } from "#base/config";
import { COLUMN_TEXTS, type ColumnNote, type ParquetColumn, spreadColumn, type TableText } from "#base/files";
import { AtomicFile, type Durability, NpyRowWriter, ParquetRowWriter } from "#base/files/disk";

/** A file that is written a group of rows at a time. It has its name only after `close`. */
export interface TableWriter {
  /** The same columns every time. */
  append(columns: readonly ParquetColumn[]): void;
  close(): void;
  /** Removes what is unfinished. */
  abort(): void;
}

export interface TableFileOptions {
  /** Key-value notes: Parquet keeps them, the other forms have no place for them. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** A list column and the length of its cells: CSV has a column for each number of it, and npy holds it alone. */
  readonly vectors?: { readonly column: string; readonly length: number };
  readonly durability?: Durability;
}

/** Endings of the files that `openTableWriter` writes. */
export const TABLE_ENDINGS = [".parquet", ".csv", ".vot", ".npy"] as const;
type TableEnding = (typeof TABLE_ENDINGS)[number];

/** What TOPCAT, Aladin and CARTA look for in a VOTable of crops. */
const NOTES: Readonly<Record<string, ColumnNote>> = {
  id: { ucd: "meta.id;meta.main" },
  field: { ucd: "meta.id;obs.field" },
  raDeg: { unit: "deg", ucd: "pos.eq.ra;meta.main" },
  decDeg: { unit: "deg", ucd: "pos.eq.dec;meta.main" },
  cornersRaDeg: { unit: "deg", ucd: "pos.eq.ra" },
  cornersDecDeg: { unit: "deg", ucd: "pos.eq.dec" },
  quotedRmsJyPerBeam: { unit: "Jy/beam" },
  summedFluxJy: { unit: "Jy", ucd: "phot.flux.density;em.radio" },
  meanFluxJy: { unit: "Jy", ucd: "phot.flux.density;em.radio" },
  brightestFluxJy: { unit: "Jy", ucd: "phot.flux.density;stat.max;em.radio" },
  meanSizeDeg: { unit: "deg", ucd: "phys.angSize" },
  redshift: { ucd: "src.redshift" },
};

/** A file's ending among those. Throws ConfigError for any other. */
export function tableEnding(path: string, among: readonly TableEnding[] = TABLE_ENDINGS): TableEnding {
  const ending = among.find((one) => path.toLowerCase().endsWith(one));
  if (ending !== undefined) return ending;
  throw new ConfigError(`--out ${path}: expected a name that ends in ${among.join(", ")}.`);
}

/** Opens a table's file for writing. Throws ConfigError for an ending that is not known, FileError. */
export function openTableWriter(path: string, options: TableFileOptions = {}): TableWriter {
  return WRITERS[tableEnding(path)](path, options);
}

const WRITERS: Readonly<Record<TableEnding, (path: string, options: TableFileOptions) => TableWriter>> = {
  ".parquet": (path, { metadata = {}, durability }) => new ParquetRowWriter(path, metadata, durability),
  ".csv": (path, options) => new TextWriter(path, COLUMN_TEXTS.csv, { ...options, spread: true }),
  ".vot": (path, options) => new TextWriter(path, COLUMN_TEXTS.votable, { ...options, spread: false }),
  ".npy": npyWriter,
};

class TextWriter implements TableWriter {
  readonly #file: AtomicFile;
  readonly #text: TableText;
  readonly #options: TableFileOptions & { readonly spread: boolean };
  readonly #encoder = new TextEncoder();
  #hasHead = false;

  constructor(path: string, text: TableText, options: TableFileOptions & { readonly spread: boolean }) {
    this.#file = new AtomicFile(path, options.durability);
    this.#text = text;
    this.#options = options;
  }

  append(columns: readonly ParquetColumn[]): void {
    const { vectors, spread } = this.#options;
    const shown =
      vectors === undefined || !spread
        ? columns
        : columns.flatMap((column): readonly ParquetColumn[] =>
            column.name === vectors.column && column.type === "list<float>"
              ? spreadColumn(column as ParquetColumn<"list<float>">, vectors.length) // its type was compared just now
              : [column],
          );
    if (!this.#hasHead) this.#file.write(this.#encoder.encode(this.#text.head(shown, NOTES)));
    this.#hasHead = true;
    this.#file.write(this.#encoder.encode(this.#text.rows(shown)));
  }

  close(): void {
    this.#file.write(this.#encoder.encode(this.#text.tail));
    this.#file.commit();
  }

  abort(): void {
    this.#file.abort();
  }
}

/** The vectors alone as [N, length] float32; all other columns stand beside them in a CSV file of the same name. */
function npyWriter(path: string, { vectors, durability }: TableFileOptions): TableWriter {
  if (vectors === undefined) throw new ConfigError(`--out ${path}: expected a table of vectors for npy, got none. Write .csv.`);
  const rows = new NpyRowWriter(path, { dtype: "float32", rowShape: [vectors.length] }, durability);
  const beside = WRITERS[".csv"](path.replace(/\.npy$/i, ".csv"), durability === undefined ? {} : { durability });
  return {
    append(columns) {
      const vector = columns.find(({ name }) => name === vectors.column) as ParquetColumn<"list<float>">; // as the caller says
      for (const cell of vector.values) rows.append(cell ?? new Float32Array(vectors.length).fill(Number.NaN));
      beside.append(columns.filter((column) => column !== vector));
    },
    close() {
      rows.close();
      beside.close();
    },
    abort() {
      rows.abort();
      beside.abort();
    },
  };
}

/** Writes a table at once. Throws as `openTableWriter`. */
export function writeTable(path: string, columns: readonly ParquetColumn[], options: TableFileOptions = {}): void {
  const writer = openTableWriter(path, options);
  try {
    writer.append(columns);
    writer.close();
  } catch (error) {
    writer.abort();
    throw error;
  }
}
