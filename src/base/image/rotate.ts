// Rotation by any angle about the centre, and the mirror image.
import type { Image } from "./image.ts";
import { reflectIndex } from "./reflect.ts";

/** Whole pixels of an image: rows from y0 and columns from x0 on. */
export interface PixelWindow {
  readonly y0: number;
  readonly x0: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The image turned counter-clockwise (as seen with row 0 at the top) about its centre, in a frame of the same size.
 * Bilinear; where the frame asks for pixels beyond the image, the image is mirrored at its edge.
 * With `window` only those pixels of the turned image are computed. Multiples of 90 degrees of a square image are exact.
 */
export function rotate(
  image: Image,
  angleDeg: number,
  window: PixelWindow = { y0: 0, x0: 0, height: image.height, width: image.width },
): Image {
  const { sine, cosine } = sineAndCosine(angleDeg);
  const centerY = (image.height - 1) / 2;
  const centerX = (image.width - 1) / 2;
  const pixels = new Float32Array(window.height * window.width);
  for (let row = 0; row < window.height; row++) {
    const y = window.y0 + row - centerY;
    for (let column = 0; column < window.width; column++) {
      const x = window.x0 + column - centerX;
      // The turned image at (y, x) is the image at the point turned back; y points down.
      pixels[row * window.width + column] = bilinearAt(image, centerY + cosine * y + sine * x, centerX + cosine * x - sine * y);
    }
  }
  return { height: window.height, width: window.width, pixels };
}

/** The image with its columns in reverse order. */
export function flipHorizontally(image: Image): Image {
  const { height, width } = image;
  const pixels = image.pixels.slice();
  for (let y = 0; y < height; y++) pixels.subarray(y * width, (y + 1) * width).reverse();
  return { height, width, pixels };
}

/** Exact at multiples of 90 degrees, where Math.cos is not. */
function sineAndCosine(angleDeg: number): { readonly sine: number; readonly cosine: number } {
  const turned = ((angleDeg % 360) + 360) % 360;
  if (turned % 90 === 0) {
    const quarter = turned / 90;
    return { sine: [0, 1, 0, -1][quarter]!, cosine: [1, 0, -1, 0][quarter]! };
  }
  const radians = (turned / 180) * Math.PI;
  return { sine: Math.sin(radians), cosine: Math.cos(radians) };
}

/** The image between its four nearest pixels. */
function bilinearAt({ height, width, pixels }: Image, y: number, x: number): number {
  const above = Math.floor(y);
  const left = Math.floor(x);
  const down = y - above;
  const right = x - left;
  let upper = above * width;
  let lower = upper + width;
  let first = left;
  let second = left + 1;
  if (above < 0 || left < 0 || above + 1 >= height || left + 1 >= width) {
    upper = reflectIndex(above, height) * width;
    lower = reflectIndex(above + 1, height) * width;
    first = reflectIndex(left, width);
    second = reflectIndex(left + 1, width);
  }
  const top = pixels[upper + first]! * (1 - right) + pixels[upper + second]! * right;
  const bottom = pixels[lower + first]! * (1 - right) + pixels[lower + second]! * right;
  return top * (1 - down) + bottom * down;
}
