// A frozen backbone as the rest sees it: pictures in, vectors out.

/** Something that embeds crops: a network on a device, or one of the floors. */
export interface Backbone {
  /** As results name it: a run, "random:vit-ti8:0", "statistics". */
  readonly name: string;
  /** Length of an embedding. */
  readonly dim: number;
  /** Side of the square pictures it takes, in pixels. */
  readonly inputSize: number;
  /** images [count, 1, inputSize, inputSize], values in [0, 1] -> [count, dim]. */
  embed(images: Float32Array, count: number): Promise<Float32Array>;
  close(): void;
}
