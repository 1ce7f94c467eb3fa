// A crop set at a glance.
import { type Counts, type CropSetSummary, summariseCropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { type Fact, factLines } from "./fact-lines.ts";
import type { Inspected } from "./inspected.ts";

/** Throws as `openCropSet`. */
export async function inspectCropSet(path: string): Promise<Inspected> {
  const set = await openCropSet(path);
  const summary = summariseCropSet(set);
  set.close();
  return { report: { kind: "crop set", path, ...summary }, lines: [path, ...factLines(cropSetFacts(summary))] };
}

function cropSetFacts(summary: CropSetSummary): readonly Fact[] {
  const { crops, cropSize, storedSize, fields, cropsPerField, fluxUnit, tiling, lowPercentile, highPercentile } = summary;
  const [fewest, most] = cropsPerField;
  return [
    ["crop set", `${crops} crops of ${cropSize} x ${cropSize} pixels, stored as ${storedSize} x ${storedSize} (${tiling})`],
    ...(summary.collection === null ? [] : [["collection", summary.collection] as const]),
    ...countFacts("survey", summary.surveys),
    ["fields", `${fields}, ${fewest === most ? fewest : `${fewest} to ${most}`} crops each`],
    ["flux", `in ${fluxUnit}, limits at ${lowPercentile} and ${highPercentile} %`],
    ["on the sky", `${summary.withPosition} of ${crops} crops`],
    ...countFacts("splits", summary.splits),
    ...countFacts("labels", summary.labels),
    ...countFacts("quality flags", summary.dataQualityFlags),
    ...(summary.catalogue === null ? [] : [["catalogue", summary.catalogue] as const]),
    ...sourceFacts(summary),
    ["sha256", summary.sha256],
  ];
}

function countFacts(name: string, found: Counts): readonly Fact[] {
  if (found.every((one) => one.name === null)) return [];
  return [[name, found.map((one) => `${one.name ?? "none"} ${one.count}`).join(", ")]];
}

function sourceFacts({ sourceCount }: CropSetSummary): readonly Fact[] {
  if (sourceCount === null) return [];
  const { mean, most, withoutSources, crops } = sourceCount;
  const average = Number(mean.toPrecision(4));
  return [["sources", `${average} a crop on average, ${most} at most, none in ${withoutSources} of ${crops} crops with a count`]];
}
