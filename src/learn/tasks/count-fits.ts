// The probes of source counts, fitted on the training rows of each fold (paper section 4.1).
import type { EmbeddingTable, Matrix } from "#learn/embeddings";
import { countFeatures } from "./count-features.ts";
import type { CountProblem } from "./count-problem.ts";
import { expectedCounts, fitNegativeBinomial, fitPoisson } from "./count-regression.ts";
import type { FoldFeatures } from "./fold-features.ts";
import { fitLinearBySgd } from "./linear-sgd.ts";
import { choosePenalty, fitRidge, predict, RIDGE_PENALTIES } from "./ridge.ts";
import { type Fold, innerFolds } from "./splits.ts";

/** A fold's predictions for its test rows by probe: of the sgd probe by seed, of the others once. */
interface FoldFit {
  readonly numComponents: number;
  readonly penalty: number;
  /** NaN where no negative binomial was fitted. */
  readonly dispersion: number;
  readonly predictions: Readonly<Record<string, readonly Float64Array[]>>;
}

/** Of each test row, by probe and seed, and by fold what the fits chose. */
export interface CountFits {
  readonly predicted: Readonly<Record<string, readonly Float64Array[]>>;
  readonly numComponents: readonly number[];
  readonly penalties: readonly number[];
  readonly dispersions: readonly number[];
}

/** Fits all probes of a backbone on every fold and predicts its test rows. */
export function fitCounts(table: EmbeddingTable, problem: CountProblem): CountFits {
  const { protocol, options } = problem;
  const { pca = "auto" } = options; // null is a choice: no components
  const featuresOf = countFeatures(table, protocol, pca);
  const fits = problem.split.folds.map((fold) => fitFold(featuresOf(fold), fold, problem));
  const [first] = fits as [FoldFit]; // a split has folds
  const predictedBy = (name: string) =>
    first.predictions[name]!.map((_, seed) =>
      gathered(
        fits.map(({ predictions }) => predictions[name]![seed]!),
        problem,
      ),
    );
  return {
    predicted: Object.fromEntries(Object.keys(first.predictions).map((name) => [name, predictedBy(name)])),
    numComponents: fits.map(({ numComponents }) => numComponents),
    penalties: fits.map(({ penalty }) => penalty),
    dispersions: fits.map(({ dispersion }) => dispersion),
  };
}

function fitFold(features: FoldFeatures, fold: Fold, problem: CountProblem): FoldFit {
  const { table, probes = "linear" } = problem.options;
  const targets = Float64Array.from(fold.train, (row) => problem.labels[row]!); // rows of the split have labels
  const inner = innerPlaces(table, fold.train, problem);
  const penalty = choosePenalty(features.train, targets, inner, RIDGE_PENALTIES);
  const [ridge] = fitRidge(features.train, targets, [penalty]);
  const scaling = problem.protocol === "paper" ? "standardised" : "none";
  const counted = probes === "all" ? fitCountModels(features.train, targets, inner) : undefined;
  return {
    numComponents: features.numComponents,
    penalty,
    dispersion: counted?.negativeBinomial.dispersion ?? Number.NaN,
    predictions: {
      exact: [predict(ridge!, features.test)],
      sgd: problem.probeSeeds.map((seed) => predict(fitLinearBySgd(features.train, targets, seed, scaling), features.test)),
      ...(counted && {
        poisson: [expectedCounts(counted.poisson, features.test)],
        negativeBinomial: [expectedCounts(counted.negativeBinomial, features.test)],
      }),
    },
  };
}

function fitCountModels(x: Matrix, targets: Float64Array, inner: readonly Fold[]) {
  const poisson = fitPoisson(x, targets, inner);
  return { poisson, negativeBinomial: fitNegativeBinomial(x, targets, inner, poisson) };
}

/** Inner folds as positions in the fold's training rows. */
function innerPlaces({ records, cropSize }: EmbeddingTable, rows: readonly number[], { split, splitSeed }: CountProblem): Fold[] {
  const positions = new Map(rows.map((row, place) => [row, place]));
  const toPositions = (some: readonly number[]) => some.map((row) => positions.get(row)!);
  return innerFolds(split.name, { records, rows, cropSize, seed: splitSeed }).map(({ name, train, test }) => ({
    name,
    train: toPositions(train),
    test: toPositions(test),
  }));
}

/** Predictions of all folds, brought into the order of the test rows. */
function gathered(byFold: readonly Float64Array[], { split, testPlaces }: CountProblem): Float64Array {
  const all = new Float64Array(testPlaces.size);
  for (const [index, { test }] of split.folds.entries()) {
    for (const [place, row] of test.entries()) all[testPlaces.get(row)!] = byFold[index]![place]!;
  }
  return all;
}
