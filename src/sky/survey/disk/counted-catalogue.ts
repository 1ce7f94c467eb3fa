// The catalogue of a crop set on its way to labels: read, sifted, placed in the fields, told where it may be wrong.
import type { Catalogue } from "#sky/catalogue";
import { readCatalogue } from "#sky/catalogue/disk";
import { exclusionsAround } from "../catalogue-zones.ts";
import { cropLabels } from "../crop-labels.ts";
import type { CropRecord } from "../crop-set.ts";
import { type CropSource, cropSourceOf } from "../crop-source.ts";
import { fieldFinder } from "../field-names.ts";
import { type LedgerTotals, type ShownNumbers, type SourceLedger, sourceLedger } from "../source-ledger.ts";
import type { CutField } from "./cut-fields.ts";
import type { PrepareSettings } from "./prepare-options.ts";

/** A catalogue and who owns its sources. `catalogue.sources` are those that count. */
export interface CountedCatalogue {
  readonly catalogue: Catalogue;
  readonly ledger: SourceLedger;
  /** Sources that `keepSources` left aside. */
  readonly numLeftAside: number;
  /** Sources that name a field which is none of the set's: they are expected to lie outside. */
  readonly numOfOtherFields: number;
}

/** Reads a catalogue. Throws CatalogueError for all that `readCatalogue` refuses, Error for one without rows, and for one without S_Code where that is asked for. */
export function countedCatalogue(path: string, settings: PrepareSettings, fieldNames: readonly string[]): CountedCatalogue {
  const whole = readCatalogue(path, settings.columns === undefined ? {} : { columns: settings.columns });
  if (whole.sources.length === 0)
    throw new Error(
      `${whole.name}: expected sources, got a catalogue without rows. Leave --catalogue out to cut crops without counts.`,
    );
  const sources = settings.keepSources === "all" ? whole.sources : singleGaussians(whole);
  const zones = {
    footprints: settings.footprints ?? [],
    // Bright sources are seldom one Gaussian: zones go round all of them.
    exclusions: settings.excludeAround ? exclusionsAround(whole.sources, settings.excludeAround) : [],
  };
  const find = fieldFinder(fieldNames);
  const isHere = sources.map(({ field }) => field !== null && find(field) !== undefined);
  return {
    catalogue: { ...whole, sources },
    ledger: sourceLedger(sources, settings.cropSize, fieldNames, zones),
    numLeftAside: whole.sources.length - sources.length,
    numOfOtherFields: isHere.includes(true) ? sources.filter(({ field }, index) => field !== null && !isHere[index]).length : 0,
  };
}

function singleGaussians({ name, sources }: Catalogue) {
  if (sources.length > 0 && sources.every(({ sourceCode }) => sourceCode === undefined || sourceCode === null))
    throw new Error(`${name}: --single-gaussian: expected a column S_Code, got none. Use PyBDSF's srl or gaul list.`);
  return sources.filter(({ sourceCode }) => sourceCode === "S");
}

/**
 * A field's records with their labels: null where the catalogue does not cover the crop, zero where it does and has nothing; and the
 * sources that its crops show. `shown` is what was kept of it, `firstCrop` the index of its first crop in the set.
 */
export function labelledRecords(
  { records: recordsOf, field }: CutField,
  { shown, firstCrop }: { readonly shown: ShownNumbers; readonly firstCrop: number },
  { catalogue, ledger }: CountedCatalogue,
  { cropSize, minCoverage }: PrepareSettings,
): { readonly records: readonly CropRecord[]; readonly sources: readonly CropSource[] } {
  const records = recordsOf();
  const areaSqDeg = (cropSize * (field.pixelScaleDeg ?? Number.NaN)) ** 2;
  const covered = records.map(({ catalogueCoverage }) => ({ coverage: catalogueCoverage ?? 0, areaSqDeg }));
  const shownSources = ledger.shownSources(shown, firstCrop);
  const labels = cropLabels(covered, catalogue.sources, shownSources, minCoverage);
  return {
    records: records.map((record, index) => ({ ...record, ...labels[index]! })),
    sources: shownSources.map((one) => cropSourceOf(one, records[one.crop]!.id, catalogue.sources[one.source]!, cropSize)),
  };
}

/** Throws Error where no source lies in any field: then something is wrong with one or the other. */
export function checkInside({ catalogue, ledger }: CountedCatalogue, cuts: readonly CutField[]): void {
  const { inside, excluded } = ledger.totals();
  if (inside > 0) return;
  const { name, sources } = catalogue;
  const [source] = sources;
  const [crop] = cuts.find(({ places }) => places.length > 0)!.records() as [CropRecord]; // one at least was cut
  const degrees = (value: number | null) => (value === null ? "?" : value.toFixed(4));
  const zones = excluded > 0 ? ` ${excluded} lie in exclusion zones or outside the footprint.` : "";
  const example = source ? ` Its first is at RA ${degrees(source.raDeg)}, Dec ${degrees(source.decDeg)}; the` : " The";
  throw new Error(
    `${name}: expected sources inside the ${cuts.length === 1 ? "field" : `${cuts.length} fields`}, got none of ${sources.length}.${zones}${example} first crop, ${crop.id}, is at RA ${degrees(crop.raDeg)}, Dec ${degrees(crop.decDeg)} degrees.`,
  );
}

/** What is doubtful of a catalogue that has sources inside. */
export function catalogueDoubts({ catalogue, ledger, numLeftAside, numOfOtherFields }: CountedCatalogue): readonly string[] {
  const { sources, warnings } = catalogue;
  const leftAside = numLeftAside > 0 ? [`${numLeftAside} sources of several Gaussians or of shared islands are left aside.`] : [];
  return [...warnings, ...leftAside, ...outsideDoubt(ledger.totals(), sources.length - numOfOtherFields)];
}

function outsideDoubt({ inside, excluded }: LedgerTotals, expected: number): readonly string[] {
  const outside = expected - inside - excluded;
  if (outside <= expected / 2) return [];
  return [
    `${outside} of ${expected} sources lie outside the fields. If the catalogue was made from these fields, its frame, its columns or its units are not what they seem.`,
  ];
}
