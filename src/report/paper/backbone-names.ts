// What tables call a backbone, by the name it has in results.

const FLOOR_TITLES: Readonly<Record<string, string>> = {
  mean: "mean of the training crops",
  majority: "majority class",
  statistics: "image statistics",
  pixels: "raw pixels",
};

/** Raw pixels of a crop's middle. */
const CENTRE_PIXELS = /^pixels-centre-(\d+)$/;

/** Whether a backbone knows nothing of learning: simple features, or a network that was never trained. */
export function isFloorName(name: string): boolean {
  return Object.hasOwn(FLOOR_TITLES, name) || name.startsWith("random:") || CENTRE_PIXELS.test(name);
}

/** "raw pixels", "untrained resnet50 (seed 0)", or the last part of a path. */
export function backboneTitle(name: string): string {
  const known = FLOOR_TITLES[name];
  if (known !== undefined) return known;
  const side = CENTRE_PIXELS.exec(name)?.[1];
  if (side !== undefined) return `raw pixels, central ${side} × ${side}`;
  const [, shape, seed] = /^random:(.+?)(?::(\d+))?$/.exec(name) ?? [];
  if (shape !== undefined) return `untrained, as ${lastPart(shape)} (seed ${seed ?? 0})`;
  return lastPart(name);
}

/** A run's folder is often just "run": then the folder above it says more. */
function lastPart(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  const last = parts.at(-1) ?? path;
  const above = parts.at(-2);
  return /^(run|model|checkpoint)(@\d+)?$/.test(last) && above !== undefined && above !== ".." ? `${above}/${last}` : last;
}
