// The image: a rectangle of float32 pixels, the one form that base/image works on.

/** A single-channel image, row-major: the pixel of row y and column x is `pixels[y * width + x]`. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly pixels: Float32Array;
}

/** An image over `pixels`. Throws RangeError where their number is not height x width. */
export function imageOf(height: number, width: number, pixels: Float32Array): Image {
  if (pixels.length !== height * width) {
    throw new RangeError(`image: expected ${height * width} pixels for ${height} x ${width}, got ${pixels.length}.`);
  }
  return { height, width, pixels };
}
