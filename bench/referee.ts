// The simulator against an end-to-end observation of the same sky: visibilities, noise, gain errors, wsclean's CLEAN, source-extractor.
//   npm run build && node dist/bench/referee.js [--size 3457] [--seed 1] [--robust 0] [--beam wsclean|suricate] [--folder FOLDER] [--json]
// Needs Debian's wsclean, source-extractor, python3-casacore, casacore-data, python3-astropy and python3-scipy; says what is missing.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFieldImage } from "#sky/fits/disk";
import {
  briggsWeights,
  dirtyBeamCore,
  MEDIUM_SAMPLING,
  meerkatObservation,
  type UvGrid,
  type UvWeights,
  uvGrid,
} from "#sky/instrument";
import {
  apparentComponents,
  apparentFluxJy,
  DATA_QUALITIES,
  type FieldGeometry,
  fieldGeometryOf,
  isInside,
  MGCLS_SKY,
  observeSky,
  type SkyConfig,
  type SkyObject,
  sampleFieldFacts,
  sampleSky,
} from "#sky/simulator";
import { peerScript } from "./harness.ts";
import { missingPython, peerEnvironment, pythonCommand } from "./peer-python.ts";
import { formatReferee, type RefereeResult } from "./referee-table.ts";

/** The thermal noise about which fields are drawn; all fields of a comparison have it. */
const NOISE_JY_PER_BEAM = 2.4e-6;
/** Pixels about the centre in which the two dirty beams are compared. */
const BEAM_REACH = 128;
/** Fainter sources are no match for a detection. */
const TRUTH_FROM_JY = 3e-6;

interface Options {
  readonly config: SkyConfig;
  readonly seed: number;
  readonly folder: string;
  /** Whose beam wsclean restores with. */
  readonly restoring: Restoring;
}

type Restoring = "wsclean" | "suricate";

/** What `peers/referee.py` is given: places in pixels from 0, covariances in square pixels, x to the west. */
function writeTask({ config, seed, folder, restoring }: Options): string {
  const geometry = fieldGeometryOf(config);
  const facts = sampleFieldFacts(config, seed, 0);
  // wsclean cleans what its image holds, the simulator all of the square round it: neither gets what lies outside the field.
  const objects = sampleSky(config, facts, geometry).filter((object) => isInside(object, config.fieldSize));
  const observed = observeSky(objects, config, facts, geometry);
  const observation = meerkatObservation(facts.centre.decDeg, MEDIUM_SAMPLING);
  const grid = uvGrid(observation, { size: geometry.gridSize, pixelScaleDeg: config.pixelScaleDeg });
  const weights = briggsWeights(grid, config.robust);

  const image = join(folder, "suricate.fits");
  writeFieldImage(image, { pixels: observed.apparent, height: config.fieldSize, width: config.fieldSize, cards: [] });
  const dirtyBeam = join(folder, "dirty-beam.f64");
  writeFileSync(dirtyBeam, new Uint8Array(dirtyBeamCore(grid, weights, BEAM_REACH).buffer));
  const { majorDeg, minorDeg, positionAngleDeg } = observed.beam;
  const task = {
    ...{ folder, seed, restoring, image, dirtyBeam, observation, beamReach: BEAM_REACH },
    ...{ fieldSize: config.fieldSize, gridSize: geometry.gridSize, pixelScaleDeg: config.pixelScaleDeg, robust: config.robust },
    ...{ cleanLimitJyPerBeam: config.cleanLimitJyPerBeam, noiseJyPerBeam: facts.noiseJyPerBeam },
    centreDeg: [facts.centre.raDeg, facts.centre.decDeg],
    gainErrors: DATA_QUALITIES[facts.dataQualityFlag].gainErrors,
    noisePerVisibilityJy: facts.noiseJyPerBeam * visibilityNoiseRatio(grid, weights),
    beamArcsec: [majorDeg * 3600, minorDeg * 3600, positionAngleDeg],
    components: objects.flatMap((object) => componentRows(object, geometry)),
    truth: objects.flatMap((object) => truthRow(object, geometry)),
  };
  const path = join(folder, "task.json");
  writeFileSync(path, JSON.stringify(task));
  return path;
}

