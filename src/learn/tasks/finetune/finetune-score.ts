// Predictions of fine-tuned networks to scores: over training seeds, and beside what else was scored on the same rows.
import { mcnemarP } from "../binomial-tests.ts";
import { classEstimates, rowMatrices } from "../class-estimates.ts";
import type { ClassProblem } from "../class-problem.ts";
import type { FinetuneComparison, FinetuneScore } from "../network-records.ts";
import { pairedDifference, type RepeatedPredictions, repeatedScores, type TestedRows } from "../repeated-predictions.ts";

/** What a network was and how its training went, by seed. */
export type FinetuneFacts = Pick<
  FinetuneScore,
  | ("backbone" | "embeddingDim" | "numLayers" | "trainedGroups" | "numTrainedParameters")
  | ("rule" | "epochs" | "trainLosses" | "validLosses")
>;

/** Scores of `predictions` [seed][test row]. One seed has Wilson's interval, several that over test rows and seeds. */
export function finetuneScore(facts: FinetuneFacts, predictions: RepeatedPredictions, problem: ClassProblem): FinetuneScore {
  const { classes, classOf, testRows, options } = problem;
  const positive = options.positiveClass === null ? -1 : classes.indexOf(options.positiveClass);
  const { error, f1, errorPerRepeat, deviation } = repeatedScores(predictions, testedRows(problem), positive);
  const all = predictions.flatMap((predicted) =>
    testRows.map((row, place) => ({ place, truth: classOf[row]!, predicted: predicted[place]! })),
  );
  const estimates = classEstimates(rowMatrices(all, testRows.length, classes.length), problem);
  return {
    ...facts,
    metric: "error",
    value: error.value!,
    interval: predictions.length === 1 ? (estimates.wilson ?? error.interval!) : error.interval!, // test rows are never none
    error,
    f1,
    errorPerSeed: errorPerRepeat,
    seedDeviation: deviation,
    estimates,
    predictions: predictions.map((predicted) => Array.from(predicted)),
  };
}

/** A network beside another, or beside a probe whose one prediction stands against every seed. */
export function finetuneComparison(
  score: Pick<FinetuneScore, "numLayers" | "predictions">,
  other: { readonly name: string; readonly predictions: RepeatedPredictions },
  problem: ClassProblem,
  seeds: readonly number[],
): FinetuneComparison {
  const theirs = score.predictions.map((_, seed) => other.predictions[seed] ?? other.predictions[0]!);
  const isRight = (predicted: ArrayLike<number>, place: number) => predicted[place] === problem.classOf[problem.testRows[place]!];
  const numOnly = (first: ArrayLike<number>, second: ArrayLike<number>) =>
    problem.testRows.filter((_, place) => isRight(first, place) && !isRight(second, place)).length;
  return {
    numLayers: score.numLayers,
    against: other.name,
    ...pairedDifference(score.predictions, theirs, testedRows(problem)),
    mcnemarPerSeed: seeds.map((seed, index) => {
      const [ours, its] = [score.predictions[index]!, theirs[index]!];
      const [onlyThisRight, onlyOtherRight] = [numOnly(ours, its), numOnly(its, ours)];
      return { seed, onlyThisRight, onlyOtherRight, p: mcnemarP(onlyThisRight, onlyOtherRight) };
    }),
  };
}

function testedRows(problem: ClassProblem): TestedRows {
  return { ...problem, seed: problem.options.splitSeed };
}
