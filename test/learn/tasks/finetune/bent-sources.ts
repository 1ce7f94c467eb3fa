// Pictures whose classes no linear probe of pixels tells: three blobs at any angle, in line or bent, near or far.
import { randomFor } from "#base/array";
import {
  type BackboneConfig,
  backboneBuffers,
  backboneParameters,
  resnetConfigSchema,
  sampleParameters,
  type VitConfig,
} from "#engine/nn";
import { type Device, openDevice } from "#engine/runtime/native";
import { type EmbeddingTable, embedCropSet } from "#learn/embeddings";
import { networkBackbone, type TrainableBackbone } from "#learn/embeddings/native";
import { DEFAULT_FINETUNE_SETTINGS, type FinetuneSettings } from "#learn/tasks";
import type { FinetuneOptions } from "#learn/tasks/native";
import type { CropSet } from "#sky/survey";
import { cropRecord, cropSetOf } from "../../crop-sets.ts";

export const SIDE = 32;

export const TINY_RESNET: BackboneConfig = resnetConfigSchema.parse({
  ...{ kind: "resnet", depth: 18, width: 4, imageSize: SIDE },
  ...{ stemKernelSize: 3, stemStride: 1, stemPooling: "max" },
});

export const TINY_VIT: VitConfig = {
  ...{ imageChannels: 1, patchSize: 8, embedDim: 32, depth: 2, numHeads: 2, mlpRatio: 2, imageSize: SIDE },
};

/** Two classes of three blobs at any angle: how far the outer two are from the middle one, and the angle between them. */
const SHAPES = {
  bent: { straight: { reach: 9, bend: Math.PI }, bent: { reach: 9, bend: 0.4 * Math.PI } },
  wide: { straight: { reach: 6, bend: Math.PI }, bent: { reach: 9, bend: Math.PI } },
} as const;

export interface SourceCounts {
  readonly numTrain: number;
  readonly numTest: number;
  readonly numValid?: number;
}

/** Crops to learn from, to test on, and marked "valid", in this order; every other one of each class. */
export function sourceSet(shapes: keyof typeof SHAPES, { numTrain, numTest, numValid = 0 }: SourceCounts): CropSet {
  const splitOf = (row: number) => (row < numTrain ? "train" : row < numTrain + numTest ? "test" : "valid");
  const records = Array.from({ length: numTrain + numTest + numValid }, (_, row) =>
    cropRecord({ id: `${row}`, field: `${row}`, label: row % 2 === 0 ? "straight" : "bent", split: splitOf(row) }),
  );
  return cropSetOf(
    records,
    SIDE,
    records.map(({ label }, row) => blobs(row, SHAPES[shapes][label as "straight" | "bent"])),
  );
}

function blobs(row: number, { reach, bend }: { readonly reach: number; readonly bend: number }): Float32Array {
  const random = randomFor(11, "blobs", row);
  const angle = random.uniformBetween(0, 2 * Math.PI);
  const spots = [[0, 0], ...[angle, angle + bend].map((one) => [reach * Math.sin(one), reach * Math.cos(one)])];
  const middle = (SIDE - 1) / 2;
  return Float32Array.from({ length: SIDE * SIDE }, (_, index) => {
    const [y, x] = [Math.floor(index / SIDE) - middle, (index % SIDE) - middle];
    const light = spots.reduce((sum, [spotY, spotX]) => sum + Math.exp(-((y - spotY!) ** 2 + (x - spotX!) ** 2) / 8), 0);
    return 0.8 * light + 0.05 * random.normal();
  });
}

export function trainable(config: BackboneConfig, name = "tiny", seed = 3): TrainableBackbone {
  const arrays = sampleParameters([...backboneParameters(config), ...backboneBuffers(config)], seed);
  return { name, config, arrays, toInput: (images) => images };
}

export const SMALL_SETTINGS: FinetuneSettings = {
  ...DEFAULT_FINETUNE_SETTINGS,
  ...{ numEpochs: 3, batchSize: 16, centreSize: SIDE, inputSize: SIDE, hiddenDim: 16 },
};

/** The crops through a frozen network. */
export async function frozenTable(cropSet: CropSet, { name, config, arrays }: TrainableBackbone): Promise<EmbeddingTable> {
  const frozen = networkBackbone({ name, config, arrays }, { cropSize: SIDE, numThreads: 2 });
  try {
    return await embedCropSet(cropSet, frozen, { batchSize: 64 });
  } finally {
    frozen.close();
  }
}

export async function withDevice<T>(use: (device: Device) => Promise<T>): Promise<T> {
  const device = openDevice({ numThreads: 2 });
  try {
    return await use(device);
  } finally {
    device.close();
  }
}

export async function optionsOf(
  cropSet: CropSet,
  device: Device,
  backbone: TrainableBackbone,
  more: Partial<FinetuneOptions> = {},
): Promise<FinetuneOptions> {
  return {
    ...{
      table: await frozenTable(cropSet, backbone),
      floors: [],
      classes: ["straight", "bent"],
      positiveClass: "bent",
      pca: "auto" as const,
    },
    ...{ split: "own" as const, splitSeed: 0, seenTestRows: "refuse" as const, sharedRows: "refuse" as const },
    ...{ cropSet, device, backbone, layers: [1], seeds: [0], settings: SMALL_SETTINGS, rateScale: 1 },
    ...{ validation: "none" as const, scratch: "left out" as const },
    ...more,
  };
}
