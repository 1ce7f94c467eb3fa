// A table whose rows come in parts of any length: written in groups of one length, so that its bytes tell nothing of the parts.
import type { ParquetColumn } from "#base/files";
import { type Durability, ParquetRowWriter, sha256OfFile } from "#base/files/disk";

/** What rows become, and how many of them are held in memory before they are written. */
export interface RowGroupForm<Row> {
  readonly columnsOf: (rows: readonly Row[]) => ParquetColumn[];
  readonly rowsPerGroup: number;
}

/** Rows of one kind on their way to a Parquet file, which has its name after `close`. */
export class RowGroupWriter<Row> {
  readonly #path: string;
  readonly #writer: ParquetRowWriter;
  readonly #form: RowGroupForm<Row>;
  #held: Row[] = [];
  #numRows = 0;
  #numGroups = 0;

  constructor(path: string, form: RowGroupForm<Row>, durability: Durability) {
    this.#path = path;
    this.#form = form;
    this.#writer = new ParquetRowWriter(path, {}, durability);
  }

  get numRows(): number {
    return this.#numRows;
  }

  /** Throws FileError. */
  append(rows: readonly Row[]): void {
    this.#numRows += rows.length;
    for (const row of rows) {
      this.#held.push(row);
      if (this.#held.length === this.#form.rowsPerGroup) this.#write();
    }
  }

  /** Finishes the file; its SHA-256. */
  close(): string {
    if (this.#held.length > 0 || this.#numGroups === 0) this.#write();
    this.#writer.close();
    return sha256OfFile(this.#path);
  }

  /** Removes the unfinished file; does nothing after `close`. */
  abort(): void {
    this.#writer.abort();
  }

  #write(): void {
    this.#writer.append(this.#form.columnsOf(this.#held));
    this.#held = [];
    this.#numGroups += 1;
  }
}