/** Noise of each part of a visibility over that of the image: sum w / sqrt(sum w^2). */
function visibilityNoiseRatio({ counts }: UvGrid, { perVisibility }: UvWeights): number {
  let [sum, squares] = [0, 0];
  for (const [slot, count] of counts.entries()) {
    sum += count * perVisibility[slot]!;
    squares += count * perVisibility[slot]! ** 2;
  }
  return sum / Math.sqrt(squares);
}

/** wsclean's phase centre is pixel size / 2 of the grid. */
function componentRows(object: SkyObject, geometry: FieldGeometry): readonly (readonly number[])[] {
  const shift = geometry.gridSize / 2 - ((geometry.fieldSize - 1) / 2 + geometry.padding);
  return apparentComponents(object, geometry).map(({ x, y, flux, shape }) => [
    ...[x + shift, y + shift, flux],
    ...[shape.xx, shape.xy, shape.yy],
  ]);
}

/** x, y, apparent flux and kind of what lies in the field. */
function truthRow(object: SkyObject, geometry: FieldGeometry): readonly (readonly (number | string)[])[] {
  const flux = apparentFluxJy(object, geometry);
  return flux >= TRUTH_FROM_JY && isInside(object, geometry.fieldSize) ? [[object.x, object.y, flux, object.kind]] : [];
}

/** Why the comparison cannot be made here, in one line; undefined where it can. */
function missingTools(): string | undefined {
  const python = missingPython(["numpy", "scipy", "astropy", "casacore"]);
  if (python !== undefined) return python;
  const programs = ["wsclean", "source-extractor"];
  const absent = programs.filter((program) => spawnSync(program, ["--version"]).error !== undefined);
  return absent.length === 0
    ? undefined
    : `expected ${programs.join(" and ")}, did not find ${absent.join(", ")}. On Debian: apt install ${absent.join(" ")}.`;
}

function compare(options: Options): RefereeResult {
  const task = writeTask(options);
  const { status, stdout } = spawnSync(pythonCommand(), ["-B", peerScript("referee.py"), task], {
    encoding: "utf8",
    env: peerEnvironment(),
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error("referee: the comparison failed; its own words stand above.");
  const { config, seed, restoring } = options;
  return { name: "referee", fieldSize: config.fieldSize, robust: config.robust, seed, restoring, ...JSON.parse(stdout) };
}

function parseOptions() {
  const { values } = parseArgs({
    options: {
      size: { type: "string", default: String(MGCLS_SKY.fieldSize) },
      seed: { type: "string", default: "1" },
      robust: { type: "string", default: String(MGCLS_SKY.robust) },
      beam: { type: "string", default: "wsclean" },
      folder: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const restoring = (["wsclean", "suricate"] as const).find((name) => name === values.beam);
  if (restoring === undefined) throw new Error(`referee: --beam: expected wsclean or suricate, got ${values.beam}.`);
  const fieldSize = Number(values.size);
  if (fieldSize % 2 !== 1) throw new Error(`referee: --size: expected an odd number of pixels, got ${values.size}.`);
  const noiseJyPerBeam = [NOISE_JY_PER_BEAM, NOISE_JY_PER_BEAM] as const;
  const config: SkyConfig = { ...MGCLS_SKY, fieldSize, robust: Number(values.robust), dataQualityFlag: 0, noiseJyPerBeam };
  return { config, seed: Number(values.seed), restoring, folder: values.folder, isJson: values.json };
}

function main(): void {
  const { config, seed, restoring, folder, isJson } = parseOptions();
  const missing = missingTools();
  if (missing !== undefined) {
    process.stderr.write(`referee: skipped: ${missing}\n`);
    return;
  }
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const place = folder ?? mkdtempSync(join(tmpdir(), "suricate-referee-"));
  try {
    const result = compare({ config, seed, restoring, folder: place });
    process.stdout.write(`${isJson ? JSON.stringify(result) : formatReferee(result)}\n`);
  } finally {
    if (folder === undefined) rmSync(place, { recursive: true, force: true });
  }
}

main();
