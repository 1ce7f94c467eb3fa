// A frozen backbone as the rest sees it: pictures in, vectors out.
import type { InputRecipe, SeenRows } from "#learn/runs";

/** Something that embeds crops: a network on a device, or one of the floors. */
export interface Backbone {
  /** As results name it: a run, "random:vit-ti8:0", "statistics". */
  readonly name: string;
  /** Length of an embedding. */
  readonly dim: number;
  /** Side of the square pictures it takes, in pixels. */
  readonly inputSize: number;
  /** How a crop is cut and resized for it. Default: the whole crop, resized to `inputSize`. */
  readonly recipe?: InputRecipe;
  /** What it has met in pre-training, where that is known. */
  readonly seenRows?: readonly SeenRows[];
  /** images [count, 1, inputSize, inputSize], values in [0, 1] -> [count, dim]. */
  embed(images: Float32Array, count: number): Promise<Float32Array>;
  close(): void;
}
