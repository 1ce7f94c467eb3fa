// Fine-tuning as a task (paper appendix C.1, section 4.3): the last k layer groups trained, beside scratch and frozen probes.
import { ConfigError } from "#base/config";
import { backboneParameters, layerGroups } from "#engine/nn";
import type { TrainableBackbone } from "#learn/embeddings/native";
import type { CropSet } from "#sky/survey";
import { type ClassOptions, classProblem } from "../../class-problem.ts";
import { evaluateClasses } from "../../classify.ts";
import type { FinetuneRecord, FinetuneScore } from "../../network-records.ts";
import { finetuneRecord } from "../finetune-record.ts";
import { cropPictures } from "../pictures.ts";
import { checkFinetuneSettings, checkNumLayers, type FinetuneRule, finetuneRule, scratchRule } from "../settings.ts";
import { learningRows, type Validation } from "../validation.ts";
import { type FinetuneWork, numUpdatesOf, updateSize } from "./fit-network.ts";
import { type ScoredNetwork, scoreNetwork, untrained } from "./score-networks.ts";

export interface FinetuneOptions
  extends Omit<ClassOptions, "protocol" | "split" | "numRepeats" | "numFolds" | "probeSeeds">,
    Pick<FinetuneWork, "device" | "settings" | "onUpdate" | "signal"> {
  /** A split of one training part and one test part. */
  readonly split: "own" | "holdout";
  /** The set whose crops `table` and `floors` are of. */
  readonly cropSet: CropSet;
  readonly backbone: TrainableBackbone;
  /** The backbone pre-trained with other seeds; their frozen tables are among `floors`. */
  readonly replicas?: readonly TrainableBackbone[];
  /** Numbers of layer groups to train, from the head down; 0: the head alone. */
  readonly layers: readonly number[];
  /** Of training. */
  readonly seeds: readonly number[];
  /** Multiplies every peak learning rate. */
  readonly rateScale: number;
  readonly validation: Validation;
  /** Whether the same network is trained from scratch too. */
  readonly scratch: "trained" | "left out";
  /** Told once how many updates there will be. */
  readonly onStart?: (numUpdates: number) => void;
}

/** Throws RangeError and ConfigError where classes, rows, the split, layers or sizes do not allow it; rejects when aborted. */
export async function evaluateFinetune(options: FinetuneOptions): Promise<FinetuneRecord> {
  const { cropSet, settings, seeds } = options;
  const numGroups = checkOptions(options);
  const classOptions: ClassOptions = { ...options, protocol: "paper", numRepeats: 1, numFolds: 1, probeSeeds: [0] };
  const problem = classProblem(classOptions);
  const rows = learningRows(problem, problem.repeats[0]![0]!, options.validation);
  const networks = networksOf(options, updateSize(settings, rows.train.length), numGroups);
  options.onStart?.(networks.length * seeds.length * numUpdatesOf(settings, rows.train.length));
  const work: FinetuneWork = {
    ...options,
    pictures: cropPictures(cropSet, settings),
    classOf: problem.classOf,
    numClasses: problem.classes.length,
  };
  const scores: FinetuneScore[] = [];
  for (const network of networks) scores.push(await scoreNetwork({ work, problem, rows, seeds }, network));
  const points = scores.filter(({ backbone }) => backbone === options.backbone.name);
  const { split, validation } = options;
  const hasScratch = options.scratch === "trained";
  return finetuneRecord({
    ...{ problem, rows, seeds, settings, split, validation, numGroups },
    points,
    replicas: scores.slice(points.length, hasScratch ? -1 : undefined),
    scratch: hasScratch ? scores.at(-1)! : null,
    // The linear probes are the same for any number of classes.
    frozen: evaluateClasses("fr", classOptions),
  });
}

/** By number of layers, rising, of the backbone and of each replica; then the network from scratch, where it is wanted. */
function networksOf(
  { backbone, replicas = [], layers, rateScale, scratch }: FinetuneOptions,
  batch: number,
  numGroups: number,
): ScoredNetwork[] {
  const scaled = (rule: FinetuneRule): FinetuneRule => ({ ...rule, learningRate: rule.learningRate * rateScale });
  const rising = [...new Set(layers)].toSorted((a, b) => a - b);
  const tuned = [backbone, ...replicas].flatMap((one) =>
    rising.map((numLayers) => ({
      ...{ backbone: one, numLayers, name: one.name, startOf: () => one },
      rule: scaled(finetuneRule(numLayers, batch)),
    })),
  );
  if (scratch === "left out") return tuned;
  const fromScratch: ScoredNetwork = {
    ...{ backbone, numLayers: numGroups, name: `${backbone.name} from scratch`, rule: scaled(scratchRule(batch)) },
    startOf: (seed) => untrained(backbone, seed),
  };
  return [...tuned, fromScratch];
}

/** The backbone's number of layer groups. Throws for what cannot be done, before anything is computed. */
function checkOptions({ layers, seeds, backbone, replicas = [], settings, cropSet, table }: FinetuneOptions): number {
  if (layers.length === 0) throw new RangeError("fine-tuning: expected at least one number of layers, got none.");
  if (seeds.length === 0) throw new RangeError("fine-tuning: expected at least one seed, got none.");
  for (const numLayers of layers) checkNumLayers(numLayers, backbone.config);
  checkFinetuneSettings(settings, backbone.config, cropSet.info.cropSize);
  checkReplicas(backbone, replicas);
  if (table.cropSetSha256 !== cropSet.sha256)
    throw new RangeError(`fine-tuning: expected embeddings of the crop set "${cropSet.info.name}", got those of another set.`);
  return layerGroups(backbone.config).length;
}

/** Throws ConfigError for a replica that is another network than the backbone, or the backbone itself once more. */
export function checkReplicas(backbone: TrainableBackbone, replicas: readonly TrainableBackbone[]): void {
  const shapeOf = ({ config }: TrainableBackbone) =>
    [...backboneParameters(config)].map(({ name, shape }) => `${name} ${shape.join(" x ")}`).join(", ");
  const names = new Set([backbone.name]);
  for (const replica of replicas) {
    if (names.has(replica.name))
      throw new ConfigError(`fine-tuning: --replicas ${replica.name}: expected every backbone once, got it twice.`);
    names.add(replica.name);
    if (shapeOf(replica) !== shapeOf(backbone))
      throw new ConfigError(
        `fine-tuning: --replicas ${replica.name}: expected a network of the shape of ${backbone.name}, got another. Compare others with an evaluation of their own.`,
      );
  }
}
