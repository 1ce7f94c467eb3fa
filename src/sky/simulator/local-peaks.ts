// The local maxima of an image, to a part of a pixel in height.

/** A pixel that is higher than its eight neighbours. */
export interface LocalPeak {
  readonly x: number;
  readonly y: number;
  /** The height between pixels: parabolas through the pixel and its neighbours, along its row and its column. */
  readonly flux: number;
}

/** The peaks of a square image [size, size] above a threshold that may depend on the place; pixels of the edge are none. */
export function localPeaks(
  pixels: Float32Array,
  size: number,
  thresholdAt: (place: { readonly x: number; readonly y: number }) => number,
): readonly LocalPeak[] {
  const found: LocalPeak[] = [];
  for (let y = 1; y < size - 1; y++) {
    for (let x = 1; x < size - 1; x++) {
      const place = y * size + x;
      if (!(pixels[place]! > 0) || !isHighest(pixels, place, size)) continue;
      const flux = peakHeight(pixels, place, size);
      if (flux >= thresholdAt({ x, y })) found.push({ x, y, flux });
    }
  }
  return found;
}

function isHighest(pixels: Float32Array, place: number, size: number): boolean {
  const value = pixels[place]!;
  for (let dy = -size; dy <= size; dy += size) {
    // Of two equal neighbours the first is the peak.
    for (let dx = -1; dx <= 1; dx++) {
      const step = dy + dx;
      if (step === 0) continue;
      const other = pixels[place + step]!;
      if (other > value || (other === value && step < 0)) return false;
    }
  }
  return true;
}

/** The height of the peak at a pixel that is not on the edge. */
export function peakHeight(pixels: Float32Array, place: number, width: number): number {
  const middle = pixels[place]!;
  const rise = (before: number, after: number) => {
    const curvature = before - 2 * middle + after;
    return curvature < 0 ? -((before - after) ** 2) / (8 * curvature) : 0;
  };
  return middle + rise(pixels[place - 1]!, pixels[place + 1]!) + rise(pixels[place - width]!, pixels[place + width]!);
}
