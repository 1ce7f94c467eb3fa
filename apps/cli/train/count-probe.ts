// The probe during training (paper section 3.2): counts of 30 % of the training crops, read from the teacher's embeddings of the rest.
import { randomFor } from "#base/array";
import type { DeviceName } from "#engine/runtime/native";
import { type DinoConfig, trainingRows } from "#learn/dino";
import type { Probe } from "#learn/dino/native";
import { type Backbone, type EmbeddingTable, embedCropSet, floorBackbone } from "#learn/embeddings";
import { networkBackbone, openBackbone } from "#learn/embeddings/native";
import { COUNT_LABELS, type CountLabel, evaluateSourceCount, type TaskResult } from "#learn/tasks";
import type { CropSet } from "#sky/survey";

/** A probe over the crops of a set that have a count. */
export interface CountProbe {
  readonly label: CountLabel;
  readonly numFitted: number;
  readonly numJudged: number;
  readonly run: Probe;
  /** The newest teacher of the run at a path, beside an untrained network of its shape and the mean count. */
  evaluateRun(path: string): Promise<TaskResult>;
}

interface ProbeDevice {
  readonly device: DeviceName;
  readonly threads?: number;
}

/** The paper's validation part of the training crops. */
const JUDGED_FRACTION = 0.3;

/** Fewer crops with a count tell nothing of a backbone. */
const FEWEST_CROPS = 20;

/** Not the training's: trainings that differ in their seed are judged on the same crops. */
const PROBE_SEED = 0;

const EMBED_BATCH = 32;

/** The probe of a crop set's counts; undefined where too few training crops have one. Crops set aside for testing are never looked at. */
export function countProbe(cropSet: CropSet, config: DinoConfig, { device, threads }: ProbeDevice): CountProbe | undefined {
  const rows = trainingRows(cropSet);
  const label = COUNT_LABELS.find((name) => rows.filter((row) => cropSet.records[row]![name] !== null).length >= FEWEST_CROPS);
  if (label === undefined) return undefined;
  const counted = rows.filter((row) => cropSet.records[row]![label] !== null);
  const probed = probedSet(cropSet, counted);
  const { cropSize } = cropSet.info;
  const options = { cropSize, batchSize: EMBED_BATCH, device, ...(threads === undefined ? {} : { numThreads: threads }) };
  const evaluate = ([table, ...floors]: readonly EmbeddingTable[]) =>
    evaluateSourceCount({
      table: table!,
      floors,
      label,
      split: "own",
      splitSeed: PROBE_SEED,
      probeSeeds: [0],
      seenTestRows: "report",
    });
  const numJudged = probed.records.filter(({ split }) => split === "test").length;
  return {
    label,
    numFitted: counted.length - numJudged,
    numJudged,
    async run({ arrays }) {
      const teacher = networkBackbone({ name: "teacher", config: config.backbone, arrays }, options);
      const { value, interval } = evaluate([await embedded(probed, teacher)]);
      return { error: value, interval };
    },
    async evaluateRun(path) {
      const tables = [
        await embedded(probed, await openBackbone(path, options)),
        await embedded(probed, await openBackbone(`random:${path}:0`, options)),
        await embedded(probed, floorBackbone("mean", cropSize)),
      ];
      return evaluate(tables);
    },
  };
}

/** Embeds a set and closes the backbone. */
async function embedded(cropSet: CropSet, backbone: Backbone): Promise<EmbeddingTable> {
  try {
    return await embedCropSet(cropSet, backbone, { batchSize: EMBED_BATCH });
  } finally {
    backbone.close();
  }
}

/** These rows as a crop set of their own, a random 30 % of them marked for judging. */
function probedSet(cropSet: CropSet, rows: readonly number[]): CropSet {
  const order = randomFor(PROBE_SEED, "probe split").permutation(rows.length);
  const judged = new Set(order.subarray(0, Math.round(JUDGED_FRACTION * rows.length)));
  const records = rows.map((row, place) => ({ ...cropSet.records[row]!, split: judged.has(place) ? "test" : "train" }));
  return { ...cropSet, records, pixelsOf: (place) => cropSet.pixelsOf(rows[place]!) };
}

/** What is probed, when and on how many crops. */
export function probeText({ label, numFitted, numJudged }: CountProbe, { probe: { everyEpochs } }: DinoConfig): string {
  const often = everyEpochs === 1 ? "every epoch" : `every ${everyEpochs} epochs`;
  return `Probing ${label} ${often}: fitted on ${numFitted} of the training crops, judged on ${numJudged}.`;
}
