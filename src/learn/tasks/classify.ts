// Classification on frozen embeddings (paper sections 4.2 and 4.3): linear probes or neighbours, with floors and intervals.

import type { EmbeddingTable } from "#learn/embeddings";
import { classComparison, classEstimates, type RowMatrices, rowErrors, rowMatrices } from "./class-estimates.ts";
import { type FoldFit, type FoldFitter, fitLinearProbes, fitNeighbours } from "./class-probes.ts";
import { type ClassOptions, type ClassProblem, classProblem } from "./class-problem.ts";
import type { ClassRecord, ClassScore } from "./class-record.ts";
import { componentSpace } from "./component-space.ts";
import type { Protocol } from "./evaluation-record.ts";
import { numComponentsFor } from "./fold-features.ts";
import { type SeedFamily, seedSpreads } from "./seed-families.ts";
import { setFacts } from "./set-facts.ts";

/** Tasks of this form: their probes, and which of them is the headline. */
const TASKS: Readonly<Record<ClassRecord["task"], { readonly fit: FoldFitter; readonly headlines: readonly string[] }>> = {
  fr: { fit: fitLinearProbes, headlines: ["exact"] },
  "four-class": { fit: fitLinearProbes, headlines: ["exact"] },
  knn: { fit: fitNeighbours, headlines: ["knn-20", "knn-10"] },
};

const LINEAR_TEXT =
  "exact: logistic regression, L2 penalty by 5-fold cross-validated log loss on training rows; sgd: one linear layer, SGD 0.005, " +
  "batches of 16, 300 epochs, last epoch, mean over probe seeds";

const PROTOCOL_TEXTS: Readonly<Record<Protocol, string>> = {
  paper: `frozen embeddings; principal components and standardisation fitted on training rows alone; ${LINEAR_TEXT}; the test rows are used once`,
  "mgcls-dino-asis": `for audit only: principal components and standardisation fitted on training and on test rows apart, and the row's number kept as a feature, as the published code does; ${LINEAR_TEXT}`,
};

const KNN_TEXT =
  "frozen embeddings of unit length; k nearest training rows by cosine vote with weights exp(cosine / 0.07) (DINO); nothing is fitted";

/** What may be said besides. */
export interface ClassReporting {
  /** Tables that differ in their seed of pre-training alone. */
  readonly families?: readonly SeedFamily[];
  /** Told after each fold of each table, of how many there are. */
  readonly onFold?: (numFolds: number) => void;
}

/**
 * Scores a backbone and its floors on the same test rows. Throws RangeError where classes, rows or the split do not allow it.
 */
export function evaluateClasses(
  task: ClassRecord["task"],
  options: ClassOptions,
  { families = [], onFold = () => {} }: ClassReporting = {},
): ClassRecord {
  const problem = classProblem(options);
  const tables = [options.table, ...options.floors];
  const numFolds = tables.length * problem.repeats.flat().length;
  const scored = tables.map((table) => scoreTable(task, table, problem, () => onFold(numFolds)));
  const [main, ...floors] = scored as [ScoredTable, ...ScoredTable[]]; // the first is the table in question
  const { table, protocol, splitSeed, probeSeeds, pca } = options;
  const folds = problem.repeats.flat();
  return {
    task,
    protocol,
    ...setFacts(table),
    headline: main.headline,
    ...main.score,
    intervalUnit: problem.intervalUnit,
    seeds: { split: splitSeed, bootstrap: splitSeed, probe: task === "knn" ? [] : probeSeeds },
    split: options.split,
    numRepeats: problem.repeats.length,
    numFolds: problem.repeats[0]!.length,
    classes: problem.classes,
    positiveClass: options.positiveClass,
    pca: task === "knn" || pca === null ? null : main.score.numComponents[0]!,
    ...(options.dataQualityFlags ? { dataQualityFlags: options.dataQualityFlags } : {}),
    n: problem.numLabelled,
    numTrain: Math.round(folds.reduce((sum, { train }) => sum + train.length, 0) / folds.length),
    numTest: problem.testRows.length,
    exclusions: problem.exclusions,
    notes: [...problem.notes, ...componentNotes(task, main.score, options, folds[0]!.train.length)],
    protocolText: task === "knn" ? KNN_TEXT : PROTOCOL_TEXTS[protocol],
    floors: floors.map(({ score }) => score),
    ...(families.length > 0 ? { pretrainingSeeds: seedSpreads(families, lossesOf(scored), drawnRows(problem)) } : {}),
    comparisons: floors.map(({ score, perRow }) => classComparison(main.perRow, perRow, score.backbone, problem)),
    test: {
      ids: problem.testRows.map((row) => table.records[row]!.id),
      fields: problem.testRows.map((row) => table.records[row]!.field),
      truth: problem.testRows.map((row) => problem.classOf[row]!),
    },
  };
}

