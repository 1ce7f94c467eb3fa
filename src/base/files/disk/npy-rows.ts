// .npy files larger than memory: written row by row, read row by row.
import { BYTES_PER_ELEMENT, type DType, sizeOf, type TypedData, typedData } from "#base/array";
import { checkNpySize, formatNpyHeader, parseNpyHeader } from "../npy.ts";
import { AtomicFile, type Durability } from "./atomic-file.ts";
import { openFile } from "./reading.ts";

/** Writes [N, ...rowShape] a row at a time; N is known at the end. The file has its name only after `close`. */
export class NpyRowWriter<D extends DType = DType> {
  readonly #file: AtomicFile;
  readonly #dtype: D;
  readonly #rowShape: readonly number[];
  #numRows = 0;

  constructor(path: string, rows: { readonly dtype: D; readonly rowShape: readonly number[] }, durability: Durability = "fsync") {
    this.#dtype = rows.dtype;
    this.#rowShape = rows.rowShape;
    this.#file = new AtomicFile(path, durability);
    this.#file.write(formatNpyHeader(this.#dtype, [0, ...this.#rowShape]));
  }

  /** Appends one row, [...rowShape]. Throws FileError, and RangeError for a row of another length. */
  append(row: TypedData<D>): void {
    const length = sizeOf(this.#rowShape);
    if (row.length !== length)
      throw new RangeError(`${this.#file.path}: expected a row of ${length} elements, got ${row.length}.`);
    this.#file.write(new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
    this.#numRows += 1;
  }

  /** Finishes the file and gives it its name. Returns the array's shape. */
  close(): readonly number[] {
    const shape = [this.#numRows, ...this.#rowShape];
    this.#file.rewriteStart(formatNpyHeader(this.#dtype, shape));
    this.#file.commit();
    return shape;
  }

  /** Removes the unfinished file. */
  abort(): void {
    this.#file.abort();
  }
}

/** An open .npy file whose first axis is read one row at a time. */
export interface NpyRows {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Row `index`, [...shape.slice(1)], in memory of its own. */
  row(index: number): TypedData;
  /** Rows start to start + count, [count, ...shape.slice(1)], in memory of their own. */
  rows(start: number, count: number): TypedData;
  close(): void;
}

/** Opens an .npy file for reading by rows. Throws FileError, and FileFormatError where its size and header disagree. */
export function openNpyRows(path: string): NpyRows {
  const file = openFile(path);
  try {
    const start = new Uint8Array(Math.min(file.numBytes, 4096));
    file.readInto(start, 0);
    const header = parseNpyHeader(start, path);
    checkNpySize(header, file.numBytes, path);
    const { dtype, shape, dataOffset } = header;
    const rowLength = sizeOf(shape.slice(1));
    const rowBytes = rowLength * BYTES_PER_ELEMENT[dtype];
    const rows = (start: number, count: number) => {
      const numRows = shape[0] ?? 0;
      const wrong = start >= 0 && start < numRows ? start + count - 1 : start;
      if (!(wrong >= 0 && wrong < numRows)) throw new RangeError(`${path}: row ${wrong}: expected 0 to ${numRows - 1}.`);
      const bytes = new Uint8Array(count * rowBytes);
      file.readInto(bytes, dataOffset + start * rowBytes);
      return typedData(dtype, bytes.buffer, 0, count * rowLength);
    };
    return { dtype, shape, row: (index) => rows(index, 1), rows, close: file.close };
  } catch (error) {
    file.close();
    throw error;
  }
}
