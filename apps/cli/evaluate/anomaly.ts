// suricate evaluate anomaly: does oddness, scored without labels, put first what a person finds interesting?
import type { Command } from "commander";
import { floorBackbone } from "#learn/embeddings";
import { type AnomalyRecord, type AnomalyScore, checkInterestScores, evaluateAnomaly } from "#learn/tasks";
import { decimal } from "../decimal.ts";
import { alignedRows, short, withInterval } from "../text-table.ts";
import { positiveInteger } from "../whole-number.ts";
import { noteLines } from "./note-lines.ts";
import { type TaskFlags, taskCommand, tellRecord, withNotes } from "./task-command.ts";
import { type TaskFloors, taskTables } from "./task-tables.ts";

interface Flags extends TaskFlags {
  readonly minInterest: number;
  readonly neighbours: number;
  readonly components: number;
}

const EXAMPLES = `  suricate evaluate anomaly protege --backbone runs/first
  suricate evaluate anomaly protege --backbone runs/first --min-interest 5 --out anomaly.json
  suricate evaluate anomaly protege --embeddings first.parquet --neighbours 5 --json

Two scores of oddness, made without labels: the mean distance to the nearest other crops, and the Mahalanobis distance from the
middle of all. Judged by a person's interest scores, as import protege brings them: area under the ROC curve (0.5 is chance), rank
correlation, and how many of the interesting crops are among the 25 to 200 oddest.`;

const FLOORS: TaskFloors = {
  constant: "constant",
  ofPictures: (cropSize) => [floorBackbone("statistics", cropSize), floorBackbone("pixels", cropSize)],
  numUntrained: 1,
};

export function anomalyCommand(): Command {
  return taskCommand("anomaly", "Whether oddness finds what a person finds interesting.", EXAMPLES)
    .option("--min-interest <score>", "crops from this score on count as interesting", decimal, 4)
    .option("--neighbours <n>", "of the neighbour distance", positiveInteger, 10)
    .option("--components <n>", "principal components, at most a tenth of the crops", positiveInteger, 100)
    .action(anomaly);
}

async function anomaly(data: string | undefined, flags: Flags): Promise<void> {
  const { table, floors, notes } = await taskTables(data, flags, {
    floors: FLOORS,
    testIdsOf: (table) => {
      checkInterestScores({ table, minInterest: flags.minInterest });
      return []; // nothing is fitted to the scores
    },
  });
  const evaluated = evaluateAnomaly({
    table,
    // One constant a crop makes none odd: chance, which needs no row.
    floors: floors.filter(({ backbone }) => backbone !== FLOORS.constant),
    minInterest: flags.minInterest,
    numNeighbours: flags.neighbours,
    maxComponents: flags.components,
    seed: flags.seed,
  });
  const record = withNotes(evaluated, notes);
  tellRecord(record, flags, () => anomalyLines(record));
}

function anomalyLines(record: AnomalyRecord): string[] {
  const { cropSetName, n, numInteresting, minInterest, intervalUnit, floors } = record;
  const tops = record.scorers[0]!.recallAt.map(({ top }) => top);
  const rows = ({ backbone, scorers }: AnomalyScore) =>
    scorers.map(({ name, rocAuc, rankCorrelation, recallAt }) => [
      backbone,
      name,
      withInterval(rocAuc),
      withInterval(rankCorrelation),
      ...recallAt.map(({ value }) => short(value)),
    ]);
  const chance = ["chance", "", "0.500", "0", ...tops.map((top) => short(top / n))];
  return [
    `anomaly of ${cropSetName}: ${n} crops with an interest score, ${numInteresting} of them from ${minInterest} on; intervals by bootstrap over ${intervalUnit}s.`,
    "",
    ...alignedRows([
      ["backbone", "score", "ROC AUC [95 %]", "rank correlation [95 %]", ...tops.map((top) => `found in ${top}`)],
      ...[record, ...floors].flatMap(rows),
      chance,
    ]),
    ...noteLines(record),
  ];
}
