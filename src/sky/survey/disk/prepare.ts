// From FITS fields and a catalogue to a crop set (paper sections 2.2 to 2.4): measure, tile, reject, count, write.
import { basename } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import type { Durability } from "#base/files/disk";
import type { Catalogue } from "#sky/catalogue";
import { readCatalogue } from "#sky/catalogue/disk";
import { fieldNameOf } from "#sky/fits";
import { loadFieldImage } from "#sky/fits/disk";
import type { CropRecord, CropSetInfo } from "../crop-set.ts";
import { type CutSettings, type CutSink, type Cuttings, cutField, type FieldRecords, fieldRecords } from "../cut-field.ts";
import { type SourceLedger, sourceLedger } from "../source-ledger.ts";
import { type FieldMeasurer, fieldMeasurer } from "./field-measurer.ts";
import { findFitsFiles } from "./find-fits.ts";
import { checkTarget, writeCropSet } from "./write-crop-set.ts";

/** What `prepareCropSet` is asked to do. What is left out is as PREPARE_DEFAULTS. */
export interface PrepareOptions extends Partial<CutSettings> {
  /** FITS files, or folders of them. */
  readonly inputs: readonly string[];
  readonly out: string;
  readonly cropSize: number;
  /** A catalogue's file: crops get source counts. */
  readonly catalogue?: string;
  /** Plane of cubes, counted from 0. */
  readonly plane?: number;
  /** Fields to set aside: their crops' split becomes "test", that of all other crops "train". Left out, nothing is fixed. */
  readonly testFields?: readonly string[];
  readonly existing?: "refuse" | "replace";
  /** "rename" leaves the moment of writing to the system: for benchmarks. */
  readonly durability?: Durability;
}

export const PREPARE_DEFAULTS = {
  tiling: "cover",
  margin: 0,
  lowPercentile: 2,
  highPercentile: 98,
  maxNanFraction: 0,
  plane: 0,
  existing: "refuse",
  durability: "fsync",
} as const satisfies Partial<PrepareOptions>;

type Settings = Required<Omit<PrepareOptions, "catalogue" | "testFields">>;

/** What became of one field. */
export interface PreparedField {
  readonly name: string;
  readonly file: string;
  readonly height: number;
  readonly width: number;
  readonly crops: number;
  /** Crops left out for their NaN. */
  readonly rejected: number;
  /** Pixels without a value inside the kept crops, stored as 0. */
  readonly filledPixels: number;
  readonly lowFlux: number;
  readonly highFlux: number;
  readonly rms: number;
  /** Catalogued sources inside the field; null without a catalogue, or where it does not cover the field. */
  readonly sourcesInside: number | null;
  readonly warnings: readonly string[];
}

/** What `prepare --json` prints. Numbers of sources are null without a catalogue. */
export interface PrepareSummary {
  readonly out: string;
  readonly crops: number;
  readonly rejected: number;
  /** In the catalogue. */
  readonly sources: number | null;
  /** Inside some field. */
  readonly sourcesInside: number | null;
  /** Owned by a crop: the sum of all source counts. */
  readonly ownedSources: number | null;
  readonly fields: readonly PreparedField[];
  readonly warnings: readonly string[];
}

/** How far the work is: `done` of `total` fields, the last of them `field`. */
export type PrepareProgress = (progress: { readonly field: string; readonly done: number; readonly total: number }) => void;

interface CountedCatalogue {
  readonly catalogue: Catalogue;
  readonly ledger: SourceLedger;
}

/**
 * Reads fields one after another, cuts them and writes a crop set. Throws an Error of one line that names the file (FitsError,
 * CatalogueError, FileError among them); then nothing is written.
 */
export async function prepareCropSet(options: PrepareOptions, onProgress: PrepareProgress = () => {}): Promise<PrepareSummary> {
  const settings: Settings = { ...PREPARE_DEFAULTS, ...options };
  checkSettings(settings);
  const paths = findFitsFiles(settings.inputs);
  checkTarget(settings);
  checkTestFields(options.testFields ?? [], paths.map(fieldNameOf));
  const measurer = fieldMeasurer(paths);
  const counted = options.catalogue === undefined ? undefined : countedCatalogue(options.catalogue, settings, paths);

  const storedSize = settings.cropSize + 2 * settings.margin;
  const { cuts } = await writeCropSet({ ...settings, storedSize }, async (append) => {
    const cuts: CutField[] = [];
    for (const [index, path] of paths.entries()) {
      cuts.push(await readAndCut(path, settings, measurer, { append, ledger: counted?.ledger, firstCrop: numCropsOf(cuts) }));
      onProgress({ field: cuts[index]!.field.name, done: index + 1, total: paths.length });
      // Signals and progress bars get their turn between two fields.
      await breathe();
    }
    checkCuts(cuts, counted);
    const records = splitRecords(recordsOf(cuts, counted?.ledger), options.testFields);
    return { cuts, records, info: infoOf(settings, cuts, counted?.catalogue) };
  });
  return summaryOf(settings.out, cuts, counted);
}

/** A field's pixels are let go here; what stays is this. */
interface CutField extends Cuttings, FieldRecords {
  readonly fluxUnit: string;
  readonly rms: number;
  readonly warnings: readonly string[];
}

async function readAndCut(path: string, settings: Settings, measurer: FieldMeasurer, sink: CutSink): Promise<CutField> {
  const field = await loadFieldImage(path, { plane: settings.plane, memory: measurer.memory });
  // Cutting needs no limits, so a thread can measure meanwhile.
  const measuring = measurer.measure(field, settings);
  const cutting = (async () => cutField(field, settings, sink))();
  const [statistics, cuttings] = await Promise.all([measuring, cutting]);
  const { fluxUnit, warnings } = field;
  return {
    ...cuttings,
    ...fieldRecords(field, cuttings, statistics, settings.cropSize),
    fluxUnit,
    rms: statistics.rms,
    warnings,
  };
}

