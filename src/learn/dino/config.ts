// Settings of a DINO training run: one schema, its defaults (paper Table 2, else DINO's; docs/paper-map.md says which are ours), and named presets.
import { ConfigError, z } from "#base/config";
import { backboneConfigSchema, checkBackboneConfig, numDroppableBlocks, sideUnitOf, VIT_SIZES } from "#engine/nn";
import { checkViewConfig, DEFAULT_VIEW_CONFIG } from "#sky/views";

const positive = z.number().positive();
const count = z.number().int().positive();
const fraction = z.number().min(0).max(1);
const range = z.tuple([z.number(), z.number()]).readonly();

const headSchema = z.strictObject({
  hiddenDim: count.default(2048),
  bottleneckDim: count.default(256),
  numPrototypes: count.default(65536),
});

const viewSchema = z.strictObject({
  numGlobalViews: count.default(DEFAULT_VIEW_CONFIG.numGlobalViews),
  globalViewSize: count.default(DEFAULT_VIEW_CONFIG.globalViewSize),
  globalViewArea: range.default(DEFAULT_VIEW_CONFIG.globalViewArea),
  numLocalViews: z.number().int().min(0).default(DEFAULT_VIEW_CONFIG.numLocalViews),
  localViewSize: count.default(DEFAULT_VIEW_CONFIG.localViewSize),
  localViewArea: range.default(DEFAULT_VIEW_CONFIG.localViewArea),
  aspectRatio: range.default(DEFAULT_VIEW_CONFIG.aspectRatio),
  rotationProbability: fraction.default(DEFAULT_VIEW_CONFIG.rotationProbability),
  flipProbability: fraction.default(DEFAULT_VIEW_CONFIG.flipProbability),
  globalBlurProbabilities: z.array(fraction).readonly().default(DEFAULT_VIEW_CONFIG.globalBlurProbabilities),
  localBlurProbability: fraction.default(DEFAULT_VIEW_CONFIG.localBlurProbability),
  blurSigma: range.default(DEFAULT_VIEW_CONFIG.blurSigma),
  powerLawProbability: fraction.default(DEFAULT_VIEW_CONFIG.powerLawProbability),
  powerLawExponent: range.default(DEFAULT_VIEW_CONFIG.powerLawExponent),
});

const checkpointSchema = z.strictObject({
  /** A checkpoint after every so many epochs, and one at the end. */
  everyEpochs: count.default(1),
  /** And after so many minutes, should an epoch last longer. */
  everyMinutes: positive.default(10),
  /** The newest so many are kept. */
  keepLast: count.default(3),
  /** Checkpoints of epochs that this number divides are kept for ever (paper: the probe every 25 epochs). */
  keepEvery: count.default(25),
});

const probeSchema = z.strictObject({
  /** The probe after every so many epochs (paper section 3.2), where crops have labels; null: never. */
  everyEpochs: count.nullable().default(25),
});

const stoppingSchema = z.strictObject({
  /** Training stops after so many epochs in which its loss has not fallen, or the probe's error not improved; null: never. */
  patienceEpochs: count.nullable().default(100),
  /** A loss has fallen where it is lower by this fraction. */
  lossFraction: fraction.default(0.01),
});

/** The schema of `config.yaml`. Unknown keys are errors. */
export const dinoConfigSchema = z.strictObject({
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(0),
  backbone: backboneConfigSchema.prefault({}),
  head: headSchema.prefault({}),
  views: viewSchema.prefault({}),
  /** Crops in one pass through the networks. */
  batchSize: count.default(8),
  /** Passes whose gradients are averaged into one optimiser step, with one centre and one teacher update. */
  numAccumulatedBatches: count.default(1),
  numEpochs: count.default(500),
  optimiser: z.enum(["adamw", "sgd", "lars"]).default("adamw"),
  /** Per 256 crops of an optimiser step: the effective rate is this x crops / 256. */
  learningRatePer256: positive.default(5e-4),
  finalLearningRate: z.number().min(0).default(1e-6),
  numWarmupEpochs: z.number().min(0).default(10),
  weightDecay: z.number().min(0).default(0.04),
  finalWeightDecay: z.number().min(0).default(0.4),
  /** The teacher's moving average at the start; it rises to 1 along a cosine. */
  teacherMomentum: fraction.default(0.996),
  teacherTemperature: positive.default(0.04),
  warmupTeacherTemperature: positive.default(0.04),
  numTeacherTemperatureWarmupEpochs: z.number().int().min(0).default(0),
  studentTemperature: positive.default(0.1),
  centerMomentum: fraction.default(0.9),
  /** Each parameter's gradient is clipped to this norm by itself; 0 clips nothing. */
  maxGradientNorm: z.number().min(0).default(3),
  /** The prototypes stay as they began for so many epochs. */
  numFrozenPrototypeEpochs: z.number().int().min(0).default(1),
  dropPathRate: fraction.default(0.1),
  /** "blocks": the student's blocks are computed a second time on the way back, not kept: less memory, more time. */
  recompute: z.enum(["none", "blocks"]).default("none"),
  /** "float16": both backbones compute in 16 bits, with loss scaling. Only on devices that do (webgpu, cuda). */
  precision: z.enum(["float32", "float16"]).default("float32"),
  checkpoints: checkpointSchema.prefault({}),
  probe: probeSchema.prefault({}),
  stopping: stoppingSchema.prefault({}),
});

