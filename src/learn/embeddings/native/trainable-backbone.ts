// A backbone by its name, with weights that may be trained further.
import { ConfigError } from "#base/config";
import { type BackboneConfig, isMobilenet, kindName } from "#engine/nn";
import { findBackbone } from "#learn/runs/disk";
import { type RecipeNetwork, recipeNetwork } from "./recipe-network.ts";
import { type BackboneWeights, loadWeights } from "./weights.ts";

export interface TrainableBackbone extends Pick<RecipeNetwork, "toInput"> {
  /** As results name it. */
  readonly name: string;
  readonly config: BackboneConfig;
  /** Parameters and buffers, by PyTorch's names. */
  readonly arrays: BackboneWeights["arrays"];
}

/**
 * Reads or draws the weights that `--backbone` names, for grey pictures by its recipe's channels, mean and spread. Throws as
 * `findBackbone` and `loadWeights` do, and ConfigError for what cannot be trained: floors, ONNX models and MobileNetV2.
 */
export function openTrainableBackbone(text: string): TrainableBackbone {
  const found = findBackbone(text);
  if (found.kind === "floor") throw untrainable(text, "a floor");
  if (found.kind === "file" && found.path.endsWith(".onnx")) throw untrainable(text, "an ONNX model");
  const loaded = loadWeights(found);
  const recipe = (found.kind === "file" ? found.entry?.input : undefined) ?? loaded.recipe ?? {};
  const { weights, toInput } = recipeNetwork(loaded, recipe);
  const { name, config, arrays } = weights;
  if (isMobilenet(config)) throw untrainable(text, kindName(config));
  return { name, config, arrays, toInput };
}

function untrainable(text: string, what: string): ConfigError {
  return new ConfigError(
    `--backbone ${text}: expected a ResNet or a Vision Transformer (a run, weights or random:SHAPE), got ${what}, which cannot be trained here.`,
  );
}
