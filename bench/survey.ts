// A survey of the size of MGCLS, 115 fields simulated in turn and not kept: does time per field, and memory, stay the same?
//   npm run build && node dist/bench/survey.js [--fields 115] [--size 3457] [--sources 5440] [--folder FOLDER] [--json]
// Broken off, the same call with the same --folder goes on after the fields that it has cut.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { randomFor } from "#base/array";
import { MGCLS_SKY, sampleFieldFacts } from "#sky/simulator";
import { prepareCropSet } from "#sky/survey/disk";
import { median } from "./median.ts";
import type { FieldTask } from "./survey-field.ts";
import { forgetPeakMemory, peakMemoryBytes } from "./turns.ts";

const CROP_SIZE = 256;
const SEED = 1;
/** Time and memory of this many fields at either end are compared. */
const END = 10;

interface Options {
  readonly numFields: number;
  readonly fieldSize: number;
  readonly sourcesPerField: number;
  readonly folder: string;
}

interface FieldMeasure {
  readonly seconds: number;
  readonly rssMegabytes: number;
}

/**
 * Prepares the survey in `folder`. Every field is written when its turn has come, and emptied when the next one is cut: of the same
 * length and time as before, so that a later call takes it for the one that was cut.
 */
async function prepareSurvey({ numFields, fieldSize, sourcesPerField, folder }: Options) {
  const names = Array.from({ length: numFields }, (_, index) => factsOf(index).name);
  const inputs = names.map((name) => join(folder, `${name}.fits`));
  for (const path of inputs) if (!existsSync(path)) writeFileSync(path, "");
  const catalogue = join(folder, "catalogue.csv");
  writeFileSync(catalogue, catalogueText(names, fieldSize, sourcesPerField));

  const measures: FieldMeasure[] = [];
  const simulate = (fieldIndex: number) => {
    const path = inputs[fieldIndex]!;
    if (isMarked(path)) return;
    writeField({ path, fieldSize, seed: SEED, fieldIndex });
    mark(path);
  };
  simulate(0);
  const peaks: number[] = [];
  const notePeak = () => {
    peaks.push(peakMemoryBytes() / 1e6);
    forgetPeakMemory();
  };
  forgetPeakMemory();
  let started = performance.now();
  const summary = await prepareCropSet(
    { inputs, catalogue, out: join(folder, "crops"), cropSize: CROP_SIZE },
    ({ done, isResumed }) => {
      if (done === 1 || done === numFields) notePeak();
      // The journal may not know of the last one yet.
      if (done > 1) empty(inputs[done - 2]!);
      if (isResumed) {
        process.stderr.write(`${done}/${numFields}  cut before\n`);
        if (done < numFields) simulate(done);
        started = performance.now();
        return;
      }
      const { rss } = process.memoryUsage();
      measures.push({ seconds: (performance.now() - started) / 1000, rssMegabytes: rss / 1e6 });
      process.stderr.write(`${done}/${numFields}  ${measures.at(-1)!.seconds.toFixed(2)} s  ${Math.round(rss / 1e6)} MB\n`);
      if (done < numFields) simulate(done);
      started = performance.now();
    },
  );
  const finishing = (performance.now() - started) / 1000;
  notePeak();
  return resultOf(measures, finishing, summary, peaks);
}

/** The time that a field's file gets when it is whole. */
const MARK = 1e9;

const mark = (path: string) => utimesSync(path, MARK, MARK);
const isMarked = (path: string) => statSync(path).mtimeMs === 1000 * MARK;

/** A hole of the same length takes no room on the disk. */
function empty(path: string): void {
  const { size } = statSync(path);
  truncateSync(path, 0);
  truncateSync(path, size);
  mark(path);
}

const factsOf = (fieldIndex: number) => sampleFieldFacts(MGCLS_SKY, SEED, fieldIndex);

/** Positions drawn evenly over every field: what MGCLS's table has of rows. */
function catalogueText(names: readonly string[], fieldSize: number, sourcesPerField: number): string {
  const half = (fieldSize * MGCLS_SKY.pixelScaleDeg) / 2;
  const lines = names.flatMap((name, index) => {
    const { raDeg, decDeg } = factsOf(index).centre;
    const random = randomFor(SEED, "survey catalogue", index);
    return Array.from({ length: sourcesPerField }, () => {
      const dec = decDeg + half * (2 * random.uniform() - 1);
      const ra = raDeg + (half * (2 * random.uniform() - 1)) / Math.cos((dec * Math.PI) / 180);
      return `${(ra + 360) % 360},${dec},${(1e-4 / (random.uniform() + 1e-4)).toExponential(3)},${name}`;
    });
  });
  return `ra_deg,dec_deg,flux_mjy,field\n${lines.join("\n")}\n`;
}

function writeField(task: FieldTask): void {
  const program = fileURLToPath(new URL("./survey-field.js", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [program, JSON.stringify(task)], { encoding: "utf8" });
  if (status !== 0) throw new Error(`bench survey: field ${task.fieldIndex} was not simulated: ${stderr}`);
}

function resultOf(
  measures: readonly FieldMeasure[],
  finishing: number,
  summary: Awaited<ReturnType<typeof prepareCropSet>>,
  peaks: readonly number[],
) {
  const ends = (key: keyof FieldMeasure) => {
    const values = measures.map((measure) => measure[key]);
    return { first: median(values.slice(0, END)), last: median(values.slice(-END)), most: Math.max(...values) };
  };
  const { crops, rejected, sources, ownedSources } = summary;
  return {
    ...{ name: "survey", fields: measures.length, crops, rejected, sources, ownedSources },
    secondsPerField: ends("seconds"),
    secondsAfterLastField: finishing,
    rssMegabytes: ends("rssMegabytes"),
    // The greatest in each part: the catalogue and the first field, all further fields, labels and tables.
    peakRssMegabytes: { first: peaks[0], fields: peaks.length > 2 ? peaks[1] : undefined, tables: peaks.at(-1) },
  };
}

function parseOptions(): Options & { readonly isJson: boolean; readonly isOwnFolder: boolean } {
  const { values } = parseArgs({
    options: {
      fields: { type: "string", default: "115" },
      size: { type: "string", default: "3457" },
      sources: { type: "string", default: "5440" },
      folder: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const whole = (name: "fields" | "size" | "sources") => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new Error(`bench survey: --${name}: expected a whole number above 0, got ${values[name]}.`);
  };
  if (values.folder !== undefined) mkdirSync(values.folder, { recursive: true });
  return {
    ...{ numFields: whole("fields"), fieldSize: whole("size"), sourcesPerField: whole("sources"), isJson: values.json },
    folder: values.folder ?? mkdtempSync(join(tmpdir(), "suricate-survey-")),
    isOwnFolder: values.folder === undefined,
  };
}

const options = parseOptions();
try {
  const result = await prepareSurvey(options);
  process.stdout.write(`${JSON.stringify(result, null, options.isJson ? undefined : 2)}\n`);
} finally {
  if (options.isOwnFolder) rmSync(options.folder, { recursive: true, force: true });
}
