// From FITS fields and a catalogue to a crop set (paper sections 2.2 to 2.4): measure, tile, reject, label, write.
import { basename } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { type Catalogue, CatalogueError } from "#sky/catalogue";
import { readCatalogue, readTextTable } from "#sky/catalogue/disk";
import { loadFieldImage } from "#sky/fits/disk";
import { centresOf } from "../centres.ts";
import type { CropRecord, CropSetInfo, ReadTable } from "../crop-set.ts";
import { type CutSettings, type CutSink, type Cuttings, cutField, type FieldRecords, fieldRecords } from "../cut-field.ts";
import { fieldFinder, type NamedField, namedField } from "../field-names.ts";
import { isFieldTableHeader, type JoinedFacts, joinFieldTable, NO_FACTS } from "../field-table.ts";
import { type FieldCoordinates, fieldDoubts, scaleDoubt } from "../wcs-doubts.ts";
import { type CountedCatalogue, catalogueDoubts, checkInside, countedCatalogue, labelledRecords } from "./counted-catalogue.ts";
import { type FieldMeasurer, fieldMeasurer } from "./field-measurer.ts";
import { findFitsFiles } from "./find-fits.ts";
import {
  checkPrepareSettings,
  PREPARE_DEFAULTS,
  type PrepareOptions,
  type PrepareProgress,
  type PrepareSettings,
  type PrepareSummary,
} from "./prepare-options.ts";
import { checkTarget, writeCropSet } from "./write-crop-set.ts";

/** What is read beside the fields. */
interface Beside {
  readonly counted: CountedCatalogue | undefined;
  /** As the user gave them; `cut.centres` are made of it. */
  readonly centres: Catalogue | undefined;
  readonly table: (JoinedFacts & { readonly read: ReadTable }) | undefined;
  readonly cut: CutSettings;
}

/**
 * Reads fields one after another, cuts them and writes a crop set. Throws an Error of one line that names the file (FitsError,
 * CatalogueError, FileError among them); then nothing is written.
 */
export async function prepareCropSet(options: PrepareOptions, onProgress: PrepareProgress = () => {}): Promise<PrepareSummary> {
  const settings: PrepareSettings = { ...PREPARE_DEFAULTS, ...options };
  checkPrepareSettings(settings);
  const paths = findFitsFiles(settings.inputs);
  checkTarget(settings);
  const fieldNames = paths.map((path) => namedField(path).name);
  const testFields = knownTestFields(settings.testFields, fieldNames);
  const measurer = fieldMeasurer(paths);
  const beside = readBeside(settings, fieldNames);

  const storedSize = settings.cropSize + 2 * settings.margin;
  const { cuts } = await writeCropSet({ ...settings, storedSize }, async (append) => {
    const cuts: CutField[] = [];
    for (const [index, path] of paths.entries()) {
      const sink = { append, ledger: beside.counted?.ledger, firstCrop: numCropsOf(cuts) };
      cuts.push(await readAndCut(path, { settings, beside, measurer, sink }));
      onProgress({ field: cuts[index]!.field.name, done: index + 1, total: paths.length });
      // Signals and progress bars get their turn between two fields.
      await breathe();
    }
    checkCuts(cuts, beside);
    const { records, sources } = labelled(cuts, beside, settings);
    const known = records.map((record) => ({ ...record, ...(beside.table?.facts.get(record.field) ?? NO_FACTS) }));
    const content = { cuts, records: splitRecords(known, testFields), info: infoOf(settings, cuts, beside) };
    return sources === undefined ? content : { ...content, sources };
  });
  return summaryOf(settings.out, cuts, beside);
}

function readBeside(settings: PrepareSettings, fieldNames: readonly string[]): Beside {
  const { centres: centresPath, ...tiled } = settings;
  const { catalogue, columns, fieldTable } = tiled;
  const counted = catalogue === undefined ? undefined : countedCatalogue(catalogue, settings, fieldNames);
  // --columns speaks of the catalogue where there is one.
  const chosen = catalogue === undefined && columns !== undefined ? { columns } : {};
  const centres = centresPath === undefined ? undefined : readCatalogue(centresPath, chosen);
  const cut = centres === undefined ? tiled : { ...tiled, centres: centresOf(centres.sources, fieldNames) };
  return { counted, centres, cut, table: fieldTable === undefined ? undefined : readFieldTable(fieldTable, fieldNames) };
}

function readFieldTable(path: string, fieldNames: readonly string[]): Beside["table"] {
  const { table, sha256 } = readTextTable(path, isFieldTableHeader);
  const joined = joinFieldTable(table, fieldNames, path);
  if (joined.facts.size === 0)
    throw new CatalogueError(
      `${path}: expected rows of the ${fieldNames.length} field(s), got none in ${table.rows.length} rows. The first field is called "${fieldNames[0]}".`,
      { file: path },
    );
  return { ...joined, read: { file: basename(path), sha256, sources: joined.facts.size } };
}

/** A field's pixels are let go here; what stays is this. */
interface CutField extends Cuttings, FieldRecords {
  readonly fluxUnit: string;
  readonly rms: number;
  readonly coordinates: FieldCoordinates;
  readonly warnings: readonly string[];
}

