// Two crop sets: which of their crops show the same sky.
import { ConfigError } from "#base/config";
import { type CropSet, findOverlaps, type OverlapReport } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { progressBar } from "../terminal.ts";
import { factLines } from "./fact-lines.ts";
import type { Inspected } from "./inspected.ts";
import { kindOf } from "./kind-of.ts";

/** How sets are compared. */
export interface OverlapFlags {
  /** Share of a crop of the first set, 0 to 1. */
  readonly minShared: number;
  /** Centres this near are one source, in arcseconds. */
  readonly match: number;
}

const MOST_LINES = 20;

/** Compares two crop sets. Throws ConfigError for anything else. */
export async function inspectOverlap(firstPath: string, secondPath: string, flags: OverlapFlags): Promise<Inspected> {
  for (const path of [firstPath, secondPath]) {
    const kind = kindOf(path);
    if (kind !== "crop set")
      throw new ConfigError(
        `inspect: expected two crop sets to compare, got ${path}, a ${kind}. Make crop sets with prepare or import.`,
      );
  }
  const [first, second] = [await openCropSet(firstPath), await openCropSet(secondPath)];
  try {
    return inspected(first, second, await compared(first, second, flags), { firstPath, secondPath, ...flags });
  } finally {
    first.close();
    second.close();
  }
}

async function compared(first: CropSet, second: CropSet, { minShared }: OverlapFlags): Promise<OverlapReport> {
  let bar: ReturnType<typeof progressBar> | undefined;
  const report = await findOverlaps(
    { set: first },
    { set: second },
    {
      minSharedArea: minShared,
      onProgress: ({ total }) => {
        bar ??= progressBar("compare", total, { unit: "crops" });
        bar.advance(1);
      },
    },
  );
  bar?.finish();
  return report;
}

function inspected(
  first: CropSet,
  second: CropSet,
  overlap: OverlapReport,
  { firstPath, secondPath, minShared, match }: OverlapFlags & { readonly firstPath: string; readonly secondPath: string },
): Inspected {
  const pairs = overlap.pairs.map(({ firstRow, secondRow, ...pair }) => ({
    first: first.records[firstRow]!.id, // rows of these sets
    second: second.records[secondRow]!.id,
    firstSplit: first.records[firstRow]!.split,
    secondSplit: second.records[secondRow]!.split,
    ...pair,
  }));
  const near = pairs.filter(({ separationDeg }) => separationDeg !== null && separationDeg * 3600 <= match);
  const matchedFirst = new Set(near.map((pair) => pair.first)).size;
  const { pairs: _, ...counts } = overlap;
  const report = {
    kind: "overlap",
    first: firstPath,
    second: secondPath,
    minSharedArea: minShared,
    matchArcsec: match,
    ...counts,
    matchedFirst,
    splits: splitCounts(pairs),
    pairs,
  };
  return { report, lines: overlapLines(report) };
}

/** Crops of the first set by its split and the second's: what of a test set is in another's training set. */
function splitCounts(
  pairs: readonly { readonly first: string; readonly firstSplit: string | null; readonly secondSplit: string | null }[],
) {
  const found = new Map<string, Set<string>>();
  for (const { first, firstSplit, secondSplit } of pairs) {
    const key = JSON.stringify([firstSplit, secondSplit]);
    found.set(key, (found.get(key) ?? new Set()).add(first));
  }
  return [...found].map(([key, crops]) => {
    const [firstSplit, secondSplit] = JSON.parse(key) as [string | null, string | null]; // made above
    return { firstSplit, secondSplit, crops: crops.size };
  });
}

interface OverlapLines extends Omit<OverlapReport, "pairs"> {
  readonly first: string;
  readonly second: string;
  readonly matchArcsec: number;
  readonly matchedFirst: number;
  readonly splits: readonly { readonly firstSplit: string | null; readonly secondSplit: string | null; readonly crops: number }[];
  readonly pairs: readonly {
    readonly first: string;
    readonly second: string;
    readonly sharedArea: number;
    readonly separationDeg: number | null;
    readonly correlation: number | null;
  }[];
}

function overlapLines(report: OverlapLines): readonly string[] {
  const { first, second, by, pairs, numFirst, numSecond, numFirstShared, numSecondShared, numFirstUnclear, numSecondUnclear } =
    report;
  const told = {
    sky: "sky position",
    pixels: "pixel correlation",
    mixed: "sky position where both have one, else pixel correlation",
  }[by];
  const unclear = numFirstUnclear + numSecondUnclear;
  return [
    `${first} and ${second}: ${pairs.length === 0 ? "no overlap" : `${pairs.length} overlapping pairs`}, by ${told}`,
    ...factLines([
      ["of the first", `${numFirstShared} of ${numFirst} crops show sky of the second`],
      ["of the second", `${numSecondShared} of ${numSecond} crops show sky of the first`],
      ...(by === "pixels"
        ? []
        : [
            [
              "same centre",
              `${report.matchedFirst} crops of the first lie within ${report.matchArcsec}" of one of the second`,
            ] as const,
          ]),
      ...report.splits
        .filter(({ firstSplit, secondSplit }) => firstSplit !== null || secondSplit !== null)
        .map(
          ({ firstSplit, secondSplit, crops }) =>
            ["splits", `${crops} crops of ${firstSplit ?? "no split"} show sky of ${secondSplit ?? "no split"}`] as const,
        ),
      ...(unclear === 0
        ? []
        : [
            [
              "unclear",
              `${unclear} crops show too few sources to be told by their pixels: of them only identical pictures are found`,
            ] as const,
          ]),
    ]),
    ...pairs.slice(0, MOST_LINES).map(pairLine),
    ...(pairs.length > MOST_LINES ? [`  and ${pairs.length - MOST_LINES} more pairs (--json lists all)`] : []),
  ];
}

function pairLine({ first, second, sharedArea, separationDeg, correlation }: OverlapLines["pairs"][number]): string {
  const how =
    separationDeg === null ? `correlation ${correlation!.toFixed(2)}` : `centres ${(separationDeg * 3600).toFixed(1)}" apart`; // one of the two is known
  return `  ${first} | ${second}: ${(100 * sharedArea).toFixed(0)} % shared, ${how}`;
}
