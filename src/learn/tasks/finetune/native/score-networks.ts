// Networks of one kind, trained with every seed and scored together.
import { sizeOf } from "#base/array";
import {
  backboneBuffers,
  backboneParameters,
  embeddingDimOf,
  layerGroups,
  type ParameterSpec,
  sampleParameters,
  supervisedParameters,
} from "#engine/nn";
import type { TrainableBackbone } from "#learn/embeddings/native";
import type { ClassProblem } from "../../class-problem.ts";
import type { FinetuneScore } from "../../network-records.ts";
import { type FinetuneFacts, finetuneScore } from "../finetune-score.ts";
import type { LearningRows } from "../validation.ts";
import { type FinetuneWork, type FittedNetwork, fitNetwork, type NetworkStart } from "./fit-network.ts";

/** What all networks of one evaluation are trained and scored on. */
export interface Scoring {
  readonly work: FinetuneWork;
  readonly problem: ClassProblem;
  readonly rows: LearningRows;
  readonly seeds: readonly number[];
}

/** A network but for its seed. `startOf` gives what it starts from with a seed; `name` is how results name it. */
export interface ScoredNetwork extends Omit<NetworkStart, "seed"> {
  readonly name: string;
  readonly startOf: (seed: number) => TrainableBackbone;
}

/** One network fitted with every seed. */
export async function scoreNetwork({ seeds, work, problem, rows }: Scoring, network: ScoredNetwork): Promise<FinetuneScore> {
  const { name, numLayers, startOf } = network;
  const fits: FittedNetwork[] = [];
  const onUpdate = (note: string) => work.onUpdate?.(`${name}, ${numLayers} layers: ${note}`);
  for (const seed of seeds) {
    const start = { ...network, backbone: startOf(seed), seed };
    fits.push(await fitNetwork({ ...work, onUpdate }, start, rows, problem.testRows));
  }
  const predictions = fits.map((fit) => fit.predictions);
  return finetuneScore(factsOf(network, work, fits), predictions, problem);
}

function factsOf(
  { backbone: { config }, name, numLayers, rule }: ScoredNetwork,
  { settings: { hiddenDim }, numClasses }: FinetuneWork,
  fits: readonly FittedNetwork[],
): FinetuneFacts {
  const groups = layerGroups(config);
  const numFrozenGroups = groups.length - numLayers;
  const head = { hiddenDim, numOutputs: numClasses };
  const { trained } = supervisedParameters({ backbone: config, head, numFrozenGroups });
  return {
    backbone: name,
    embeddingDim: embeddingDimOf(config),
    numLayers,
    trainedGroups: groups.slice(numFrozenGroups).map((group) => group.name),
    numTrainedParameters: trained.reduce((sum: number, { shape }: ParameterSpec) => sum + sizeOf(shape), 0),
    rule,
    epochs: fits.map(({ epoch }) => epoch),
    trainLosses: fits.map(({ trainLosses }) => trainLosses),
    validLosses: fits.map(({ validLosses }) => validLosses),
  };
}

/** Untrained starts have other seeds than random:SHAPE, whose own may be the backbone in question. */
const FIRST_SCRATCH_SEED = 1000;

/** The same network with first values of its own, by the seed of its training. */
export function untrained(backbone: TrainableBackbone, seed: number): TrainableBackbone {
  const specs = [...backboneParameters(backbone.config), ...backboneBuffers(backbone.config)];
  return { ...backbone, arrays: sampleParameters(specs, FIRST_SCRATCH_SEED + seed) };
}
