// Binary tables: rows and heap to columns (FITS standard 4.0, section 7.3).
import type { FileFacts, Reading } from "../byte-reading.ts";
import { FitsError } from "../fits-error.ts";
import type { FitsUnit } from "../unit.ts";
import { type BinaryColumn, type BinaryLayout, binaryLayout } from "./binary-columns.ts";
import { valueSink, valuesOf } from "./binary-values.ts";
import type { FitsColumn } from "./fits-table.ts";
import { type HeapSpan, heapSpan } from "./heap.ts";
import { HeapWindow, wholeBytes } from "./heap-window.ts";

const ROWS_LENGTH = 1 << 20;
/** Arrays may share bytes of the heap, but a small file must not become a large table. */
const MOST_SHARING = 4;
const SMALL_HEAP = 1 << 16;

/** Tells columns that are wanted by their names. */
export type IsWanted = (name: string) => boolean;

/** The wanted columns of a binary table. Throws FitsError for a table that is not as the standard says. */
export function* binaryTable({ path }: FileFacts, unit: FitsUnit, isWanted: IsWanted): Reading<readonly FitsColumn[]> {
  const layout = binaryLayout(unit, path);
  const wanted = layout.columns.filter((column) => isWanted(column.name));
  const isInRows = (column: BinaryColumn) => column.format.descriptor === undefined;
  const sinks = wanted.filter(isInRows).map((column) => {
    const { repeat } = column.format;
    return { column, repeat, sink: valueSink(column, layout.numRows * valuesOf(column, repeat)) };
  });
  const arrays = wanted.filter((column) => !isInRows(column)).map((column) => ({ column, spans: [] as HeapSpan[] }));
  yield* eachRow(path, unit.dataStart, layout, (rows, byte) => {
    for (const { column, repeat, sink } of sinks) sink.take(rows, byte + column.start, repeat);
    for (const { column, spans } of arrays) spans.push(spanOf(rows, byte, column, layout, path));
  });
  const columns = new Map<BinaryColumn, FitsColumn>();
  for (const { column, repeat, sink } of sinks) {
    columns.set(column, { ...described(column), numPerRow: valuesOf(column, repeat), starts: undefined, data: sink.data() });
  }
  const heap = new HeapWindow(path, unit.dataStart + layout.heapStart, layout.heapLength);
  for (const { column, spans } of arrays) columns.set(column, yield* arrayColumn(column, spans, layout, heap, path));
  return wanted.map((column) => columns.get(column)!);
}

/** Calls `take` with each row: its bytes are those of `rows` from `byte` on. */
function* eachRow(
  path: string,
  dataStart: number,
  { numRows, rowLength }: BinaryLayout,
  take: (rows: DataView, byte: number) => void,
): Reading<void> {
  if (rowLength === 0) return;
  const rowsAtOnce = Math.max(1, Math.floor(ROWS_LENGTH / rowLength));
  for (let row = 0; row < numRows; row += rowsAtOnce) {
    const bytes = yield* wholeBytes(path, dataStart + row * rowLength, Math.min(rowsAtOnce, numRows - row) * rowLength);
    const rows = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let byte = 0; byte < bytes.length; byte += rowLength) take(rows, byte);
  }
}

function spanOf(rows: DataView, byte: number, column: BinaryColumn, layout: BinaryLayout, path: string): HeapSpan {
  if (column.format.byteLength === 0) return { offset: 0, numElements: 0, byteLength: 0 };
  return heapSpan(rows, byte + column.start, column.format, layout.heapLength, `${path}: column ${column.name}`);
}

function* arrayColumn(
  column: BinaryColumn,
  spans: readonly HeapSpan[],
  { numRows, heapLength }: BinaryLayout,
  heap: HeapWindow,
  path: string,
): Reading<FitsColumn> {
  const total = spans.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (total > MOST_SHARING * heapLength + SMALL_HEAP) {
    throw new FitsError(
      `${path}: column ${column.name}: its arrays ask for ${total} bytes of a heap of ${heapLength}. The file is damaged.`,
      { file: path },
    );
  }
  const starts = new Float64Array(spans.length + 1);
  for (const [row, { numElements }] of spans.entries()) starts[row + 1] = starts[row]! + valuesOf(column, numElements);
  const sink = valueSink(column, starts.at(-1)!);
  for (const span of spans) {
    const bytes = yield* heap.bytes(span);
    sink.take(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, span.numElements);
  }
  // Rows of a table without descriptors hold nothing; a string of any length is one value.
  const numPerRow = spans.length < numRows ? 0 : column.format.type === "A" ? 1 : undefined;
  return { ...described(column), numPerRow, starts: numPerRow === undefined ? starts : undefined, data: sink.data() };
}

function described({ name, unit, format, dimensions }: BinaryColumn): Pick<FitsColumn, "name" | "unit" | "dimensions"> {
  return { name, unit, dimensions: format.type === "A" ? dimensions?.slice(1) : dimensions };
}
