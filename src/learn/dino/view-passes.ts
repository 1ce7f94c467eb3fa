// A batch goes through the student in passes, each forwards and back before the next begins: a step keeps the activations of one alone.
import { type NdArray, ndArray } from "#base/array";
import { type ComputePrecision, isResnet, numTokensOf, type VitConfig } from "#engine/nn";
import { type DinoConfig, hasDropPath } from "./config.ts";
import type { NetworkConfig } from "./network.ts";

/** What fixes the shapes of a step's graphs. */
export interface StepShape {
  readonly batchSize: number;
  readonly numGlobalViews: number;
  readonly globalViewSize: number;
  readonly numLocalViews: number;
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

/** The kinds of passes of a step in the order in which they are gone through: that of which there is one pass comes first. */
export function passKinds(config: NetworkConfig, shape: StepShape, mostActivations = MOST_ACTIVATIONS): readonly PassKind[] {
  const { batchSize: B, numGlobalViews: G, numLocalViews: L } = shape;
  const kinds = [
    passKind(config, { views: "global", viewSize: shape.globalViewSize, firstRow: 0 }, G * B, mostActivations),
    passKind(config, { views: "local", viewSize: shape.localViewSize, firstRow: G * B }, L * B, mostActivations),
  ];
  return kinds.filter(({ numPasses }) => numPasses > 0).toSorted((a, b) => Math.min(a.numPasses, 2) - Math.min(b.numPasses, 2));
}

function passKind(
  { backbone }: NetworkConfig,
  kind: Pick<PassKind, "views" | "viewSize" | "firstRow">,
  numImages: number,
  mostActivations: number,
): PassKind {
  const activationsOf = (vit: VitConfig) => numTokensOf(vit, kind.viewSize) * vit.embedDim * vit.depth;
  // Batch normalisation is over all views of a size.
  const most = isResnet(backbone) ? numImages : Math.floor(mostActivations / activationsOf(backbone));
  const perPass = largestDivisor(numImages, Math.max(most, 1));
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
