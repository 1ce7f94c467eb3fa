// What the classifications under `suricate evaluate` do: their tables and floors, every variant that was asked for, one record.
import { floorBackbone } from "#learn/embeddings";
import { type ClassOptions, type ClassRecord, classTestIds, evaluateClasses, inRowOrder, type RowOrder } from "#learn/tasks";
import { progressBar } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { classLines } from "./class-lines.ts";
import type { ClassFlags, LinearFlags } from "./class-options.ts";
import { splitOptions } from "./class-split.ts";
import { seenTestRows, tellRecord, withNotes } from "./task-command.ts";
import { type TaskFloors, type TaskTables, type TestIds, taskTables } from "./task-tables.ts";
import { joinedVariants, type Variant, variantsOf } from "./variants.ts";

/** Side of the middle of a cutout that shows the galaxy (paper appendix C.1), in pixels. */
const CENTRE_SIZE = 96;
const NUM_UNTRAINED = 5;

/** Floors of every classification: the most frequent class, image statistics, raw pixels of the middle, five untrained networks. */
export const CLASS_FLOORS: TaskFloors = {
  constant: "majority",
  ofPictures: (cropSize) => {
    const side = Math.min(CENTRE_SIZE, cropSize);
    const pixels = floorBackbone("pixels", cropSize, { crop: side });
    return [floorBackbone("statistics", cropSize), { ...pixels, name: `pixels-centre-${side}` }];
  },
  numUntrained: NUM_UNTRAINED,
};

/** What a task fixes. */
export interface ClassTask {
  readonly task: ClassRecord["task"];
  /** Null: every label of the set. */
  readonly classes: readonly string[] | null;
  readonly positiveClass: string | null;
}

/** Evaluates and tells. `--protocol`, `--pca`, `--rows` and `--seeds` are the linear probes' alone. */
export async function runClassTask(
  { task, ...fixed }: ClassTask,
  data: string | undefined,
  flags: ClassFlags & Partial<LinearFlags>,
): Promise<void> {
  if (flags.test !== undefined && flags.split !== undefined && flags.split !== "own")
    throw new UsageError(`evaluate ${task}: --test: expected no --split beside it, got ${flags.split}: the sets are the split.`);
  const testIdsOf: TestIds = (table) => {
    const options = { table, classes: flags.classes ?? fixed.classes, ...splitOptions(table, flags) };
    return flags.dqf.flatMap((dataQualityFlags) => classTestIds({ ...options, dataQualityFlags }));
  };
  const tables = inOrder(await taskTables(data, flags, { floors: CLASS_FLOORS, testIdsOf }), flags.rows ?? "set");
  const variants = variantsOf(flags);
  const options = sharedOptions(tables, fixed, flags);
  let bar: ReturnType<typeof progressBar> | undefined;
  const onFold = (numFolds: number) => {
    bar ??= progressBar("evaluate", variants.length * numFolds, { unit: "folds" });
    bar.advance(1);
  };
  const records = variants.map((variant) =>
    evaluateClasses(task, { ...options, ...variant }, { families: tables.families, onFold }),
  );
  bar?.finish();
  const record = withNotes(joinedVariants(records), tables.notes);
  tellRecord(record, flags, () => classLines(record));
}

function inOrder({ table, floors, ...more }: TaskTables, order: RowOrder): TaskTables {
  return { table: inRowOrder(table, order), floors: floors.map((floor) => inRowOrder(floor, order)), ...more };
}

function sharedOptions(
  { table, floors }: TaskTables,
  { classes, positiveClass }: Omit<ClassTask, "task">,
  flags: ClassFlags & Partial<LinearFlags>,
): Omit<ClassOptions, keyof Variant> {
  return {
    table,
    floors,
    classes: flags.classes ?? classes,
    positiveClass: flags.positive ?? positiveClass,
    ...splitOptions(table, flags),
    probeSeeds: Array.from({ length: flags.seeds ?? 1 }, (_, seed) => seed),
    seenTestRows: seenTestRows(flags),
    sharedRows: flags.shared,
  };
}
