// Measures fields while they are cut: large ones in a second thread, small ones at once.
import { statSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { FieldImage } from "#sky/fits";
import { type FieldStatistics, fieldStatistics, type PercentileRange } from "../field-statistics.ts";
import { type FieldMemory, fieldMemory } from "./field-memory.ts";
import type { MeasureAnswer, MeasureRequest } from "./measure-thread.ts";

/** Smaller files are measured before a thread has started. */
const LARGE_FILE_BYTES = 2 ** 24;

/** How fields are to be read, and measured. */
export interface FieldMeasurer {
  /** For `loadFieldImage`: memory for pixels, undefined where each field has its own. */
  readonly memory: FieldMemory | undefined;
  /** Rejects with the Error of `fieldStatistics`. */
  measure(field: FieldImage, range: PercentileRange): Promise<FieldStatistics>;
}

/** A measurer for these files: with a thread where one of them is large. The thread starts while the first file is read. */
export function fieldMeasurer(paths: readonly string[]): FieldMeasurer {
  if (!paths.some((path) => statSync(path).size >= LARGE_FILE_BYTES)) return HERE;
  thread ??= new MeasureThread();
  return { memory: MEMORY, measure: (field, range) => thread!.measure(field, range) };
}

const MEMORY = fieldMemory();

const HERE: FieldMeasurer = {
  memory: undefined,
  measure: async ({ pixels, file }, range) => fieldStatistics(pixels, range, file),
};

/** One for the whole process: starting it takes longer than measuring a field. It does not keep the process alive. */
let thread: MeasureThread | undefined;

class MeasureThread {
  readonly #worker = new Worker(new URL("./measure-thread.js", import.meta.url));
  readonly #waiting = new Map<
    number,
    { readonly resolve: (statistics: FieldStatistics) => void; readonly reject: (error: Error) => void }
  >();
  #numRequests = 0;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (answer: MeasureAnswer) => {
      const { resolve, reject } = this.#waiting.get(answer.id)!; // answers carry the ids of requests
      this.#forget(answer.id);
      if ("error" in answer) reject(new Error(answer.error));
      else resolve(answer.statistics);
    });
    this.#worker.on("error", (error: Error) => {
      thread = undefined;
      for (const [id, { reject }] of this.#waiting) {
        this.#forget(id);
        reject(error);
      }
    });
  }

  measure({ pixels, file }: FieldImage, range: PercentileRange): Promise<FieldStatistics> {
    const id = this.#numRequests++;
    this.#worker.ref();
    this.#worker.postMessage({ id, pixels, range, where: file } satisfies MeasureRequest);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #forget(id: number): void {
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
  }
}
