// Suricate's side of bench prepare.
import { type PrepareSummary, prepareCropSet } from "#sky/survey/disk";
import { serveTurns } from "./turns.ts";

interface Task {
  readonly field: string;
  readonly catalogue: string;
  readonly cropSize: number;
  readonly out: string;
}

const { field, catalogue, cropSize, out } = JSON.parse(process.argv[2]!) as Task; // written by bench/prepare.ts

/** As fields of a survey do: the engine compiles what runs often, and settles in a dozen rounds. The peer compiles nothing. */
const WARM_TIMES = 12;

const prepare = (): Promise<PrepareSummary> =>
  prepareCropSet({ inputs: [field], catalogue, cropSize, out, existing: "replace", durability: "rename" });

await serveTurns({
  warm: async () => {
    for (let time = 0; time < WARM_TIMES; time++) await prepare();
  },
  turn: async () => {
    const { crops, rejected, ownedSources, fields } = await prepare();
    const { lowFlux, highFlux, rms } = fields[0]!;
    return { crops, rejected, ownedSources: ownedSources!, lowFlux, highFlux, rms };
  },
});
