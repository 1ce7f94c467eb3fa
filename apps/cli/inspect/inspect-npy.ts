// An .npy array: its form, and the range of its numbers.
import { sizeOf } from "#base/array";
import { openNpyRows } from "#base/files/disk";
import { type Fact, factLines } from "./fact-lines.ts";
import type { Inspected } from "./inspected.ts";

/** Elements that are looked at together. */
const CHUNK_LENGTH = 2 ** 20;

/** Throws FileError and FileFormatError. */
export function inspectNpy(path: string): Inspected {
  const array = openNpyRows(path);
  const { dtype, shape } = array;
  try {
    const range = rangeOf(array);
    const number = (value: number) => Number(value.toPrecision(6)).toString();
    const facts: Fact[] = [["array", `${dtype} [${shape.join(", ")}]`]];
    if (range.lowest !== null) facts.push(["values", `${number(range.lowest)} to ${number(range.highest!)}`]); // both or none
    if (range.numMissing > 0) facts.push(["without value", `${range.numMissing} of ${sizeOf(shape)}`]);
    return { report: { kind: "npy", path, dtype, shape, ...range }, lines: [path, ...factLines(facts)] };
  } finally {
    array.close();
  }
}

interface Range {
  /** Of the finite numbers; null where there is none. */
  readonly lowest: number | null;
  readonly highest: number | null;
  /** NaN and infinite. */
  readonly numMissing: number;
}

function rangeOf({ shape, rows }: Pick<ReturnType<typeof openNpyRows>, "shape" | "rows">): Range {
  const [numRows = 0, ...rest] = shape;
  const atOnce = Math.max(1, Math.floor(CHUNK_LENGTH / Math.max(1, sizeOf(rest))));
  let [lowest, highest, numMissing] = [Infinity, -Infinity, 0];
  for (let start = 0; start < numRows; start += atOnce) {
    for (const element of rows(start, Math.min(atOnce, numRows - start))) {
      const value = Number(element);
      if (!Number.isFinite(value)) numMissing += 1;
      else if (value < lowest) lowest = value;
      if (value > highest && value < Infinity) highest = value;
    }
  }
  return lowest === Infinity ? { lowest: null, highest: null, numMissing } : { lowest, highest, numMissing };
}
