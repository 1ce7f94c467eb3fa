// Where sources stand: uniform, or a little clustered.
import type { Random } from "#base/array";

/** A place within a rectangle of the given sides, from (0, 0). */
export type PlaceSampler = (random: Random) => { readonly x: number; readonly y: number };

/** A random density over a rectangle. */
export interface Clustering {
  /** Rms of the logarithm of the density; 0 for a uniform one. */
  readonly rms: number;
  /** Length, in pixels, over which the density changes. */
  readonly scalePixels: number;
}

const NUM_WAVES = 32;
/** Peaks of density beyond this many rms are cut off. */
const CUT = 3;

/** Places drawn from a lognormal density with a Gaussian correlation: a sum of plane waves of random direction and phase. */
export function placeSampler(side: number, { rms, scalePixels }: Clustering, random: Random): PlaceSampler {
  const uniform: PlaceSampler = (draw) => ({ x: draw.uniform() * side, y: draw.uniform() * side });
  if (rms === 0) return uniform;
  const waves = Array.from({ length: NUM_WAVES }, () => ({
    kx: random.normal() / scalePixels,
    ky: random.normal() / scalePixels,
    phase: random.uniformBetween(0, 2 * Math.PI),
  }));
  const amplitude = rms * Math.sqrt(2 / NUM_WAVES);
  return (draw) => {
    for (;;) {
      const place = uniform(draw);
      let height = 0;
      for (const { kx, ky, phase } of waves) height += Math.cos(kx * place.x + ky * place.y + phase);
      if (draw.uniform() < Math.exp(amplitude * height - CUT * rms)) return place;
    }
  };
}
