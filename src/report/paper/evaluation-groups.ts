// Evaluations of one task, set and backbone, done in several ways: splits, components, flags, protocols.
import type { EvaluationRecord } from "#learn/tasks";
import { backboneTitle } from "./backbone-names.ts";

/** One task of one backbone on one set. */
export interface EvaluationGroup {
  /** What the paper's tables and figures show of it. */
  readonly headline: EvaluationRecord;
  /** Every way it was evaluated, the headline first; of each way the latest. */
  readonly ways: readonly EvaluationRecord[];
}

/** How an evaluation was done, in the words of tables. */
export interface Way {
  readonly protocol: string;
  /** Principal components. */
  readonly components: string;
  /** Data quality flags. */
  readonly flags: string;
  readonly split: string;
}

/** Groups in the order in which they begin. `records` are in the order of their age, the latest last. */
export function evaluationGroups(records: readonly EvaluationRecord[]): readonly EvaluationGroup[] {
  const groups = new Map<string, EvaluationRecord[]>();
  for (const record of records) {
    const key = groupKey(record);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups.values()].map((same) => {
    const headline = headlineOf(same);
    const ways = new Map(same.flatMap(withInner).map((record) => [JSON.stringify(wayOf(record)), record]));
    const own = JSON.stringify(wayOf(headline));
    return { headline, ways: [headline, ...[...ways].filter(([way]) => way !== own).map(([, record]) => record)] };
  });
}

function groupKey(record: EvaluationRecord): string {
  const { task, dataHash, cropSetName, backbone } = record;
  const other = task === "shift" ? record.otherCropSetName : task === "cka" ? backboneTitle(record.otherBackbone) : "";
  const label = task === "source-count" ? record.label : "";
  return JSON.stringify([task, dataHash, cropSetName, backboneTitle(backbone), label, other]);
}

/** The latest of those that are fitted as the paper's text says, on the split of the set's makers where there is one. */
function headlineOf(records: readonly EvaluationRecord[]): EvaluationRecord {
  const rank = (record: EvaluationRecord) => 2 * Number(!isAudit(record)) + Number("split" in record && record.split === "own");
  return records.reduce((best, record) => (rank(record) >= rank(best) ? record : best));
}

/** Whether an evaluation is fitted as the published code does. */
export function isAudit(record: EvaluationRecord): boolean {
  return "protocol" in record && record.protocol !== "paper";
}

/** A record, and those that it holds. */
function withInner(record: EvaluationRecord): readonly EvaluationRecord[] {
  const { audit, variants } = { audit: undefined, variants: [], ...record };
  return [record, ...(audit === undefined ? [] : [audit]), ...variants.flatMap(withInner)];
}

export function wayOf(record: EvaluationRecord): Way {
  const { pca, dataQualityFlags } = { pca: undefined, dataQualityFlags: undefined, ...record };
  const components = record.task === "knn" || pca === undefined ? "" : pca === null ? "none" : String(pca);
  return {
    protocol: "protocol" in record ? record.protocol : "",
    components,
    flags: dataQualityFlags?.join("+") ?? "all",
    split: splitText(record),
  };
}

function splitText(record: EvaluationRecord): string {
  if (!("split" in record)) return "";
  const { numRepeats = 1, numFolds = 1 } = { numRepeats: undefined, numFolds: undefined, ...record };
  switch (record.split) {
    case "own":
      return "own";
    case "folds":
      return `${numRepeats} × ${numFolds} folds`;
    case "holdout":
      return `a fifth, ${numRepeats} times`;
    case "field":
      return "by field";
    case "blocks":
      return "by blocks";
    case "crop":
      return "a fifth of the crops";
  }
}
