// Sources by their place on the sky, for the question whether a list has one already.
import type { Source } from "#sky/catalogue";

/** Two entries are one source where they are nearer than half of the later one's width, or than this where that is not known. */
const NEAR_DEG = 2 / 3600;
/** Of wide sources, which stand apart, at most this. */
const MOST_NEAR_DEG = 10 / 3600;

const RADIANS = Math.PI / 180;

/** A set of sources that is asked by position. Cells are cubes about the sphere of radius 1: there are no poles and no edge at 0 h. */
export class PlacedSources {
  readonly #cells = new Map<string, (readonly number[])[]>();

  add(source: Source): void {
    const place = placeOf(source);
    const key = place.map(cellOf).join(" ");
    const cell = this.#cells.get(key);
    if (cell) cell.push(place);
    else this.#cells.set(key, [place]);
  }

  /** Whether one of these is the same as a source of another list, by its position. */
  has(source: Source): boolean {
    const reach = RADIANS * Math.min(source.majorDeg === null ? NEAR_DEG : source.majorDeg / 2, MOST_NEAR_DEG);
    const place = placeOf(source);
    const [x, y, z] = place.map(cellOf) as [number, number, number]; // three in, three out
    const steps = [-1, 0, 1];
    return steps.some((dx) =>
      steps.some((dy) =>
        steps.some((dz) => this.#cells.get(`${x + dx} ${y + dy} ${z + dz}`)?.some((other) => distance(place, other) < reach)),
      ),
    );
  }
}

const cellOf = (value: number) => Math.floor(value / (MOST_NEAR_DEG * RADIANS));

/** Of so small angles the chord is the arc. */
const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);

function placeOf({ raDeg, decDeg }: Source): readonly number[] {
  const [ra, dec] = [raDeg * RADIANS, decDeg * RADIANS];
  return [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)];
}
