// The thread that measures large fields: answers each request with statistics or with an error's message.
import { parentPort } from "node:worker_threads";
import { type FieldStatistics, fieldStatistics, type PercentileRange } from "../field-statistics.ts";

/** One field to measure; its pixels are shared, not copied. */
export interface MeasureRequest {
  readonly id: number;
  readonly pixels: Float32Array;
  readonly range: PercentileRange;
  readonly where: string;
}

/** The answer to the request of the same `id`. */
export type MeasureAnswer = { readonly id: number } & ({ readonly statistics: FieldStatistics } | { readonly error: string });

parentPort?.on("message", (request: MeasureRequest) => parentPort?.postMessage(answerTo(request)));

function answerTo({ id, pixels, range, where }: MeasureRequest): MeasureAnswer {
  try {
    return { id, statistics: fieldStatistics(pixels, range, where) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}
