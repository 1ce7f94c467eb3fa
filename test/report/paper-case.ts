// Records of made-up evaluations, as evaluate writes them, for tests of what a report makes of them.
import type { ClassEstimates, ClassRecord, ClassScore, EvaluationRecord, FinetuneScore, TaskResult } from "#learn/tasks";
import type { ReportCropSet, ReportInputs, ReportRun } from "#report";

const CROP = { height: 2, width: 2, pixels: Float32Array.of(0, 0.25, 0.5, 1) };

/** An estimate with an interval of a tenth to both sides. */
export function about(value: number) {
  return { value, interval: [value - 0.1, value + 0.1] as const };
}

function countScore(backbone: string, value: number) {
  const scores = {
    meanSquaredError: about(value),
    rootMeanSquaredError: about(Math.sqrt(value)),
    meanAbsoluteError: about(2),
    r2: about(0.5),
    calibrationSlope: about(1),
    meanSquaredErrorWithoutOutliers: about(value),
  };
  return {
    backbone,
    embeddingDim: 2048,
    metric: "meanSquaredError" as const,
    value,
    interval: [value - 3, value + 4] as const,
    exact: scores,
    sgd: scores,
    sgdPerSeed: [value],
    numComponents: [100],
    penalties: [1],
    predictions: [12, 30.5, 66],
  };
}

export function countRecord(cropSetName: string): TaskResult {
  return {
    task: "source-count",
    label: "sourceCount",
    cropSetName,
    dataHash: "aa",
    ...countScore("runs/first", 48.5),
    split: "field",
    seeds: { split: 0, bootstrap: 0, probe: [0] },
    n: 203,
    numWithoutLabel: 0,
    numTrain: 200,
    numTest: 3,
    numOutliers: 0,
    intervalUnit: "field",
    floors: [countScore("random:runs/first:0", 71), countScore("mean", 120)],
    comparisons: [],
    protocol: "paper",
    protocolText: "",
    notes: [],
    test: {
      ids: ["a", "b", "c"],
      fields: ["Abell 85", "Abell 85", "Abell 209"],
      truth: [10, 35, 80],
      fold: ["f", "f", "f"],
      isOutlier: [false, false, false],
    },
    tail: [
      { count: 40, truth: 0.1, predicted: { exact: 0.07 } },
      { count: 61, truth: 0.021, predicted: { exact: 0.0015 } },
    ],
  };
}

function classEstimates(error: number, confusion: readonly (readonly number[])[]): ClassEstimates {
  return {
    error: about(error),
    wilson: [error - 0.05, error + 0.06],
    accuracy: about(1 - error),
    balancedAccuracy: about(1 - error),
    macroF1: about(1 - error),
    f1: about(0.9 - error),
    perClass: [],
    confusion,
  };
}

function classScore(backbone: string, error: number): ClassScore {
  return {
    backbone,
    embeddingDim: 2048,
    metric: "error",
    value: error,
    interval: [error - 0.05, error + 0.06],
    error,
    probes: {
      exact: classEstimates(error, [
        [40, 9],
        [12, 43],
      ]),
    },
    sgdPerSeed: [error],
    numComponents: [100],
    penalties: [1],
    predictions: [[0, 1]],
  };
}

const HEAD = {
  dataHash: "bb",
  intervalUnit: "crop" as const,
  seeds: { split: 0, bootstrap: 0, probe: [0] },
  exclusions: [],
  notes: [],
  protocolText: "",
};

export function frRecord(cropSetName: string, error: number): ClassRecord {
  const record: ClassRecord = {
    ...HEAD,
    task: "fr",
    cropSetName,
    ...classScore("runs/first", error),
    protocol: "paper",
    headline: "exact",
    split: "own",
    numRepeats: 1,
    numFolds: 1,
    classes: ["FRI", "FRII"],
    positiveClass: "FRI",
    pca: 100,
    n: 833,
    numTrain: 729,
    numTest: 104,
    floors: [classScore("majority", 0.471), classScore("pixels-centre-96", 0.38)],
    comparisons: [],
    test: { ids: ["a", "b"], fields: ["a", "b"], truth: [0, 1] },
  };
  return record;
}

function finetuneScore(backbone: string, numLayers: number, error: number, classes: number): FinetuneScore {
  const confusion = Array.from({ length: classes }, (_, row) =>
    Array.from({ length: classes }, (_, column) => (row === column ? 40 : 10 / (classes - 1))),
  );
  // What tables and figures read of it.
  const score = {
    backbone,
    embeddingDim: 2048,
    metric: "error",
    value: error,
    interval: [error - 0.05, error + 0.06],
    numLayers,
    error: about(error),
    f1: classes === 2 ? about(1 - error) : null,
    errorPerSeed: [error],
    seedDeviation: 0,
    estimates: classEstimates(error, confusion),
  };
  return score as unknown as FinetuneScore;
}

