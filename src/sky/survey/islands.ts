// Islands: connected groups of non-zero pixels in pictures whose makers set the noise to zero.
import type { Image } from "#base/image";

/** One island: how many pixels, and where the brightest of them lies. */
export interface Island {
  readonly numPixels: number;
  readonly y: number;
  readonly x: number;
  readonly peak: number;
}

/** All islands of `minPixels` or more non-zero pixels; pixels that touch by a side or a corner belong together. */
export function findIslands(image: Image, minPixels: number): Island[] {
  const isVisited = new Uint8Array(image.pixels.length);
  const stack = new Int32Array(image.pixels.length);
  const islands: Island[] = [];
  for (let start = 0; start < image.pixels.length; start++) {
    if (image.pixels[start] === 0 || isVisited[start]) continue;
    const island = fillIsland(image, start, isVisited, stack);
    if (island.numPixels >= minPixels) islands.push(island);
  }
  return islands;
}

/** Marks the island of pixel `start` in `isVisited`. `stack` is room to work in. */
function fillIsland({ pixels, height, width }: Image, start: number, isVisited: Uint8Array, stack: Int32Array): Island {
  let depth = 0;
  let numPixels = 0;
  let brightest = start;
  const push = (index: number) => {
    isVisited[index] = 1;
    stack[depth++] = index;
  };
  push(start);
  while (depth > 0) {
    const index = stack[--depth]!;
    numPixels += 1;
    if (pixels[index]! > pixels[brightest]!) brightest = index;
    const [y, x] = [Math.floor(index / width), index % width];
    for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++) {
      for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++) {
        const neighbour = row * width + column;
        if (pixels[neighbour] !== 0 && !isVisited[neighbour]) push(neighbour);
      }
    }
  }
  return { numPixels, y: Math.floor(brightest / width), x: brightest % width, peak: pixels[brightest]! };
}
