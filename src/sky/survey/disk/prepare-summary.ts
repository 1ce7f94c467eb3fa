// What is told of a prepared set: in cropset.json, and at the end of the work.
import { basename } from "node:path";
import type { CropSetInfo } from "../crop-set.ts";
import { fieldDoubts } from "../wcs-doubts.ts";
import { type Beside, readTableOf } from "./beside.ts";
import { catalogueDoubts } from "./counted-catalogue.ts";
import { type CutField, numCropsOf, sumOver } from "./cut-fields.ts";
import type { PrepareSettings, PrepareSummary } from "./prepare-options.ts";

/** cropset.json. */
export function infoOf(settings: PrepareSettings, cuts: readonly CutField[], { counted, centres, table }: Beside): CropSetInfo {
  const { out, tiling, cropSize, margin, lowPercentile, highPercentile, keepSources, minCoverage, collection } = settings;
  const labels = {
    keepSources,
    minCoverage,
    excludeAround: settings.excludeAround ?? null,
    footprints: settings.footprints ?? [],
  };
  return {
    version: 1,
    name: basename(out),
    ...(collection === undefined ? {} : { collection }),
    fluxUnit: cuts[0]!.fluxUnit === "Jy/beam" ? "Jy/beam" : "arbitrary",
    tiling: centres === undefined ? tiling : "cutouts",
    cropSize,
    storedSize: cropSize + 2 * margin,
    lowPercentile,
    highPercentile,
    resizeRule: "none",
    fields: cuts.map(({ field }) => field),
    catalogue: counted ? readTableOf(counted.catalogue) : null,
    ...(counted ? { labels } : {}),
    ...(centres ? { centres: centres.read } : {}),
    ...(table ? { fieldTable: table.read } : {}),
  };
}

/** What `prepare --json` prints. */
export function summaryOf(out: string, cuts: readonly CutField[], { counted, centres, table }: Beside): PrepareSummary {
  const totals = counted?.ledger.totals();
  return {
    out,
    crops: numCropsOf(cuts),
    rejected: sumOver(cuts, "rejected"),
    beyondEdge: sumOver(cuts, "beyondEdge"),
    sources: counted?.catalogue.sources.length ?? null,
    sourcesInside: totals?.inside ?? null,
    sourcesExcluded: totals?.excluded ?? null,
    ownedSources: totals?.owned ?? null,
    resumedFields: cuts.filter(({ isResumed }) => isResumed).length,
    centres: centres?.centres.length ?? null,
    fields: cuts.map(({ field, places, rejected, beyondEdge, filledPixels, rms, coverage, warnings }) => ({
      name: field.name,
      file: field.file,
      height: field.height,
      width: field.width,
      crops: places.length,
      rejected,
      beyondEdge,
      filledPixels,
      lowFlux: field.lowFlux,
      highFlux: field.highFlux,
      rms,
      sourcesInside: coverage?.isCovered ? coverage.sourcesInside : null,
      warnings,
    })),
    warnings: [
      ...(counted ? catalogueDoubts(counted) : []),
      ...(centres?.warnings ?? []),
      ...(table?.warnings ?? []),
      ...fieldDoubts(cuts.map(({ coordinates }) => coordinates)),
    ],
  };
}