export type DinoConfig = z.infer<typeof dinoConfigSchema>;

/** Settings by name. What a preset leaves out is the schema's default. */
export const DINO_PRESETS: Readonly<Record<string, z.input<typeof dinoConfigSchema>>> = {
  // Paper Table 2, ViT column: 8 images x 6 processes at 0.00625 per 256; here the six processes are six accumulated batches.
  "paper-vit": { batchSize: 8, numAccumulatedBatches: 6, learningRatePer256: 0.00625 },
  // The same with the weight decay of Table 2 kept constant: the paper does not say which of the two it means.
  "paper-vit-constant-decay": { batchSize: 8, numAccumulatedBatches: 6, learningRatePer256: 0.00625, finalWeightDecay: 0.04 },
  // Paper Table 2, ResNet column: 32 images x 6 processes at 0.03 per 256. DINO synchronises batch normalisation over the
  // processes; here each of the six batches has statistics of its own.
  "paper-resnet": {
    backbone: { kind: "resnet", depth: 50 },
    views: { localViewArea: [0.05, 0.14] },
    batchSize: 32,
    numAccumulatedBatches: 6,
    optimiser: "sgd",
    learningRatePer256: 0.03,
    weightDecay: 1e-4,
    finalWeightDecay: 1e-4,
  },
  // A few hundred crops on a laptop: a small transformer, small views, a small head. Untrained, a network tells dark crops apart
  // so little that their common part drowns the rest: a quick centre takes it away, a sharp teacher makes the most of what is left.
  small: {
    backbone: { ...VIT_SIZES["vit-ti"], patchSize: 8, imageSize: 96 },
    head: { hiddenDim: 512, bottleneckDim: 128, numPrototypes: 4096 },
    views: { globalViewSize: 96, localViewSize: 48, numLocalViews: 6 },
    batchSize: 16,
    numEpochs: 30,
    numWarmupEpochs: 3,
    learningRatePer256: 2e-3,
    teacherMomentum: 0.99,
    centerMomentum: 0.5,
    teacherTemperature: 0.02,
    warmupTeacherTemperature: 0.02,
  },
};

/** What the schema cannot see: values that must fit together. Throws ConfigError or ShapeError, by name. */
export function checkDinoConfig(config: DinoConfig): DinoConfig {
  const { views, backbone } = config;
  checkViewConfig(views);
  checkBackboneConfig(backbone);
  if (backbone.imageChannels !== 1)
    throw new ConfigError(`backbone.imageChannels: expected 1, as a crop has, got ${backbone.imageChannels}.`);
  const sizes = views.numLocalViews > 0 ? (["globalViewSize", "localViewSize"] as const) : (["globalViewSize"] as const);
  for (const name of sizes) {
    const unit = sideUnitOf(backbone);
    if (views[name] % unit === 0) continue;
    throw new ConfigError(
      `views.${name}: expected a side that patches of ${unit} pixels divide (backbone.patchSize), got ${views[name]}.`,
    );
  }
  return config;
}

/** Throws ConfigError where a device does not compute in the precision that is asked for. */
export function checkPrecision({ precision }: Pick<DinoConfig, "precision">, device: string): void {
  if (precision === "float32" || device !== "cpu") return;
  throw new ConfigError(
    `precision: expected float32 on the device cpu, whose ONNX Runtime has no arithmetic of 16 bits, got ${precision}. Use --device webgpu or cuda.`,
  );
}

/** Whether branches are dropped at all: only a Vision Transformer's are (DINO gives its ResNets no rate). */
export function hasDropPath({ backbone, dropPathRate }: Pick<DinoConfig, "backbone" | "dropPathRate">): boolean {
  return dropPathRate > 0 && numDroppableBlocks(backbone) > 0;
}

/** What a run's state is made of, or what its order of crops comes from: another value is another run. */
const FIXED_SETTINGS = ["seed", "backbone", "head", "optimiser", "batchSize", "numAccumulatedBatches"] as const;

/** Throws ConfigError where a run that began with `before` cannot go on with `after`. */
export function checkResumable(before: DinoConfig, after: DinoConfig): void {
  for (const name of FIXED_SETTINGS) {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    throw new ConfigError(
      `train: "${name}" cannot change in a run that goes on: its state and its order of crops come from the first one. Begin another run.`,
    );
  }
}

/** The learning rate at its height: scaled with the crops of one optimiser step (Goyal et al. 2017). */
export function peakLearningRate({ learningRatePer256, batchSize, numAccumulatedBatches }: DinoConfig): number {
  return (learningRatePer256 * batchSize * numAccumulatedBatches) / 256;
}
