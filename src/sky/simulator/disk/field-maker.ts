// Simulates fields one after another: large ones in a thread of their own.
import { setImmediate as breathe } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { SkyConfig } from "../field-config.ts";
import { type SimulatedField, simulateField } from "../simulate-field.ts";
import type { FieldAnswer, FieldRequest } from "./field-thread.ts";

/** A smaller field is made before a thread has started. */
const LARGE_FIELD_SIZE = 1024;

/** Makes the fields of a sky; to be closed at the end. */
export interface FieldMaker {
  /** As `simulateField`; one at a time. */
  make(seed: number, fieldIndex: number): Promise<SimulatedField>;
  close(): void;
}

/** A maker for skies of these settings. */
export function fieldMaker(config: SkyConfig): FieldMaker {
  return config.fieldSize < LARGE_FIELD_SIZE ? makerHere(config) : makerBeside(config);
}

function makerHere(config: SkyConfig): FieldMaker {
  const make = async (seed: number, fieldIndex: number) => {
    // Signals and progress bars get their turn between two fields.
    await breathe();
    return simulateField(config, seed, fieldIndex);
  };
  return { make, close: () => {} };
}

function makerBeside(config: SkyConfig): FieldMaker {
  const worker = new Worker(new URL("./field-thread.js", import.meta.url));
  const make = (seed: number, fieldIndex: number) =>
    new Promise<SimulatedField>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("message", (answer: FieldAnswer) => {
        worker.off("error", reject);
        if ("field" in answer) resolve(answer.field);
        else reject(answer.error);
      });
      worker.postMessage({ config, seed, fieldIndex } satisfies FieldRequest);
    });
  return { make, close: () => void worker.terminate() };
}