const numCropsOf = (cuts: readonly CutField[]) => cuts.reduce((sum, { crops }) => sum + crops.length, 0);

function checkSettings({ margin, cropSize, maxNanFraction, lowPercentile, highPercentile }: Settings): void {
  if (!(Number.isInteger(margin) && margin >= 0))
    throw new Error(`--margin: expected a whole number of pixels from 0, got ${margin}.`);
  if (!(Number.isInteger(cropSize) && cropSize > 0))
    throw new Error(`--size: expected a whole number of pixels from 1, got ${cropSize}.`);
  if (!(maxNanFraction >= 0 && maxNanFraction < 1)) {
    throw new Error(`--max-nan-fraction: expected 0 or more and less than 1, got ${maxNanFraction}.`);
  }
  if (!(lowPercentile >= 0 && lowPercentile < highPercentile && highPercentile <= 100)) {
    throw new Error(`--low and --high: expected 0 <= low < high <= 100, got ${lowPercentile} and ${highPercentile}.`);
  }
}

function countedCatalogue(path: string, { cropSize }: Settings, paths: readonly string[]): CountedCatalogue {
  const catalogue = readCatalogue(path);
  return { catalogue, ledger: sourceLedger(catalogue.sources, cropSize, paths.map(fieldNameOf)) };
}

/** What can only be told when all fields are cut. */
function checkCuts(cuts: readonly CutField[], counted: CountedCatalogue | undefined): void {
  const rejected = cuts.reduce((sum, cut) => sum + cut.rejected, 0);
  if (numCropsOf(cuts) === 0) {
    throw new Error(
      `prepare: no crop is left: all ${rejected} hold NaN. Choose a smaller --size or a --max-nan-fraction above 0.`,
    );
  }
  const [first] = cuts;
  const other = cuts.find(({ fluxUnit }) => fluxUnit !== first!.fluxUnit);
  if (other) {
    throw new Error(
      `${other.field.file}: expected the flux unit "${first!.fluxUnit}" of ${first!.field.file}, got "${other.fluxUnit}". Prepare the two apart.`,
    );
  }
  if (counted && counted.ledger.totals().inside === 0) throw new Error(nothingInside(counted.catalogue, cuts));
}

function nothingInside({ name, sources }: Catalogue, cuts: readonly CutField[]): string {
  const [source] = sources;
  const crop = cuts.flatMap(({ crops }) => crops)[0]!;
  const degrees = (value: number | null) => (value === null ? "?" : value.toFixed(4));
  const example = source ? ` Its first is at RA ${degrees(source.raDeg)}, Dec ${degrees(source.decDeg)};` : "";
  return `${name}: expected sources inside the ${cuts.length} field(s), got none of ${sources.length}.${example} the first crop, ${crop.id}, is at RA ${degrees(crop.raDeg)}, Dec ${degrees(crop.decDeg)} degrees.`;
}

/** Records with their counts: null where the catalogue does not cover the field, zero where it does and has nothing. */
function recordsOf(cuts: readonly CutField[], ledger: SourceLedger | undefined): CropRecord[] {
  const records = cuts.flatMap(({ crops }) => crops);
  const counts = ledger?.countsPerCrop(records.length);
  return records.map((record, index) => ({ ...record, sourceCount: counts && record.catalogueCoverage ? counts[index]! : null }));
}

/** Whole fields are set aside, never single crops: neighbours share beam, noise and artefacts. */
function splitRecords(records: readonly CropRecord[], testFields: readonly string[] | undefined): readonly CropRecord[] {
  if (testFields === undefined) return records;
  return records.map((record) => ({ ...record, split: testFields.includes(record.field) ? "test" : "train" }));
}

function checkTestFields(testFields: readonly string[], names: readonly string[]): void {
  const unknown = testFields.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Error(`--test-field ${unknown}: expected one of the fields ${names.join(", ")}, got "${unknown}".`);
}

function infoOf(settings: Settings, cuts: readonly CutField[], catalogue: Catalogue | undefined): CropSetInfo {
  const { out, tiling, cropSize, margin, lowPercentile, highPercentile } = settings;
  return {
    version: 1,
    name: basename(out),
    fluxUnit: cuts[0]!.fluxUnit === "Jy/beam" ? "Jy/beam" : "arbitrary",
    tiling,
    cropSize,
    storedSize: cropSize + 2 * margin,
    lowPercentile,
    highPercentile,
    resizeRule: "none",
    fields: cuts.map(({ field }) => field),
    catalogue: catalogue ? { file: basename(catalogue.name), sha256: catalogue.sha256, sources: catalogue.sources.length } : null,
  };
}

function summaryOf(out: string, cuts: readonly CutField[], counted: CountedCatalogue | undefined): PrepareSummary {
  const totals = counted?.ledger.totals();
  return {
    out,
    crops: numCropsOf(cuts),
    rejected: cuts.reduce((sum, { rejected }) => sum + rejected, 0),
    sources: counted?.catalogue.sources.length ?? null,
    sourcesInside: totals?.inside ?? null,
    ownedSources: totals?.owned ?? null,
    fields: cuts.map(({ field, crops, rejected, filledPixels, rms, coverage, warnings }) => ({
      name: field.name,
      file: field.file,
      height: field.height,
      width: field.width,
      crops: crops.length,
      rejected,
      filledPixels,
      lowFlux: field.lowFlux,
      highFlux: field.highFlux,
      rms,
      sourcesInside: coverage?.isCovered ? coverage.sourcesInside : null,
      warnings,
    })),
    warnings: counted?.catalogue.warnings ?? [],
  };
}
