// A network of others with the input that it was made for, as one graph: grey pictures in [0, 1] in, embeddings out.
import type { Tensor } from "#engine/graph";
import { type FrozenOptions, frozenBackbone } from "#engine/nn";
import type { InputRecipe } from "#learn/runs";
import { recipeNetwork } from "./recipe-network.ts";
import type { BackboneWeights } from "./weights.ts";

/** Images [B, 1, H, W] to embeddings. Throws ConfigError as `recipeNetwork` does. */
export function recipeEmbedding(
  images: Tensor<"B C H W">,
  weights: BackboneWeights,
  recipe: InputRecipe,
  options: FrozenOptions = {},
): Tensor<"R D"> {
  const { weights: shown, toInput } = recipeNetwork(weights, recipe);
  return frozenBackbone(toInput(images), shown.arrays, shown.config, options);
}
