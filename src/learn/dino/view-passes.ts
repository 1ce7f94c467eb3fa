// A batch goes through the student in passes, each forwards and back before the next begins: a step keeps the activations of one alone.
import { type NdArray, ndArray } from "#base/array";
import { type ComputePrecision, isResnet, numTokensOf, type VitConfig } from "#engine/nn";
import { type DinoConfig, hasDropPath } from "./config.ts";
import type { ViewCounts } from "./loss.ts";
import type { NetworkConfig } from "./network.ts";

/** What fixes the shapes of a step's graphs. */
export interface StepShape extends ViewCounts {
  readonly globalViewSize: number;
  readonly localViewSize: number;
  readonly studentTemperature: number;
  /** Whether drop-path scales are fed (`globalDropPath`, `localDropPath`). */
  readonly dropPath: "fed" | "none";
  /** What the student's blocks keep for the way back (default: everything); see DinoConfig. */
  readonly recompute?: "none" | "blocks";
  /** What both backbones compute in (default: float32). In float16 the loss is multiplied by the input `lossScale` [] on the way back. */
  readonly precision?: ComputePrecision;
}

/** The shapes of a run's steps. */
export function stepShape(config: DinoConfig): StepShape {
  const { views, batchSize, studentTemperature, recompute, precision } = config;
  return {
    batchSize,
    numGlobalViews: views.numGlobalViews,
    globalViewSize: views.globalViewSize,
    numLocalViews: views.numLocalViews,
    localViewSize: views.localViewSize,
    studentTemperature,
    dropPath: hasDropPath(config) ? "fed" : "none",
    recompute,
    precision,
  };
}

/** Passes of one size of views: all equally large, so that one graph serves them all. */
export interface PassKind {
  readonly views: "global" | "local";
  readonly viewSize: number;
  readonly numImages: number;
  readonly numPasses: number;
  /** The student's row of the first pass's first image; rows are view-major, the global views first. */
  readonly firstRow: number;
}

/**
 * A pass of a Vision Transformer has at most so many tokens x their width x blocks: 2,400 tokens of a ViT-S, some 0.7 GB of activations.
 * docs/decisions/training-step-forms.md has what was measured.
 */
const MOST_ACTIVATIONS = 2400 * 384 * 12;

/** How passes are made. */
export interface PassOptions {
  /** Passes that are under way at once and keep their activations; the number of each kind is a multiple of it. Default: 1. */
  readonly numLanes?: number;
  readonly mostActivations?: number;
}

/** Lanes of a step: two where there are threads for both and every size of views can be shared evenly, else one. */
export function numLanesFor({ backbone }: NetworkConfig, shape: StepShape, numThreads: number): 1 | 2 {
  const { batchSize: B, numGlobalViews: G, numLocalViews: L } = shape;
  // Batch normalisation makes one pass of all views of a size.
  return numThreads > 1 && !isResnet(backbone) && (G * B) % 2 === 0 && (L * B) % 2 === 0 ? 2 : 1;
}

/** The kinds of passes of a step in the order in which they are gone through: that of which each lane has one pass comes first. */
export function passKinds(
  config: NetworkConfig,
  shape: StepShape,
  { numLanes = 1, mostActivations = MOST_ACTIVATIONS }: PassOptions = {},
): readonly PassKind[] {
  const { batchSize: B, numGlobalViews: G, numLocalViews: L } = shape;
  const options = { numLanes, mostActivations: mostActivations / numLanes };
  const kinds = [
    passKind(config, { views: "global", viewSize: shape.globalViewSize, firstRow: 0 }, G * B, options),
    passKind(config, { views: "local", viewSize: shape.localViewSize, firstRow: G * B }, L * B, options),
  ];
  const isShared = ({ numPasses }: PassKind) => (numPasses > numLanes ? 1 : 0);
  return kinds.filter(({ numPasses }) => numPasses > 0).toSorted((a, b) => isShared(a) - isShared(b));
}

function passKind(
  { backbone }: NetworkConfig,
  kind: Pick<PassKind, "views" | "viewSize" | "firstRow">,
  numImages: number,
  { numLanes, mostActivations }: Required<PassOptions>,
): PassKind {
  const activationsOf = (vit: VitConfig) => numTokensOf(vit, kind.viewSize) * vit.embedDim * vit.depth;
  // Batch normalisation is over all views of a size.
  const most = isResnet(backbone) ? numImages : Math.floor(mostActivations / activationsOf(backbone));
  const perPass = largestDivisor(numImages / numLanes, Math.max(most, 1));
  return { ...kind, numImages: perPass, numPasses: numImages === 0 ? 0 : numImages / perPass };
}

/** The largest divisor of `count` that is at most `most`. */
function largestDivisor(count: number, most: number): number {
  let divisor = Math.min(count, most);
  while (divisor > 1 && count % divisor !== 0) divisor--;
  return divisor;
}

/** What a step's graphs are fed of one batch: views, view-major, and the drop-path scales that belong to them. */
export type StepBatch = ReadonlyMap<string, NdArray<"float32">>;

/** What of a batch goes into one pass, named as in `buildPassGraph`. */
export function passViews(batch: StepBatch, { views, numImages }: PassKind, pass: number): Map<string, NdArray<"float32">> {
  const { shape, data } = batch.get(`${views}Views`)!; // every batch has those it has passes for
  const size = data.length / shape[0]!;
  const images = ndArray(
    "float32",
    shape.with(0, numImages),
    data.subarray(pass * numImages * size, (pass + 1) * numImages * size),
  );
  const scales = batch.get(`${views}DropPath`);
  return new Map([["views", images], ...(scales ? [["dropPath", columnsOf(scales, pass * numImages, numImages)] as const] : [])]);
}

function columnsOf({ shape, data }: NdArray<"float32">, first: number, count: number): NdArray<"float32"> {
  const [numRows, numColumns] = shape as readonly [number, number]; // drop-path scales are a matrix
  const kept = new Float32Array(numRows * count);
  for (let row = 0; row < numRows; row++) {
    kept.set(data.subarray(row * numColumns + first, row * numColumns + first + count), row * count);
  }
  return ndArray("float32", [numRows, count], kept);
}
