// bench prepare: one field of 3457 x 3457 pixels (MGCLS) to a crop set, Suricate beside numpy and astropy (paper section 2).
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { randomFor } from "#base/array";
import { writeFieldImage } from "#sky/fits/disk";
import {
  type BenchOptions,
  type BenchResult,
  benchResult,
  type Contestant,
  peerScript,
  suricateSide,
  type Timing,
  takeTurns,
} from "./harness.ts";
import { peerEnvironment, peerPython } from "./peer-python.ts";

/** The field that both sides are given. */
export interface PrepareSize {
  /** Side of the field, in pixels. */
  readonly fieldSize: number;
  readonly cropSize: number;
  readonly numSources: number;
}

const MGCLS_FIELD: PrepareSize = { fieldSize: 3457, cropSize: 256, numSources: 5000 };

const PIXEL_DEG = 1.256 / 3600;
const CENTRE = { raDeg: 10.46, decDeg: -9.3 };
const NOISE_JY_PER_BEAM = 8e-6;

/** Suricate and numpy with astropy, each with a folder of its own under `folder`, which holds the field and the catalogue. */
export function prepareContestants(folder: string, size: PrepareSize): Contestant[] {
  const python = peerPython(["numpy", "astropy"]);
  const task = (out: string) => JSON.stringify({ ...filesIn(folder), cropSize: size.cropSize, out: join(folder, out) });
  const peer = {
    name: "numpy + astropy",
    command: python,
    args: ["-B", peerScript("prepare.py"), task("peer")],
    env: peerEnvironment(),
  };
  return [suricateSide("prepare-turns", [task("suricate")]), peer];
}

const filesIn = (folder: string) => ({ field: join(folder, "field.fits"), catalogue: join(folder, "catalogue.csv") });

/** Noise with point sources inside a disc, NaN outside as where the primary beam is cut, and a catalogue of the sources. */
export function writeField(folder: string, { fieldSize, numSources }: PrepareSize): void {
  const random = randomFor(1, "bench-prepare");
  const { field, catalogue } = filesIn(folder);
  const middle = (fieldSize - 1) / 2;
  // A little more than the half side: the corners' crops are rejected, the others are not.
  const radius = 0.62 * fieldSize;
  const pixels = new Float32Array(fieldSize * fieldSize);
  for (let index = 0; index < pixels.length; index++) {
    const [y, x] = [Math.floor(index / fieldSize) - middle, (index % fieldSize) - middle];
    pixels[index] = Math.hypot(y, x) > radius ? Number.NaN : NOISE_JY_PER_BEAM * random.normal();
  }
  const lines = ["ra,dec"];
  for (let source = 0; source < numSources; source++) {
    const [x, y] = [random.uniformBetween(0, fieldSize - 1), random.uniformBetween(0, fieldSize - 1)];
    pixels[Math.round(y) * fieldSize + Math.round(x)]! += 50 * NOISE_JY_PER_BEAM;
    // On so small a field, next to the projection: good to some pixels, and both sides read the same positions.
    const decDeg = CENTRE.decDeg + (y - middle) * PIXEL_DEG;
    const raDeg = CENTRE.raDeg - ((x - middle) * PIXEL_DEG) / Math.cos((decDeg * Math.PI) / 180);
    lines.push(`${raDeg},${decDeg}`);
  }
  writeFieldImage(field, { pixels, height: fieldSize, width: fieldSize, cards: fieldCards(middle + 1) });
  writeFileSync(catalogue, `${lines.join("\n")}\n`);
}

function fieldCards(referencePixel: number) {
  return [
    { keyword: "BUNIT", value: "Jy/beam" },
    { keyword: "CTYPE1", value: "RA---SIN" },
    { keyword: "CRPIX1", value: referencePixel },
    { keyword: "CRVAL1", value: CENTRE.raDeg },
    { keyword: "CDELT1", value: -PIXEL_DEG },
    { keyword: "CUNIT1", value: "deg" },
    { keyword: "CTYPE2", value: "DEC--SIN" },
    { keyword: "CRPIX2", value: referencePixel },
    { keyword: "CRVAL2", value: CENTRE.decDeg },
    { keyword: "CDELT2", value: PIXEL_DEG },
    { keyword: "CUNIT2", value: "deg" },
  ];
}

/** Throws Error where the two sides do not agree on what they made: then their times mean nothing. */
export function checkAgreement([suricate, peer]: readonly Timing[]): void {
  for (const [name, expected] of Object.entries(peer!.values)) {
    const got = suricate!.values[name];
    // The limits are interpolated in float64 by one and in float32 by the other.
    if (got !== undefined && Math.abs(got - expected) <= 1e-6 * Math.abs(expected)) continue;
    throw new Error(`bench: prepare: ${name}: expected ${expected} as the peer, got ${got}.`);
  }
}

/** Runs the benchmark on a field of MGCLS's size. Throws Error where Python has no astropy. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "suricate-bench-prepare-"));
  try {
    writeField(folder, MGCLS_FIELD);
    const timings = await takeTurns(prepareContestants(folder, MGCLS_FIELD), options);
    checkAgreement(timings);
    const { crops, ownedSources } = timings[0]!.values;
    const { fieldSize, cropSize, numSources } = MGCLS_FIELD;
    return benchResult("prepare", timings, {
      notes: [
        `One plane of ${fieldSize} x ${fieldSize} float32 to ${crops} crops of ${cropSize} x ${cropSize}; ${ownedSources} of ${numSources} sources owned.`,
        "Files are read from and written to the page cache; neither side calls fsync.",
        "Suricate also hashes what it reads and writes, and places every crop's corners on the sky.",
        `${cpus()[0]?.model ?? "unknown processor"}; ${options.turns} turns each.`,
      ],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
