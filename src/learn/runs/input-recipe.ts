// How a crop becomes the picture that a backbone was made for: cut, resized, repeated in channels, standardised.
import { z } from "#base/config";

const side = z.number().int().positive();
const perChannel = z.union([z.number(), z.array(z.number()).min(1)]);
const positivePerChannel = z.union([z.number().positive(), z.array(z.number().positive()).min(1)]);

/** In the order in which it happens. Values are in [0, 1] before `mean` and `std`. */
export const inputRecipeSchema = z.strictObject({
  /** Side of the square cut from the crop's middle, in the crop's own pixels. Default: the whole crop. */
  crop: side.optional(),
  /** Side that it is resized to (bicubic), in pixels. Default: as it is, or the network's own size where nothing is said of sizes. */
  resize: side.optional(),
  /** Side of the square cut from the middle after that. Default: all of it. */
  centreCrop: side.optional(),
  /** Channels that a grey picture is repeated in. Default: as many as the network has. */
  channels: side.optional(),
  /** Subtracted from every pixel: one number, or one a channel. Default: the network's own, or nothing. */
  mean: perChannel.optional(),
  /** What every pixel is then divided by. Default: the network's own, or one. */
  std: positivePerChannel.optional(),
});

export type InputRecipe = Readonly<z.infer<typeof inputRecipeSchema>>;

/** Side of the pictures that a recipe makes; undefined where it leaves the size to the network. */
export function recipeSize({ crop, resize, centreCrop }: InputRecipe): number | undefined {
  return centreCrop ?? resize ?? crop;
}

/** A recipe in one line: "crop 70, mean 0.008009, std 0.05303". */
export function formatRecipe(recipe: InputRecipe): string {
  const parts = Object.entries(recipe).filter(([, value]) => value !== undefined);
  const words = parts.map(([name, value]) => `${RECIPE_WORDS[name as keyof InputRecipe]} ${[value].flat().join(" ")}`); // the schema's own keys
  return words.length === 0 ? "as the network says" : words.join(", ");
}

const RECIPE_WORDS: Readonly<Record<keyof InputRecipe, string>> = {
  crop: "crop",
  resize: "resize",
  centreCrop: "centre crop",
  channels: "channels",
  mean: "mean",
  std: "std",
};
