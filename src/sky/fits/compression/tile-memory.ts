// Memory that one tile after another is decoded in: an image may have thousands, nearly all of one length.
import type { TileKernels } from "./tile-kernels.ts";

/** Arrays for the tile at hand; the next one writes over them. */
export class TileMemory {
  /** What decodes tiles faster than JavaScript, where it is to be had. */
  readonly kernels: TileKernels | undefined;
  #integers = new Int32Array(0);
  #words = new Int32Array(0);

  constructor(kernels?: TileKernels) {
    this.kernels = kernels;
  }

  /** For the integers of a tile of `length` pixels. */
  integers(length: number): Int32Array {
    if (this.#integers.length !== length) this.#integers = new Int32Array(length);
    return this.#integers;
  }

  /** At least `length` words, of any content: compressed tiles differ in length. */
  words(length: number): Int32Array {
    if (this.#words.length < length) this.#words = new Int32Array(2 * length);
    return this.#words;
  }
}
