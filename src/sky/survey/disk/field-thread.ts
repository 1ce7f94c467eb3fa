// The thread that reads and measures large fields: hash, byte order and the percentiles' first pass, chunk by chunk as they come.
import { parentPort } from "node:worker_threads";
import { Float32Counts } from "#base/image";
import { FitsError } from "#sky/fits";
import { loadFieldImage } from "#sky/fits/disk";
import { fieldStatistics } from "../field-statistics.ts";
import { fittingMemory } from "./field-memory.ts";
import type { FieldReading, MeasuredField } from "./field-reader.ts";
import { type StoredHeading, storedHeading } from "./stored-field.ts";

/** One field to read. `lent` is memory for its pixels, which is used where it fits. */
export interface ReadRequest {
  readonly id: number;
  readonly path: string;
  readonly reading: FieldReading;
  /** Shared; not 0 as soon as nobody waits for the field any more. */
  readonly isStopped: Int32Array;
  readonly lent: SharedArrayBuffer | undefined;
}

/** What is told of the request of the same `id`, in this order; `failed` may come after any of them, and is the last. */
export type ReadNews = { readonly id: number } & (
  | { readonly is: "begun"; readonly heading: StoredHeading; readonly pixels: Float32Array }
  | { readonly is: "filled"; readonly numPixels: number }
  | ({ readonly is: "measured" } & MeasuredField)
  | { readonly is: "failed"; readonly error: PlainError }
);

/** An error as a message between threads: a class does not come through. */
export interface PlainError {
  readonly message: string;
  readonly isFitsError: boolean;
  readonly file?: string;
  readonly byte?: number;
}

/** A message wakes the other thread: no more than one for some hundred rows. */
const PIXELS_PER_MESSAGE = 1 << 20;

parentPort?.on("message", async (request: ReadRequest) => {
  const tell = (news: ReadNews) => parentPort?.postMessage(news);
  try {
    tell({ id: request.id, is: "measured", ...(await readAndMeasure(request, tell)) });
  } catch (error) {
    tell({ id: request.id, is: "failed", error: plainError(error) });
  }
});

async function readAndMeasure(
  { id, path, reading, isStopped, lent }: ReadRequest,
  tell: (news: ReadNews) => void,
): Promise<MeasuredField> {
  const counts = new Float32Counts();
  let pixels: Float32Array = new Float32Array(0);
  let numCounted = 0;
  let numTold = 0;
  const { sha256, file } = await loadFieldImage(path, {
    ...(reading.hdu === undefined ? {} : { hdu: reading.hdu }),
    plane: reading.plane,
    memory: (numBytes) => fittingMemory(numBytes, lent),
    arrival: {
      begins: ({ pixels: arriving, ...heading }) => {
        pixels = arriving;
        tell({ id, is: "begun", heading: storedHeading(heading), pixels });
      },
      filled: (numPixels) => {
        if (Atomics.load(isStopped, 0) !== 0) throw new Error(`${path}: reading it was stopped.`);
        counts.add(pixels.subarray(numCounted, numPixels));
        numCounted = numPixels;
        if (numPixels - numTold < PIXELS_PER_MESSAGE && numPixels < pixels.length) return;
        tell({ id, is: "filled", numPixels });
        numTold = numPixels;
      },
    },
  });
  return { sha256, statistics: fieldStatistics(pixels, reading, file, counts) };
}

function plainError(error: unknown): PlainError {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof FitsError)) return { message, isFitsError: false };
  const { file, byte } = error;
  return { message, isFitsError: true, ...(file === undefined ? {} : { file }), ...(byte === undefined ? {} : { byte }) };
}
