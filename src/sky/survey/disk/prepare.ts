// From FITS fields and a catalogue to a crop set (paper sections 2.2 to 2.4): measure, tile, reject, label, write.
import { sha256Of } from "#base/files/disk";
import type { CropRecord } from "../crop-set.ts";
import { fieldFinder, namedField } from "../field-names.ts";
import { NO_FACTS } from "../field-table.ts";
import { type Beside, type ReadCentres, readBeside } from "./beside.ts";
import { checkInside, labelledRecords } from "./counted-catalogue.ts";
import { type CropSetDraft, draftCropSet } from "./crop-set-draft.ts";
import { type CutField, cutFields, numCropsOf, sumOver } from "./cut-fields.ts";
import { forgetField, type StartedField, startedField } from "./field-reader.ts";
import { findFitsFiles } from "./find-fits.ts";
import {
  checkPrepareSettings,
  PREPARE_DEFAULTS,
  type PrepareOptions,
  type PrepareProgress,
  type PrepareSettings,
  type PrepareSummary,
} from "./prepare-options.ts";
import { infoOf, summaryOf } from "./prepare-summary.ts";
import { type CropSetPart, checkTarget } from "./write-crop-set.ts";

/**
 * Reads fields one after another, cuts them and writes a crop set. A process that is killed leaves what it has cut beside the set:
 * the same call goes on after it. Throws an Error of one line that names the file (FitsError, CatalogueError, FileError among
 * them); then nothing is written, but for the fields before a file that cannot be read, which the next call does not cut again.
 */
export async function prepareCropSet(options: PrepareOptions, onProgress: PrepareProgress = () => {}): Promise<PrepareSummary> {
  const settings: PrepareSettings = { ...PREPARE_DEFAULTS, ...options };
  checkPrepareSettings(settings);
  const paths = findFitsFiles(settings.inputs);
  checkTarget(settings);
  const fieldNames = paths.map((path) => namedField(path).name);
  const testFields = knownTestFields(settings.testFields, fieldNames);
  const started = startedField(paths, settings);
  try {
    const beside = readBeside(settings, fieldNames);
    return await prepareFields(paths, { settings, beside, started, testFields, onProgress });
  } finally {
    // After an error nobody waits for it.
    if (started) await forgetField(started);
  }
}

/** What is known before the first field is read. */
export interface FieldsToPrepare {
  readonly settings: PrepareSettings;
  readonly beside: Beside;
  /** One of the fields, which is being read already. */
  readonly started?: StartedField | undefined;
  readonly testFields?: readonly string[] | undefined;
  readonly onProgress: PrepareProgress;
}

/** The work of `prepareCropSet` once what lies beside the fields is read. */
export async function prepareFields(
  paths: readonly string[],
  { settings, beside, started, testFields, onProgress }: FieldsToPrepare,
): Promise<PrepareSummary> {
  const target = { ...settings, paths, storedSize: settings.cropSize + 2 * settings.margin, key: draftKey(settings, beside) };
  const { cuts } = await draftCropSet(target, async (draft) => {
    const cuts = await cutFields(paths, { settings, beside, started, onProgress }, draft);
    checkCuts(cuts, beside);
    return { cuts, info: infoOf(settings, cuts, beside), parts: fieldParts(cuts, { settings, beside, testFields, draft }) };
  });
  return summaryOf(settings.out, cuts, beside);
}

interface Parts extends Pick<FieldsToPrepare, "settings" | "beside" | "testFields"> {
  readonly draft: CropSetDraft;
}

/** The tables field by field: those of a survey, all at once, would take a gigabyte. */
function* fieldParts(cuts: readonly CutField[], { settings, beside, testFields, draft }: Parts): Generator<CropSetPart, void> {
  const { counted } = beside;
  let firstCrop = 0;
  for (const [index, cut] of cuts.entries()) {
    const part: CropSetPart = counted
      ? labelledRecords(cut, { shown: draft.shownIn(index), firstCrop }, counted, settings)
      : { records: cut.records() };
    const known = part.records.map((record) => ({ ...record, ...knownOfField(record, beside) }));
    yield { ...part, records: splitRecords(known, testFields) };
    firstCrop += cut.places.length;
  }
}

/** All that decides which crops a field gives, and how much of each its catalogue looked at. */
function draftKey(settings: PrepareSettings, { counted, centres }: Beside): string {
  const { cropSize, margin, tiling, maxNanFraction, hdu, plane, lowPercentile, highPercentile, excludeAround, footprints } =
    settings;
  const hasZones = excludeAround !== undefined || footprints !== undefined;
  const labels = counted && { footprints, excludeAround, catalogue: hasZones ? counted.catalogue.sha256 : null };
  const cut = { cropSize, margin, tiling, maxNanFraction, hdu, plane, lowPercentile, highPercentile };
  return sha256Of(JSON.stringify({ form: 1, cut, labels, centres: centres && { use: centres.use, all: centres.centres } }));
}

/** A survey's table of fields says nothing of crops whose maker knows more. */
function knownOfField(record: CropRecord, { table }: Beside): Partial<CropRecord> {
  return table === undefined ? {} : (table.facts.get(record.field) ?? NO_FACTS);
}

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

function nothingLeft(rejected: number, beyondEdge: number, centres: ReadCentres | undefined): Error {
  if (centres === undefined) {
    return new Error(
      `prepare: no crop is left: all ${rejected} hold NaN. Choose a smaller --size or a --max-nan-fraction above 0.`,
    );
  }
  const { length } = centres.centres;
  if (length === 0) return new Error(`${centres.name}: expected positions to cut crops at, got a catalogue without rows.`);
  const outside = length - rejected - beyondEdge;
  return new Error(
    `${centres.name}: no crop is left of ${length} positions: ${outside} lie outside the fields, ${beyondEdge} too near an edge, ${rejected} crops hold NaN. Check its frame, or choose a smaller --size.`,
  );
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
