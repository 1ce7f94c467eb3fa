// The graphs of fine-tuning: gradients of one batch, and predictions; frozen layers are constants in both.
import { gradients } from "#engine/autodiff";
import { Graph, named, type Tensor } from "#engine/graph";
import {
  crossEntropy,
  nextName,
  type ParameterArrays,
  type ParameterTensors,
  parameterConstants,
  parameterInputs,
  runningAverages,
  type SupervisedConfig,
  supervisedNetwork,
  supervisedParameters,
} from "#engine/nn";

/** What fixes a network and what it is shown. */
export interface FinetuneNetwork {
  readonly supervised: SupervisedConfig;
  /** Of every frozen parameter and buffer, by PyTorch's names. */
  readonly frozen: ParameterArrays;
  readonly inputSize: number;
  /** Grey pictures to what the backbone takes. */
  readonly toInput: (images: Tensor<"B C H W">) => Tensor<"B C H W">;
}

/**
 * Inputs: `images` [B, 1, s, s], `targets` [B, K] (rows of probabilities), `parameter.*` (trained, then followed buffers). Outputs: `loss`,
 * `gradient.*` of every trained parameter, and the followed buffers after the batch, named by `nextName`.
 */
export function buildFinetuneGradients(network: FinetuneNetwork, batchSize: number, labelSmoothing: number): Graph {
  const graph = new Graph("fine-tuning");
  const { trained, followedBuffers } = supervisedParameters(network.supervised);
  const learnt = parameterInputs(graph, trained, "parameter.");
  const followed = parameterInputs(graph, followedBuffers, "parameter.");
  const { predictions, statistics } = networkIn(graph, network, batchSize, new Map([...learnt, ...followed]), "batch");
  const targets = named(graph.input("targets", [batchSize, network.supervised.head.numOutputs]), "R K", "targets");
  const loss = crossEntropy(predictions, targets, { labelSmoothing });
  const found = gradients(loss, [...learnt.values()]);
  graph.output("loss", loss);
  for (const [index, { name }] of trained.entries()) graph.output(`gradient.${name}`, found[index]!);
  for (const [name, next] of runningAverages(followed, statistics)) graph.output(nextName(`parameter.${name}`), next);
  return graph;
}

/** Inputs: `images` [B, 1, s, s], `parameter.*` as above. Output: `predictions` [B, K], logits. Everything normalises by running averages. */
export function buildFinetunePredictions(network: FinetuneNetwork, batchSize: number): Graph {
  const graph = new Graph("fine-tuned");
  const { trained, followedBuffers } = supervisedParameters(network.supervised);
  const learnt = parameterInputs(graph, [...trained, ...followedBuffers], "parameter.");
  graph.output("predictions", networkIn(graph, network, batchSize, learnt, "running").predictions);
  return graph;
}

function networkIn(
  graph: Graph,
  { supervised, frozen, inputSize, toInput }: FinetuneNetwork,
  batchSize: number,
  learnt: ParameterTensors,
  mode: "batch" | "running",
) {
  const images = named(graph.input("images", [batchSize, 1, inputSize, inputSize]), "B C H W", "images");
  const parameters = new Map([...parameterConstants(graph, frozen), ...learnt]);
  return supervisedNetwork(toInput(images), parameters, supervised, { mode });
}
