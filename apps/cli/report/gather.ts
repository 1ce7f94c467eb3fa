// Everything that a report is made of, read from the folders that it is asked of.
import { basename } from "node:path";
import { ConfigError } from "#base/config";
import { readText } from "#base/files/disk";
import type { EvaluationRecord } from "#learn/tasks";
import { activeMarkup, type GivenFigure, type ReportInputs } from "#report";
import { counted } from "../terminal.ts";
import { versions } from "../versions.ts";
import { type CropSetInput, cropSetInput } from "./crop-set-inputs.ts";
import { figureNumber, findInputs } from "./find-inputs.ts";
import { gridInput } from "./grid-inputs.ts";
import { readRecords } from "./read-records.ts";
import { runInput } from "./run-inputs.ts";

export interface Gathered {
  readonly inputs: ReportInputs;
  /** What looked like an input and was none. */
  readonly skipped: readonly string[];
}

/** Reads what lies in the folders. Throws ConfigError where there is nothing to report. */
export async function gatherInputs(paths: readonly string[], out: string): Promise<Gathered> {
  const found = findInputs(paths, out);
  const { records: read, skipped } = readRecords(found.jsonFiles);
  const { figures, skipped: skippedFigures } = givenFigures(found.svgFiles);
  if (found.cropSets.length + found.runs.length + found.grids.length + read.length + figures.size === 0) {
    const why = skipped.length === 0 ? "" : ` Skipped: ${skipped[0]}`;
    throw new ConfigError(
      `report ${paths.join(" ")}: expected crop sets, runs or results of evaluate --out there, got none of them.${why}`,
    );
  }
  const runs = found.runs.map(runInput);
  const trainedOn = new Set(runs.flatMap(({ cropSets }) => cropSets));
  const evaluated = new Set(read.map(({ dataHash }) => dataHash));
  const cropSets: CropSetInput[] = [];
  for (const folder of found.cropSets) cropSets.push(await cropSetInput(folder));
  const records = read.map((record) => withSetFacts(record, cropSets));
  const inputs = {
    cropSets: cropSets.map(({ shown, sha256 }) => ({
      ...shown,
      isTrainedOn: trainedOn.has(sha256),
      isEvaluated: evaluated.has(sha256),
    })),
    runs: runs.map(({ shown }) => shown),
    records,
    grids: found.grids.map(gridInput),
    figures,
    facts: [
      ["command", `suricate report ${paths.join(" ")} --out ${out}`],
      ...Object.entries(versions()),
      [
        "read",
        [
          counted(cropSets.length, "crop set"),
          counted(runs.length, "run"),
          counted(found.grids.length, "grid"),
          counted(records.length, "result"),
        ].join(", "),
      ] as const,
      ...cropSets.map(({ shown, sha256 }) => [`${shown.name}, SHA-256`, sha256] as const),
    ] as ReportInputs["facts"],
  };
  return { inputs, skipped: [...skipped, ...skippedFigures] };
}

/** What the crop set itself says of its crops, where a record does not: those of an earlier Suricate. */
function withSetFacts(record: EvaluationRecord, cropSets: readonly CropSetInput[]): EvaluationRecord {
  const found = cropSets.find(({ sha256 }) => sha256 === record.dataHash)?.shown;
  if (found === undefined) return record;
  const { collection, surveys } = found;
  return {
    ...(collection === undefined ? {} : { collection }),
    ...(surveys.length === 0 ? {} : { surveys }),
    ...record,
  };
}

/** Figures that other commands drew. A file that holds no SVG is passed over; one that a page would run or fetch things for is skipped. */
function givenFigures(files: readonly string[]) {
  const figures = new Map<number, readonly GivenFigure[]>();
  const skipped: string[] = [];
  for (const file of files) {
    const number = figureNumber(file);
    const svg = /<svg[\s\S]*<\/svg>/.exec(readText(file))?.[0];
    if (number === undefined || svg === undefined) continue;
    const active = activeMarkup(svg);
    if (active !== undefined) {
      skipped.push(`${file}: expected a drawing of shapes, text and PNG pictures alone, got ${JSON.stringify(active)}.`);
      continue;
    }
    figures.set(number, [...(figures.get(number) ?? []), { name: basename(file).replace(/\.svg$/i, ""), svg }]);
  }
  return { figures, skipped };
}