export function finetuneRecord(cropSetName: string, classes: readonly string[], errors: readonly number[]): EvaluationRecord {
  const points = errors.map((error, numLayers) => finetuneScore("runs/first", numLayers, error, classes.length));
  const record = {
    ...HEAD,
    ...points.at(-1),
    task: "finetune",
    cropSetName,
    classes,
    positiveClass: classes.length === 2 ? "FRI" : null,
    numTest: 104,
    points,
    scratch: finetuneScore("runs/first", errors.length - 1, 0.3, classes.length),
    floors: [classScore("runs/first", 0.35)],
    comparisons: [],
  };
  return record as unknown as EvaluationRecord; // what tables and figures read of it
}

export function fewLabelsRecord(cropSetName: string): EvaluationRecord {
  const curve = (backbone: string, errors: readonly number[]) => ({
    backbone,
    embeddingDim: 2048,
    metric: "error",
    value: errors[0]!,
    interval: [errors[0]! - 0.05, errors[0]! + 0.06],
    numComponents: 100,
    points: errors.map((error, place) => ({
      numLabels: [36, 145, 729][place]!,
      fraction: 0.1,
      error: about(error),
      f1: about(0.95 - error),
      drawDeviation: 0.01,
      errorPerDraw: [error],
    })),
  });
  const record = {
    ...HEAD,
    task: "few-labels",
    cropSetName,
    ...curve("runs/first", [0.3, 0.2, 0.1]),
    classes: ["FRI", "FRII"],
    positiveClass: "FRI",
    pca: 100,
    numDraws: 10,
    numTrain: 729,
    numTest: 104,
    floors: [curve("statistics", [0.4, 0.38, 0.36])],
    comparisons: [],
  };
  return record as unknown as EvaluationRecord; // what tables and figures read of it
}

export const CROP_SET: ReportCropSet = {
  name: "MGCLS_20k",
  numCrops: 19554,
  cropSize: 256,
  surveys: ["MGCLS"],
  numFields: 115,
  isTrainedOn: true,
  isEvaluated: true,
  samples: [{ ...CROP, title: "12 sources, y 0, x 246", subtitle: "Abell 85", sources: [{ x: 0, y: 1 }] }],
  byFlag: [
    { ...CROP, title: "flag 0", subtitle: "Abell 22", sources: [] },
    { ...CROP, title: "flag 3", subtitle: "J1653.0-5943", sources: [] },
  ],
  scaling: {
    field: "Abell 85",
    numCrops: 196,
    numCounted: 196,
    crops: [{ ...CROP, title: "centre", subtitle: "Abell 85", sources: [] }],
    histograms: [{ title: "zscale", counts: [3, 10, 0, 1] }],
  },
};

export const RUN: ReportRun = {
  name: "first",
  architecture: "resnet50",
  patchSize: null,
  batchSize: 32,
  numAccumulatedBatches: 6,
  learningRatePer256: 0.03,
  teacherMomentum: 0.996,
  weightDecay: [1e-4, 1e-4],
  optimiser: "sgd",
  seed: 0,
  numEpochs: 500,
  cropSetName: "MGCLS_20k",
  numImages: 15643,
  losses: [
    [1, 10.9],
    [2, 10.1],
    [3, 9.8],
  ],
  lnK: Math.log(65536),
  collapses: [],
  probes: [{ epoch: 3, error: 61, interval: [55, 68] }],
};

/** Everything that a report can show. */
export const FULL: ReportInputs = {
  cropSets: [CROP_SET],
  runs: [RUN],
  records: [
    countRecord("MGCLS_20k"),
    countRecord("MIGHTEE"),
    { ...frRecord("MiraBest", 0.2), audit: { ...frRecord("MiraBest", 0.05), protocol: "mgcls-dino-asis" } },
    frRecord("MIGHTEE_FR", 0.3),
    finetuneRecord("RadioGalaxyDataset", ["FRI", "FRII", "Compact", "Bent"], [0.22]),
    finetuneRecord("MiraBest", ["FRI", "FRII"], [0.12, 0.09]),
    fewLabelsRecord("MiraBest"),
  ],
  figures: new Map([
    [6, [{ name: "figure-6-field", svg: '<svg xmlns="http://www.w3.org/2000/svg" id="given-6"></svg>' }]],
    [7, [{ name: "figure-7", svg: '<svg xmlns="http://www.w3.org/2000/svg" id="given-7"></svg>' }]],
  ]),
  grids: [
    {
      name: "rates",
      keys: ["learningRatePer256", "seed"],
      rows: [
        {
          values: ["0.03", "0"],
          epochs: 100,
          loss: 9.1,
          lnK: 11.09,
          error: 52,
          interval: [47, 58],
          untrainedError: 71,
          failure: "",
        },
        {
          values: ["9", "as is"],
          epochs: Number.NaN,
          loss: Number.NaN,
          lnK: Number.NaN,
          error: Number.NaN,
          interval: [Number.NaN, Number.NaN],
          untrainedError: Number.NaN,
          failure: "DivergenceError: step 2",
        },
      ],
    },
  ],
  facts: [["command", "suricate report . --out report"]],
};

export const EMPTY: ReportInputs = { cropSets: [], runs: [], records: [], grids: [], figures: new Map(), facts: [] };
