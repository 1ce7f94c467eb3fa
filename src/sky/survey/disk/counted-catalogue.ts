// The catalogue of a crop set on its way to labels: read, sifted, placed in the fields, told where it may be wrong.
import { sha256Of } from "#base/files/disk";
import type { Catalogue, Source } from "#sky/catalogue";
import { readCatalogue } from "#sky/catalogue/disk";
import { exclusionsAround } from "../catalogue-zones.ts";
import { cropLabels } from "../crop-labels.ts";
import type { CropRecord } from "../crop-set.ts";
import { type CropSource, cropSourceOf } from "../crop-source.ts";
import { fieldFinder } from "../field-names.ts";
import { type CatalogueList, type JoinedCatalogue, joinCatalogues, pairingLine } from "../joined-catalogue.ts";
import { type LedgerTotals, type ShownNumbers, type SourceLedger, sourceLedger } from "../source-ledger.ts";
import type { CutField } from "./cut-fields.ts";
import { findSourceLists } from "./find-fits.ts";
import type { PrepareSettings } from "./prepare-options.ts";

/** A catalogue and who owns its sources. `catalogue.sources` are those that count. */
export interface CountedCatalogue {
  readonly catalogue: Catalogue;
  readonly ledger: SourceLedger;
  /** Sources that `keepSources` left aside. */
  readonly numLeftAside: number;
  /** Sources that name a field which is none of the set's: they are expected to lie outside. */
  readonly numOfOtherFields: number;
  /** Of a catalogue of several lists: how they were paired with fields, and the list of each of its sources. */
  readonly joined?: { readonly line: string; readonly lists: readonly CatalogueList[]; readonly listOf: Uint32Array };
}

/**
 * Reads a catalogue, or several lists as one. Throws CatalogueError for all that `readCatalogue` refuses, and Error for lists that
 * `joinCatalogues` refuses, a folder without lists, a catalogue without rows, and one without S_Code where that is asked for.
 */
export function countedCatalogue(
  files: string | readonly string[],
  settings: PrepareSettings,
  fieldNames: readonly string[],
): CountedCatalogue {
  const { catalogue: whole, joined } = wholeCatalogue(findSourceLists([files].flat()), settings, fieldNames);
  if (whole.sources.length === 0)
    throw new Error(
      `${whole.name}: expected sources, got a catalogue without rows. Leave --catalogue out to cut crops without counts.`,
    );
  const isKept = settings.keepSources === "all" ? () => true : singleGaussian(whole);
  const sources = whole.sources.filter(isKept);
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
    ...(joined && {
      joined: {
        line: pairingLine(joined),
        lists: joined.lists,
        listOf: joined.listOf.filter((_, index) => isKept(joined.sources[index]!)),
      },
    }),
  };
}

function wholeCatalogue(
  paths: readonly string[],
  { columns }: PrepareSettings,
  fieldNames: readonly string[],
): { readonly catalogue: Catalogue; readonly joined?: JoinedCatalogue } {
  const [first, ...others] = paths.map((path) => readCatalogue(path, columns === undefined ? {} : { columns })) as [
    Catalogue,
    ...Catalogue[],
  ]; // findSourceLists gives one at least
  if (others.length === 0) return { catalogue: first };
  const all = [first, ...others];
  const joined = joinCatalogues(all, fieldNames);
  const { sources, warnings } = joined;
  const name = `${first.name} and ${others.length} more`;
  const sha256 = sha256Of(all.map((one) => one.sha256).join(""));
  return { catalogue: { name, sources, columnNames: first.columnNames, warnings, sha256 }, joined };
}

function singleGaussian({ name, sources }: Catalogue): (source: Source) => boolean {
  if (sources.length > 0 && sources.every(({ sourceCode }) => sourceCode === undefined || sourceCode === null))
    throw new Error(`${name}: --single-gaussian: expected a column S_Code, got none. Use PyBDSF's srl or gaul list.`);
  return ({ sourceCode }) => sourceCode === "S";
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

/** Throws Error where no source lies in any field, or none of one of the lists: then something is wrong with one or the other. */
export function checkInside({ catalogue, ledger, joined }: CountedCatalogue, cuts: readonly CutField[]): void {
  const { inside, excluded } = ledger.totals();
  if (inside > 0) {
    if (joined) checkLists(joined, ledger, cuts.length);
    return;
  }
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

/** A list without sources may be a field's without any; one whose sources all lie elsewhere is none of these fields'. */
function checkLists({ lists, listOf }: NonNullable<CountedCatalogue["joined"]>, ledger: SourceLedger, numFields: number): void {
  const [numSources, numInside] = [lists.map(() => 0), lists.map(() => 0)];
  for (const [index, list] of listOf.entries()) {
    numSources[list]! += 1;
    if (ledger.liesInside(index)) numInside[list]! += 1;
  }
  for (const [index, { name, field }] of lists.entries()) {
    if (numSources[index] === 0 || numInside[index]! > 0) continue;
    const where =
      field === null
        ? `inside one of the ${numFields} field(s), after none of which it is called`
        : `inside the field "${field}" that it is called after`;
    throw new Error(`${name}: expected sources ${where}, got none of ${numSources[index]}. Leave it out, or check its frame.`);
  }
}

/** What is to be told of a catalogue that has sources inside: how its lists were paired, and what is doubtful. */
export function catalogueDoubts({
  catalogue,
  ledger,
  numLeftAside,
  numOfOtherFields,
  joined,
}: CountedCatalogue): readonly string[] {
  const { sources, warnings } = catalogue;
  const leftAside = numLeftAside > 0 ? [`${numLeftAside} sources of several Gaussians or of shared islands are left aside.`] : [];
  return [
    ...(joined ? [joined.line] : []),
    ...warnings,
    ...leftAside,
    ...outsideDoubt(ledger.totals(), sources.length - numOfOtherFields),
  ];
}

function outsideDoubt({ inside, excluded }: LedgerTotals, expected: number): readonly string[] {
  const outside = expected - inside - excluded;
  if (outside <= expected / 2) return [];
  return [
    `${outside} of ${expected} sources lie outside the fields. If the catalogue was made from these fields, its frame, its columns or its units are not what they seem.`,
  ];
}
