// An evaluation as the rows of a table: the backbone in question first, then what stands beside it.
import type { BackboneScore, TaskResult } from "#learn/tasks";
import type { PointGroup } from "./figures/scatter-plot.ts";

type Interval = BackboneScore["interval"];

/** How well one kind of features predicts the counts of the test crops. Intervals are 95 %. */
export interface ScoreRow {
  readonly name: string;
  readonly isMain: boolean;
  readonly meanSquaredError: number;
  readonly interval: Interval;
  /** NaN where the evaluation gives none. */
  readonly r2: number;
  /** This row's error less the main row's, over the same crops (paired bootstrap); null for the main row. */
  readonly excess: { readonly difference: number; readonly interval: Interval } | null;
}

/** Rows for the backbone and its floors, in the result's order; `names` gives each its words, by default its own name. */
export function scoreRows(result: TaskResult, names: ReadonlyMap<string, string>): readonly ScoreRow[] {
  return [result, ...result.floors].map((score, index) => ({
    name: names.get(score.backbone) ?? score.backbone,
    isMain: index === 0,
    meanSquaredError: score.value,
    interval: score.interval,
    r2: score.exact.r2.value ?? Number.NaN,
    excess: index === 0 ? null : excessOf(result, score),
  }));
}

/** The result compares the main backbone with the floor; a table of floors reads the other way round. */
function excessOf({ comparisons }: TaskResult, { backbone }: BackboneScore): ScoreRow["excess"] {
  const comparison = comparisons.find(({ against }) => against === backbone);
  if (comparison === undefined) throw new Error(`internal: report: the result has no comparison with "${backbone}".`);
  const [low, high] = comparison.interval;
  return { difference: -comparison.difference, interval: [-high, -low] };
}

/** True and predicted counts of the test crops, by field. */
export function predictionsByField({ test, predictions }: TaskResult): readonly PointGroup[] {
  const fields = [...new Set(test.fields)];
  return fields.map((name) => ({
    name,
    points: test.truth.flatMap((truth, place) => (test.fields[place] === name ? [[truth, predictions[place]!] as const] : [])),
  }));
}
