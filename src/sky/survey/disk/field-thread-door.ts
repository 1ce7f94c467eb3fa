// The main thread's side of field-thread.ts.
import { Worker } from "node:worker_threads";
import { FitsError } from "#sky/fits";
import type { FieldToCut } from "../cut-field.ts";
import { ArrivalCount } from "./arrival-count.ts";
import { fieldMemory } from "./field-memory.ts";
import type { ArrivingField, FieldReader, FieldReading, MeasuredField } from "./field-reader.ts";
import type { PlainError, ReadNews, ReadRequest } from "./field-thread.ts";
import { restoredHeading } from "./stored-field.ts";

/** A thread that reads fields, and the memory that their pixels take by turns. Alone it does not keep the process alive. */
export class FieldThread implements FieldReader {
  readonly #worker = new Worker(new URL("./field-thread.js", import.meta.url));
  readonly #memory = fieldMemory();
  readonly #listeners = new Map<number, NewsListener>();
  #numRequests = 0;
  #hasEnded = false;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (news: ReadNews) => {
      const listener = this.#listeners.get(news.id)!; // news carry the ids of requests
      if (news.is === "measured" || news.is === "failed") this.#forget(news.id);
      listener.hear(news);
    });
    this.#worker.on("error", (error: Error) => {
      this.#hasEnded = true;
      for (const [id, listener] of this.#listeners) {
        this.#forget(id);
        listener.fail(error);
      }
    });
  }

  /** True after an error of the thread itself: it answers no more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  read(path: string, reading: FieldReading, stop: AbortSignal): Promise<ArrivingField> {
    const id = this.#numRequests++;
    const isStopped = new Int32Array(new SharedArrayBuffer(4));
    if (stop.aborted) isStopped[0] = 1;
    stop.addEventListener("abort", () => Atomics.store(isStopped, 0, 1), { once: true });
    const arriving = new Promise<ArrivingField>((resolve, reject) => {
      let isReleased = false;
      const release = ({ buffer }: Float32Array) => {
        if (!isReleased) this.#memory.giveBack(buffer);
        isReleased = true;
      };
      this.#listeners.set(id, new NewsListener({ resolve, reject, release }));
    });
    this.#worker.ref();
    this.#worker.postMessage({ id, path, reading, isStopped, lent: this.#memory.lend() } satisfies ReadRequest);
    return arriving;
  }

  #forget(id: number): void {
    this.#listeners.delete(id);
    if (this.#listeners.size === 0) this.#worker.unref();
  }
}

interface Answers {
  readonly resolve: (field: ArrivingField) => void;
  readonly reject: (error: Error) => void;
  readonly release: (pixels: Float32Array) => void;
}

/** Turns the news of one field into what waits for them. */
class NewsListener {
  readonly #answers: Answers;
  readonly #filled = new ArrivalCount();
  #finish: (field: MeasuredField) => void = () => {};
  #reject: (error: Error) => void;

  constructor(answers: Answers) {
    this.#answers = answers;
    this.#reject = answers.reject;
  }

  hear(news: ReadNews): void {
    if (news.is === "begun") this.#begin({ ...restoredHeading(news.heading), pixels: news.pixels });
    else if (news.is === "filled") this.#filled.reach(news.numPixels);
    else if (news.is === "measured") this.#finish({ sha256: news.sha256, statistics: news.statistics });
    else this.fail(errorOf(news.error));
  }

  fail(error: Error): void {
    this.#reject(error);
    this.#filled.fail(error);
  }

  #begin(field: FieldToCut): void {
    const measured = new Promise<MeasuredField>((resolve, reject) => {
      this.#finish = resolve;
      this.#reject = reject;
    });
    measured.catch(() => {}); // told to whoever waits for it
    this.#answers.resolve({
      field,
      measured,
      rowsRead: (numRows) => this.#filled.until(numRows * field.width),
      release: () => this.#answers.release(field.pixels),
    });
  }
}

function errorOf({ isFitsError, message, ...place }: PlainError): Error {
  return isFitsError ? new FitsError(message, place) : new Error(message);
}
