// suricate evaluate similarity: have the crops most like a test crop its class?
import { type Command, Option } from "commander";
import { METRIC_NAMES, type Metric } from "#learn/embeddings";
import { classTestIds, evaluateSimilarity, type SimilarityRecord, type SimilarityScore } from "#learn/tasks";
import { alignedRows, short, withInterval } from "../text-table.ts";
import { withLabelOptions } from "./class-options.ts";
import { type ClassSplitFlags, splitOptions, withSplitOptions } from "./class-split.ts";
import { CLASS_FLOORS } from "./class-task.ts";
import { noteLines } from "./note-lines.ts";
import { seenTestRows, type TaskFlags, taskCommand, tellRecord, withNotes } from "./task-command.ts";
import { taskTables } from "./task-tables.ts";

interface Flags extends TaskFlags, Omit<ClassSplitFlags, "seed"> {
  readonly classes?: readonly string[];
  readonly shared: "refuse" | "drop" | "report";
  readonly metric: Metric;
}

const EXAMPLES = `  suricate evaluate similarity mirabest --backbone runs/first
  suricate evaluate similarity rgd --backbone runs/first --against random:resnet50 --json
  suricate evaluate similarity rgd --embeddings mine.parquet --metric euclidean

For each test crop the 1, 3 and 5 nearest training crops: the share of them that have its class. Nothing is fitted.`;

export function similarityCommand(): Command {
  const command = taskCommand(
    "similarity",
    "Share of the nearest training crops that have a test crop's class.",
    EXAMPLES,
  ).addOption(new Option("--metric <name>", "how near").choices([...METRIC_NAMES]).default("cosine"));
  return withLabelOptions(withSplitOptions(command)).action(similarity);
}

async function similarity(data: string | undefined, flags: Flags): Promise<void> {
  const { classes = null } = flags;
  const { table, floors, notes } = await taskTables(data, flags, {
    floors: CLASS_FLOORS,
    testIdsOf: (table) => classTestIds({ table, classes, ...splitOptions(table, flags) }),
  });
  const evaluated = evaluateSimilarity({
    table,
    // What sees nothing finds crops by chance, which the record says without it.
    floors: floors.filter(({ backbone }) => backbone !== CLASS_FLOORS.constant),
    metric: flags.metric,
    classes,
    ...splitOptions(table, flags),
    seenTestRows: seenTestRows(flags),
    sharedRows: flags.shared,
  });
  const record = withNotes(evaluated, notes);
  tellRecord(record, flags, () => similarityLines(record));
}

function similarityLines(record: SimilarityRecord): string[] {
  const { cropSetName, classes, numTrain, numTest, intervalUnit, distance, chance, floors, comparisons } = record;
  const cells = ({ backbone, precision }: SimilarityScore) => [backbone, ...precision.map(withInterval)];
  return [
    `similarity of ${cropSetName}: ${classes.join(", ")}; ${numTrain} to search in, ${numTest} to search for.`,
    `Precision by ${distance} distance; intervals by bootstrap over ${intervalUnit}s. By chance: ${short(chance)}.`,
    "",
    ...alignedRows([
      ["backbone", ...record.precision.map(({ k }) => `at ${k} [95 %]`), "at 1 less this [95 %]", "p"],
      [...cells(record), "", ""],
      ...floors.map((floor, index) => {
        const { difference: value, interval, p } = comparisons[index]!; // one a floor
        return [...cells(floor), withInterval({ value, interval }), short(p)];
      }),
    ]),
    ...noteLines(record),
  ];
}