interface Cutting {
  readonly settings: PrepareSettings;
  readonly beside: Beside;
  readonly measurer: FieldMeasurer;
  readonly sink: CutSink;
}

async function readAndCut(path: string, { settings, beside, measurer, sink }: Cutting): Promise<CutField> {
  const named: NamedField = namedField(path);
  const loaded = await loadFieldImage(path, { plane: settings.plane, memory: measurer.memory });
  const field = { ...loaded, name: named.name };
  // Cutting needs no limits, so a thread can measure meanwhile.
  const measuring = measurer.measure(field, settings);
  const cutting = (async () => cutField(field, beside.cut, sink))();
  const [statistics, cuttings] = await Promise.all([measuring, cutting]);
  const records = fieldRecords(field, cuttings, statistics, settings.cropSize);
  const { fluxUnit, sha256, height, width, wcs, header } = field;
  const doubt = scaleDoubt(header);
  return {
    ...cuttings,
    field: records.field,
    crops: records.crops.map((record) => ({ ...record, survey: named.survey })),
    fluxUnit,
    rms: statistics.rms,
    coordinates: { file: basename(path), sha256, height, width, ...(wcs ? { wcs } : {}) },
    warnings: doubt === undefined ? field.warnings : [...field.warnings, doubt],
  };
}

const numCropsOf = (cuts: readonly CutField[]) => cuts.reduce((sum, { crops }) => sum + crops.length, 0);
const sumOver = (cuts: readonly CutField[], key: "rejected" | "beyondEdge") => cuts.reduce((sum, cut) => sum + cut[key], 0);

/** What can only be told when all fields are cut. */
function checkCuts(cuts: readonly CutField[], { counted, centres }: Beside): void {
  if (numCropsOf(cuts) === 0) throw nothingLeft(sumOver(cuts, "rejected"), sumOver(cuts, "beyondEdge"), centres);
  const [first] = cuts;
  const other = cuts.find(({ fluxUnit }) => fluxUnit !== first!.fluxUnit);
  if (other) {
    throw new Error(
      `${other.field.file}: expected the flux unit "${first!.fluxUnit}" of ${first!.field.file}, got "${other.fluxUnit}". Prepare the two apart.`,
    );
  }
  if (counted) checkInside(counted, cuts);
}

function nothingLeft(rejected: number, beyondEdge: number, centres: Catalogue | undefined): Error {
  if (centres === undefined) {
    return new Error(
      `prepare: no crop is left: all ${rejected} hold NaN. Choose a smaller --size or a --max-nan-fraction above 0.`,
    );
  }
  const { name, sources } = centres;
  const outside = sources.length - rejected - beyondEdge;
  return new Error(
    `${name}: no crop is left of ${sources.length} positions: ${outside} lie outside the fields, ${beyondEdge} too near an edge, ${rejected} crops hold NaN. Check its frame, or choose a smaller --size.`,
  );
}

function labelled(cuts: readonly CutField[], { counted }: Beside, settings: PrepareSettings) {
  if (counted !== undefined) return labelledRecords(cuts, counted, settings);
  return { records: cuts.flatMap(({ crops }) => crops), sources: undefined };
}

/** Whole fields are set aside, never single crops: neighbours share beam, noise and artefacts. */
function splitRecords(records: readonly CropRecord[], testFields: readonly string[] | undefined): readonly CropRecord[] {
  if (testFields === undefined) return records;
  return records.map((record) => ({ ...record, split: testFields.includes(record.field) ? "test" : "train" }));
}

/** Test fields under the fields' own names. Throws Error for one that is none of them. */
function knownTestFields(testFields: readonly string[] | undefined, names: readonly string[]): readonly string[] | undefined {
  const find = fieldFinder(names);
  return testFields?.map((spelling) => {
    const name = find(spelling);
    if (name === undefined)
      throw new Error(`--test-field ${spelling}: expected one of the fields ${names.join(", ")}, got "${spelling}".`);
    return name;
  });
}

const readTableOf = ({ name, sha256, sources }: Catalogue): ReadTable => ({
  file: basename(name),
  sha256,
  sources: sources.length,
});

function infoOf(settings: PrepareSettings, cuts: readonly CutField[], { counted, centres, table }: Beside): CropSetInfo {
  const { out, tiling, cropSize, margin, lowPercentile, highPercentile, keepSources, minCoverage } = settings;
  const labels = {
    keepSources,
    minCoverage,
    excludeAround: settings.excludeAround ?? null,
    footprints: settings.footprints ?? [],
  };
  return {
    version: 1,
    name: basename(out),
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
    ...(centres ? { centres: readTableOf(centres) } : {}),
    ...(table ? { fieldTable: table.read } : {}),
  };
}

function summaryOf(out: string, cuts: readonly CutField[], { counted, centres, table }: Beside): PrepareSummary {
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
    centres: centres?.sources.length ?? null,
    fields: cuts.map(({ field, crops, rejected, beyondEdge, filledPixels, rms, coverage, warnings }) => ({
      name: field.name,
      file: field.file,
      height: field.height,
      width: field.width,
      crops: crops.length,
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
