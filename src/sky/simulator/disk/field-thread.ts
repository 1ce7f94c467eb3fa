// The thread that simulates large fields: the main thread stays free to hear of signals.
import { parentPort } from "node:worker_threads";
import type { SkyConfig } from "../field-config.ts";
import { type SimulatedField, simulateField } from "../simulate-field.ts";

/** One field to simulate. */
export interface FieldRequest {
  readonly config: SkyConfig;
  readonly seed: number;
  readonly fieldIndex: number;
}

/** The answer to a request. */
export type FieldAnswer = { readonly field: SimulatedField } | { readonly error: unknown };

parentPort?.on("message", ({ config, seed, fieldIndex }: FieldRequest) => {
  try {
    const field = simulateField(config, seed, fieldIndex);
    const answer: FieldAnswer = { field };
    // Pixels change hands instead of being copied.
    parentPort?.postMessage(
      answer,
      field.planes.map(({ buffer }) => buffer as ArrayBuffer), // made by the simulator, not shared
    );
  } catch (error) {
    parentPort?.postMessage({ error } satisfies FieldAnswer);
  }
});
