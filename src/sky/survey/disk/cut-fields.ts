// Fields read, measured and cut one after another into a draft of a crop set; those that are in it already are told again.
import { basename } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import type { Centre } from "../centres.ts";
import type { CropRecord, FieldRecord } from "../crop-set.ts";
import {
  type CutSettings,
  type CutSink,
  type Cuttings,
  cutField,
  cuttingsAgain,
  fieldRecord,
  recordsOfCrops,
} from "../cut-field.ts";
import { namedField } from "../field-names.ts";
import { type FieldCoordinates, scaleDoubt } from "../wcs-doubts.ts";
import type { Beside } from "./beside.ts";
import type { CropSetDraft } from "./crop-set-draft.ts";
import { type FinishedField, stampOf } from "./field-journal.ts";
import { type FieldReader, fieldReader, forgetField, type StartedField } from "./field-reader.ts";
import type { PrepareProgress, PrepareSettings } from "./prepare-options.ts";

/** A field whose pixels are let go; what stays is this. */
export interface CutField extends Cuttings {
  readonly field: FieldRecord;
  /** Of its crops, made anew at each call: all of a survey's at once take much room. Labels from a catalogue are null. */
  records(): readonly CropRecord[];
  readonly fluxUnit: string;
  readonly rms: number;
  readonly coordinates: FieldCoordinates;
  readonly warnings: readonly string[];
  /** Cut by an earlier process. */
  readonly isResumed: boolean;
}

/** Crops of all fields. */
export const numCropsOf = (cuts: readonly CutField[]) => cuts.reduce((sum, { places }) => sum + places.length, 0);

/** Crops left out, over all fields. */
export const sumOver = (cuts: readonly CutField[], key: "rejected" | "beyondEdge") =>
  cuts.reduce((sum, cut) => sum + cut[key], 0);

/** How fields are cut. */
export interface CutFieldsOptions {
  readonly settings: PrepareSettings;
  readonly beside: Beside;
  /** One of the fields, which is being read already. */
  readonly started?: StartedField | undefined;
  readonly onProgress: PrepareProgress;
}

/** Cuts the fields in `paths` into a draft. Throws the errors of reading, measuring and cutting; each names its file. */
export async function cutFields(
  paths: readonly string[],
  { settings, beside, started, onProgress }: CutFieldsOptions,
  draft: CropSetDraft,
): Promise<CutField[]> {
  const { ledger } = beside.counted ?? {};
  const cuts: CutField[] = [];
  // Counted as they come: a survey of cutouts has a field a crop.
  let numCrops = 0;
  const add = async (finished: FinishedField, cuttings: Cuttings, isResumed: boolean) => {
    cuts.push({ ...cutFieldOf(finished, cuttings, settings), isResumed });
    numCrops += cuttings.places.length;
    onProgress({ field: finished.field.name, done: cuts.length, total: paths.length, isResumed });
    // Signals and progress bars get their turn between two fields.
    await breathe();
  };
  for (const finished of draft.finished) {
    const { field, lookedAt } = finished;
    const kept = { ledger, keepShown: draft.keepShown, firstCrop: numCrops };
    const cuttings = cuttingsAgain(field, finished.cuttings, lookedAt, kept);
    await add(finished, cuttings, true);
  }
  const rest = paths.slice(cuts.length);
  if (started && !rest.includes(started.path)) void forgetField(started);
  const reader = fieldReader(rest);
  let finishing: Promise<void> = Promise.resolve();
  try {
    for (const path of rest) {
      const sink = { append: draft.append, keepShown: draft.keepShown, ledger, firstCrop: numCrops };
      const { stamp, finished, cuttings } = await readAndCut(path, {
        settings,
        cut: cutSettings(settings, beside, cuts),
        started: started?.path === path ? started : undefined,
        reader,
        sink,
      });
      // A field goes to the disk while the next one is read.
      await finishing;
      finishing = draft.finishField(stamp, finished);
      finishing.catch(() => {}); // thrown by the next `await`
      await add(finished, cuttings, false);
    }
  } finally {
    await finishing;
  }
  return cuts;
}

function cutSettings({ centres: _, ...tiled }: PrepareSettings, { centres }: Beside, cuts: readonly CutField[]): CutSettings {
  if (centres === undefined) return tiled;
  return { ...tiled, centres: centres.use === "every-field" ? centres.centres : centresLeft(centres.centres, cuts) };
}

function centresLeft(centres: readonly Centre[], cuts: readonly CutField[]): readonly Centre[] {
  const taken = new Set(cuts.flatMap(({ places }) => places.map(({ centre }) => centre?.name)));
  return centres.filter(({ name }) => !taken.has(name));
}

interface Cutting {
  readonly settings: PrepareSettings;
  readonly cut: CutSettings;
  readonly started: StartedField | undefined;
  readonly reader: FieldReader;
  readonly sink: CutSink;
}

async function readAndCut(path: string, { settings, cut, started, reader, sink }: Cutting) {
  const { name, survey } = namedField(path);
  const stamp = started?.stamp ?? stampOf(path);
  const stopping = started?.stopping ?? new AbortController();
  const arriving = await (started?.arriving ?? reader.read(path, settings, stopping.signal));
  const field = { ...arriving.field, name };
  try {
    // Cutting needs no limits: a field is cut while it is read and measured.
    const [measured, cuttings] = await Promise.all([arriving.measured, cutField(field, cut, sink, arriving.rowsRead)]);
    const { pixels: _, ...heading } = field;
    const { sha256, statistics } = measured;
    const { coverage, ...rest } = cuttings;
    const lookedAt = coverage === undefined ? {} : { lookedAt: coverage.lookedAt };
    const finished: FinishedField = { field: { ...heading, sha256 }, survey, statistics, cuttings: rest, ...lookedAt };
    return { stamp, finished, cuttings };
  } finally {
    // A field that cannot be cut is read no further; its memory is free when the thread has let go of it.
    stopping.abort();
    arriving.measured.then(arriving.release, arriving.release);
  }
}

function cutFieldOf(
  { field, survey: told, statistics }: FinishedField,
  cuttings: Cuttings,
  { cropSize, survey = told ?? undefined }: Pick<PrepareSettings, "cropSize" | "survey">,
): Omit<CutField, "isResumed"> {
  const { fluxUnit, file, sha256, height, width, wcs, header, warnings } = field;
  const doubt = scaleDoubt(header);
  return {
    ...cuttings,
    field: fieldRecord(field, statistics),
    records: () =>
      recordsOfCrops(field, cuttings, statistics, cropSize).map((record) => ({
        ...record,
        survey: record.survey ?? survey ?? null,
      })),
    fluxUnit,
    rms: statistics.rms,
    coordinates: { file: basename(file), sha256, height, width, ...(wcs ? { wcs } : {}) },
    warnings: doubt === undefined ? warnings : [...warnings, doubt],
  };
}
