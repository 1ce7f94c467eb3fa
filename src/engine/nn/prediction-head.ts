// What stands on a backbone to predict labels: one linear layer, or two (paper appendix C.1: d-512-n).
import { named, relu, type Tensor } from "#engine/graph";
import { linear } from "./linear.ts";
import type { ParameterSpec, ParameterTensors } from "./parameters.ts";

export interface PredictionHeadConfig {
  readonly inputDim: number;
  /** Width of a layer between; left out: one layer alone. */
  readonly hiddenDim?: number;
  /** Between the two layers (default "none": the paper names none). */
  readonly activation?: "relu" | "none";
  /** Classes, or 1 for a regression. */
  readonly numOutputs: number;
}

/** Named as in a torch.nn.Sequential called "head"; first values are torch.nn.Linear's own. */
export function predictionHeadParameters(config: PredictionHeadConfig): ParameterSpec[] {
  return layersOf(config).flatMap(({ name, numInputs, numOutputs }) => {
    const initial = { kind: "uniform" as const, bound: 1 / Math.sqrt(numInputs) };
    return [
      { name: `${name}.weight`, shape: [numOutputs, numInputs], initial },
      { name: `${name}.bias`, shape: [numOutputs], initial },
    ];
  });
}

/** Embeddings to logits of classes, or to the predicted numbers of a regression: [R, D] -> [R, K]. */
export function predictionHead(
  embeddings: Tensor<"R D">,
  parameters: ParameterTensors,
  config: PredictionHeadConfig,
): Tensor<"R K"> {
  const [first, second] = layersOf(config) as [HeadLayer, HeadLayer?]; // one or two
  const firstOutput = linear(embeddings, parameters, first.name);
  if (!second) return named(firstOutput as Tensor, "R K", first.name); // its columns are the outputs
  const hidden = config.activation === "relu" ? relu(firstOutput) : firstOutput;
  return named(linear(hidden, parameters, second.name) as Tensor, "R K", second.name); // as above
}

interface HeadLayer {
  readonly name: string;
  readonly numInputs: number;
  readonly numOutputs: number;
}

function layersOf({ inputDim, hiddenDim, activation = "none", numOutputs }: PredictionHeadConfig): readonly HeadLayer[] {
  if (hiddenDim === undefined) return [{ name: "head.0", numInputs: inputDim, numOutputs }];
  return [
    { name: "head.0", numInputs: inputDim, numOutputs: hiddenDim },
    { name: activation === "none" ? "head.1" : "head.2", numInputs: hiddenDim, numOutputs },
  ];
}