function lossesOf(scored: readonly ScoredTable[]) {
  return new Map(scored.map(({ score, perRow }) => [score.backbone, [rowErrors(perRow)]]));
}

function drawnRows({ clusters, options: { splitSeed } }: ClassProblem) {
  return { clusters, seed: splitSeed };
}

/** The paper's number of components, which fewer rows do not bear. */
const PAPER_COMPONENTS = 100;

function componentNotes(
  task: ClassRecord["task"],
  { numComponents, embeddingDim }: ClassScore,
  { pca }: ClassOptions,
  numTrain: number,
): string[] {
  const count = numComponents[0]!; // a split has folds
  if (task === "knn" || pca !== "auto" || count >= Math.min(PAPER_COMPONENTS, embeddingDim)) return [];
  const why = count < numComponentsFor(numTrain) ? "all directions that the training rows span" : "a tenth of the training rows";
  return [`${count} principal components, ${why}, in place of the paper's ${PAPER_COMPONENTS}.`];
}

interface ScoredTable {
  readonly headline: string;
  readonly score: ClassScore;
  /** Of the headline probe. */
  readonly perRow: RowMatrices;
}

function scoreTable(task: ClassRecord["task"], table: EmbeddingTable, problem: ClassProblem, onFold: () => void): ScoredTable {
  const { fit, headlines } = TASKS[task];
  const space = componentSpace(table, usedRows(problem));
  const fits = problem.repeats.map((folds) =>
    folds.map((fold) => {
      const fitted = fit(space, fold, problem);
      onFold();
      return fitted;
    }),
  );
  const names = Object.keys(fits[0]![0]!.predictions).filter((name) => fits.flat().every((one) => name in one.predictions));
  const headline = headlines.find((name) => names.includes(name))!; // every fold has the smallest number of neighbours
  const matrices = new Map(names.map((name) => [name, matricesOf(name, fits, problem)]));
  const probes = Object.fromEntries([...matrices].map(([name, perRow]) => [name, classEstimates(perRow, problem)]));
  const { error, wilson } = probes[headline]!;
  return {
    headline,
    perRow: matrices.get(headline)!,
    score: {
      backbone: table.backbone,
      embeddingDim: table.dim,
      metric: "error",
      value: error.value!, // test rows are never none
      interval: wilson ?? error.interval!,
      error: error.value!,
      probes,
      sgdPerSeed: "sgd" in probes ? problem.options.probeSeeds.map((_, seed) => errorOfSeed(seed, fits, problem)) : [],
      numComponents: fits.flat().map(({ numComponents }) => numComponents),
      penalties: fits.flat().flatMap(({ penalty }) => (Number.isNaN(penalty) ? [] : [penalty])),
      predictions: fits.map((folds, repeat) => predictionsOf(headline, folds, problem, repeat)),
    },
  };
}

/** Rows that some fold trains or tests on. */
function usedRows({ repeats }: ClassProblem): number[] {
  return [...new Set(repeats.flat().flatMap(({ train, test }) => [...train, ...test]))].toSorted((a, b) => a - b);
}

/** What a probe says of each test row: truth, prediction, and the row's place, over folds and seeds. */
function* predicted(name: string, folds: readonly FoldFit[], { repeats, classOf, testPlaces }: ClassProblem, repeat: number) {
  for (const [index, fit] of folds.entries()) {
    for (const [seed, values] of fit.predictions[name]!.entries()) {
      for (const [place, row] of repeats[repeat]![index]!.test.entries()) {
        yield { seed, place: testPlaces.get(row)!, truth: classOf[row]!, predicted: values[place]! };
      }
    }
  }
}

function matricesOf(name: string, fits: readonly (readonly FoldFit[])[], problem: ClassProblem): RowMatrices {
  const all = fits.flatMap((folds, repeat) => [...predicted(name, folds, problem, repeat)]);
  return rowMatrices(all, problem.testRows.length, problem.classes.length);
}

function errorOfSeed(wanted: number, fits: readonly (readonly FoldFit[])[], problem: ClassProblem): number {
  const all = fits.flatMap((folds, repeat) =>
    [...predicted("sgd", folds, problem, repeat)].filter(({ seed }) => seed === wanted),
  );
  return all.filter(({ truth, predicted: value }) => truth !== value).length / all.length;
}

function predictionsOf(name: string, folds: readonly FoldFit[], problem: ClassProblem, repeat: number): (number | null)[] {
  const found = new Array<number | null>(problem.testRows.length).fill(null);
  for (const { place, predicted: value } of predicted(name, folds, problem, repeat)) found[place] = value;
  return found;
}
