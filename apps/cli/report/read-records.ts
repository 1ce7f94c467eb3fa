// Evaluations from JSON files: what evaluate wrote with --out, and what a demo or a study keeps under "result".
import { readText } from "#base/files/disk";
import type { EvaluationRecord } from "#learn/tasks";

export interface ReadRecords {
  readonly records: readonly EvaluationRecord[];
  /** Files that look like results and are none, with the reason. */
  readonly skipped: readonly string[];
}

/** Reads every file. One that cannot be read is told in `skipped`; one that is some other JSON is passed over. */
export function readRecords(files: readonly string[]): ReadRecords {
  const records: EvaluationRecord[] = [];
  const skipped: string[] = [];
  for (const file of files) {
    const value = parsed(file);
    if (typeof value === "string") {
      skipped.push(value);
      continue;
    }
    for (const candidate of candidatesIn(value)) {
      const fault = faultOf(candidate);
      if (fault === undefined)
        records.push(candidate as unknown as EvaluationRecord); // its head was checked, the rest is evaluate's
      else skipped.push(`${file}: ${fault}`);
    }
  }
  return { records, skipped };
}

type Json = Readonly<Record<string, unknown>>;

/** The file's object, or why there is none. */
function parsed(file: string): Json | string {
  try {
    const value: unknown = JSON.parse(readText(file));
    return typeof value === "object" && value !== null ? (value as Json) : {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `${file}: expected JSON, got text that is none. It may be cut short: evaluate again.`;
  }
}

/** Objects with a task: the file's own, a list of them, or those it keeps under "result" and "results". */
function candidatesIn(value: Json): readonly Json[] {
  const inner = Array.isArray(value)
    ? value
    : [value, value["result"], ...(Array.isArray(value["results"]) ? value["results"] : [])];
  return inner.filter((one): one is Json => typeof one === "object" && one !== null && typeof (one as Json)["task"] === "string");
}

const TASKS: Readonly<Record<EvaluationRecord["task"], true>> = {
  "source-count": true,
  fr: true,
  "four-class": true,
  knn: true,
  finetune: true,
  "few-labels": true,
  similarity: true,
  anomaly: true,
  shift: true,
  cka: true,
};

/** What a record lacks; undefined where its head is whole. */
function faultOf(record: Json): string | undefined {
  const task = String(record["task"]);
  if (!Object.hasOwn(TASKS, task)) {
    return `expected a task of ${Object.keys(TASKS).join(", ")}, got "${task}". It may be of a newer Suricate.`;
  }
  const { backbone, cropSetName, value, interval } = record;
  const isWhole =
    typeof backbone === "string" &&
    typeof cropSetName === "string" &&
    typeof value === "number" &&
    Array.isArray(interval) &&
    interval.length === 2 &&
    Array.isArray(record["floors"]);
  return isWhole
    ? undefined
    : `expected a result of ${task} with backbone, cropSetName, value, interval and floors, got one without. Evaluate again.`;
}
