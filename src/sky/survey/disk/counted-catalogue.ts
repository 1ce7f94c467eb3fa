// The catalogue of a crop set on its way to labels: read, sifted, placed in the fields, told where it may be wrong.
import type { Catalogue } from "#sky/catalogue";
import { readCatalogue } from "#sky/catalogue/disk";
import { exclusionsAround } from "../catalogue-zones.ts";
import { cropLabels } from "../crop-labels.ts";
import type { CropRecord } from "../crop-set.ts";
import { type CropSource, cropSourceOf } from "../crop-source.ts";
import type { FieldRecords } from "../cut-field.ts";
import { fieldFinder } from "../field-names.ts";
import { type LedgerTotals, type SourceLedger, sourceLedger } from "../source-ledger.ts";
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

/** Reads a catalogue. Throws CatalogueError for all that `readCatalogue` refuses, and for one without S_Code where that is asked for. */
export function countedCatalogue(path: string, settings: PrepareSettings, fieldNames: readonly string[]): CountedCatalogue {
  const whole = readCatalogue(path, settings.columns === undefined ? {} : { columns: settings.columns });
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

/** Records with their labels: null where the catalogue does not cover the crop, zero where it does and has nothing. */
export function labelledRecords(
  cuts: readonly FieldRecords[],
  { catalogue, ledger }: CountedCatalogue,
  { cropSize, minCoverage }: PrepareSettings,
): { readonly records: readonly CropRecord[]; readonly sources: readonly CropSource[] } {
  const shown = ledger.shown();
  const covered = cuts.flatMap(({ crops, field }) =>
    crops.map(({ catalogueCoverage }) => ({
      coverage: catalogueCoverage ?? 0,
      areaSqDeg: (cropSize * (field.pixelScaleDeg ?? Number.NaN)) ** 2,
    })),
  );
  const labels = cropLabels(covered, catalogue.sources, shown, minCoverage);
  const records = cuts.flatMap(({ crops }) => crops).map((record, index) => ({ ...record, ...labels[index]! }));
  const sources = shown.map((one) => cropSourceOf(one, records[one.crop]!.id, catalogue.sources[one.source]!, cropSize));
  return { records, sources };
}

/** Throws Error where no source lies in any field: then something is wrong with one or the other. */
export function checkInside({ catalogue, ledger }: CountedCatalogue, cuts: readonly FieldRecords[]): void {
  const { inside, excluded } = ledger.totals();
  if (inside > 0) return;
  const { name, sources } = catalogue;
  const [source] = sources;
  const crop = cuts.flatMap(({ crops }) => crops)[0]!;
  const degrees = (value: number | null) => (value === null ? "?" : value.toFixed(4));
  const zones = excluded > 0 ? ` ${excluded} lie in exclusion zones or outside the footprint.` : "";
  const example = source ? ` Its first is at RA ${degrees(source.raDeg)}, Dec ${degrees(source.decDeg)};` : "";
  throw new Error(
    `${name}: expected sources inside the ${cuts.length} field(s), got none of ${sources.length}.${zones}${example} the first crop, ${crop.id}, is at RA ${degrees(crop.raDeg)}, Dec ${degrees(crop.decDeg)} degrees.`,
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
