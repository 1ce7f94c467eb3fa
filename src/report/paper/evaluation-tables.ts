// Every evaluation in full, a table each: all ways it was done, all measures, and the backbone's distance from each floor.
import type { EvaluationRecord } from "#learn/tasks";
import { estimateText, pText } from "../number-text.ts";
import { backboneTitle } from "./backbone-names.ts";
import { fewLabelsEvaluationTable, finetuneEvaluationTable } from "./evaluation-curves.ts";
import { type EvaluationGroup, type Way, wayOf } from "./evaluation-groups.ts";
import { setTitle } from "./known-sets.ts";
import { measuresOf } from "./measures.ts";
import { fileStem } from "./report-figure.ts";
import type { ReportRow, ReportTable } from "./report-table.ts";
import { numTested, scoreText } from "./scores.ts";
import { familyDifference } from "./seed-families.ts";

const TASK_TITLES: Readonly<Record<EvaluationRecord["task"], string>> = {
  "source-count": "Source count",
  fr: "FRI/FRII",
  "four-class": "Four classes, frozen",
  knn: "k nearest neighbours",
  finetune: "Fine-tuning",
  "few-labels": "Fewer labels",
  similarity: "Similarity search",
  anomaly: "Anomalies",
  shift: "Shift between sets",
  cka: "Two backbones compared",
};

/** One table a group, in the order of the groups. */
export function evaluationTables(groups: readonly EvaluationGroup[]): readonly ReportTable[] {
  const stems = new Map<string, number>();
  return groups.map((group) => {
    const { headline } = group;
    const stem = `evaluation-${fileStem(`${headline.task} ${setTitle(headline)} ${backboneTitle(headline.backbone)}`)}`;
    const count = (stems.get(stem) ?? 0) + 1;
    stems.set(stem, count);
    const id = count === 1 ? stem : `${stem}-${count}`;
    const title = titleOf(headline);
    const unit = headline.intervalUnit === "field" ? "whole fields" : "crops";
    return { id, title, caption: `${title}. Intervals are 95 %, over ${unit}.`, ...bodyOf(group), notes: notesOf(group) };
  });
}

/** "FRI/FRII: first on MiraBest". */
function titleOf(record: EvaluationRecord): string {
  const { task } = record;
  const label = task === "source-count" && record.label !== "sourceCount" ? ` (${record.label})` : "";
  const other = task === "cka" ? ` and ${backboneTitle(record.otherBackbone)}` : "";
  const to = task === "shift" ? ` to ${record.otherCropSetName}` : "";
  return `${TASK_TITLES[task]}${label}: ${backboneTitle(record.backbone)}${other} on ${setTitle(record)}${to}`;
}

function bodyOf(group: EvaluationGroup): Pick<ReportTable, "columns" | "rows"> {
  const { headline, ways } = group;
  if (headline.task === "finetune") return finetuneEvaluationTable(headline);
  if (headline.task === "few-labels") return fewLabelsEvaluationTable(headline);
  const all = ways.map((record) => ({ record, way: wayOf(record), measures: measuresOf(record) }));
  const wayColumns = WAY_COLUMNS.filter(({ of, isAlways }) => {
    const texts = new Set(all.map(({ way }) => of(way)));
    return texts.size > 1 || (isAlways && !texts.has(""));
  });
  const [first, ...others] = [...new Set(all.flatMap(({ measures }) => measures.map(({ heading }) => heading)))];
  const hasDifferences = ways.some(({ task }) => task !== "shift" && task !== "anomaly" && task !== "cka");
  const rows = all.flatMap(({ record, way, measures }) => {
    const titles = [...new Set(measures.flatMap(({ scores }) => scores.map(({ title }) => title)))];
    return titles.map((title): ReportRow => {
      const scoreOf = (heading: string) =>
        measures.find((measure) => measure.heading === heading)?.scores.find((score) => score.title === title);
      const cells = [
        title,
        ...wayColumns.map(({ of }) => of(way)),
        String(numTested(record)),
        scoreText(scoreOf(first!)),
        ...(hasDifferences ? differenceCells(record, title) : []),
        ...others.map((heading) => scoreText(scoreOf(heading))),
      ];
      return { origin: measures[0]!.scores.find((score) => score.title === title)?.origin ?? "floor", cells }; // measures are never none
    });
  });
  return {
    columns: [
      { name: "backbone", kind: "text" },
      ...wayColumns.map(({ name }) => ({ name, kind: "word" as const })),
      { name: "test crops", kind: "number" },
      ...[first!].map(number),
      ...(hasDifferences ? DIFFERENCE_COLUMNS : []),
      ...others.map(number),
    ],
    rows,
  };
}

function number(name: string) {
  return { name, kind: "number" as const };
}

const DIFFERENCE_COLUMNS = [
  { name: "backbone less this", kind: "number" },
  { name: "p", kind: "number" },
] as const;

/** Columns that tell ways apart, where several stand beside each other; some where there is but one. */
const WAY_COLUMNS: readonly { readonly name: string; readonly of: (way: Way) => string; readonly isAlways: boolean }[] = [
  { name: "protocol", of: ({ protocol }) => protocol, isAlways: false },
  { name: "PCA", of: ({ components }) => components, isAlways: true },
  { name: "DQF", of: ({ flags }) => flags, isAlways: false },
  { name: "split", of: ({ split }) => split, isAlways: true },
];

interface Difference {
  readonly value: number;
  readonly interval: readonly [number, number];
  readonly p: number;
}

function differenceCells(record: EvaluationRecord, title: string): readonly string[] {
  const found = familyDifference(record, title) ?? comparisonWith(record, title);
  return found === null ? ["", ""] : [estimateText(found.value, found.interval), pText(found.p)];
}

/** Of two backbones on the same test crops: McNemar's p where there is one, else the paired bootstrap's. */
function comparisonWith(record: EvaluationRecord, title: string): Difference | null {
  switch (record.task) {
    case "source-count":
    case "fr":
    case "four-class":
    case "knn":
    case "similarity": {
      const all: readonly Compared[] = record.comparisons;
      const found = all.find(({ against }) => backboneTitle(against) === title);
      if (found === undefined) return null;
      return { value: found.difference, interval: found.interval, p: found.mcnemar?.p ?? found.p };
    }
    default:
      return null;
  }
}

interface Compared {
  readonly against: string;
  readonly difference: number;
  readonly interval: readonly [number, number];
  readonly p: number;
  readonly mcnemar?: { readonly p: number } | null;
}

/** How the numbers were made, what was left out, and which seeds. */
function notesOf({ headline, ways }: EvaluationGroup): readonly string[] {
  const protocols = ways.flatMap((record) => {
    if (record.protocolText === "") return [];
    return [
      asSentence("protocol" in record && ways.length > 1 ? `${record.protocol}: ${record.protocolText}` : record.protocolText),
    ];
  });
  const exclusions = ways.flatMap((record) =>
    "exclusions" in record ? record.exclusions.map(({ reason, count }) => `Left out: ${count} ${reason}.`) : [],
  );
  const { split, probe } = headline.seeds;
  const seeds = `Seeds: ${split} of split and bootstrap${probe.length === 0 ? "" : `, ${probe.join(" ")} of the probe`}.`;
  return [...new Set([...protocols, ...exclusions, ...ways.flatMap(({ notes }) => notes), seeds])];
}

function asSentence(text: string): string {
  return /[.!]$/.test(text) ? text : `${text}.`;
}
