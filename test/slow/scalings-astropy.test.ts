// zscale, arcsinh and power law against astropy run live, on noise, on odd images and on every real field at hand.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { imageOf, percentiles, scaleFlux, zscaleLimits } from "#base/image";
import { readFieldImage } from "#sky/fits/disk";
import { pythonCommand } from "../../bench/peer-python.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot, realData } from "../real-data.ts";
import { temporaryFolder } from "../sky/fits/fits-file.ts";

interface Answer {
  readonly zscale: readonly [number, number];
  readonly arcsinh: readonly number[];
  readonly power: readonly number[];
}

function askAstropy(images: readonly Float32Array[]): readonly Answer[] {
  const folder = temporaryFolder();
  images.forEach(
    (pixels, index) =>
      void writeFileSync(join(folder, `${index}.f32`), new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength)),
  );
  const run = spawnSync(pythonCommand(), [join(projectRoot, "test/reference/scalings_astropy.py"), folder], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout) as Answer[]; // shape as scalings_astropy.py prints it
}

/** Noise, sources on noise, few pixels, steps, NaN and infinities. */
function madeImages(): readonly Float32Array[] {
  const random = randomFor(11, "scalings");
  const noise = (length: number) => Float32Array.from({ length }, () => 1e-5 * random.normal());
  const sources = noise(40_000).map((value, index) => (index % 53 === 0 ? value + 1e-3 * random.uniform() ** 4 : value));
  const holed = sources.map((value, index) =>
    index % 7 === 0 ? Number.NaN : index % 1001 === 0 ? Number.POSITIVE_INFINITY : value,
  );
  const steps = Float32Array.from({ length: 3000 }, (_, index) => Math.floor(index / 500));
  const twoLevels = Float32Array.from({ length: 1000 }, (_, index) => (index < 700 ? 0 : 1 + index));
  const sizes = [2, 5, 9, 99, 999, 1000, 1001, 1999, 2500, 12_345];
  return [sources, holed, steps, twoLevels, ...sizes.map(noise), ...sizes.map((size) => sources.slice(0, size))];
}

const widefield = realData("widefield");

function realImages(): readonly Float32Array[] {
  const files = readdirSync(widefield.path, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".fits"));
  return files.flatMap((file) => {
    try {
      return [readFieldImage(join(widefield.path, file)).pixels];
    } catch {
      return []; // tables
    }
  });
}

test("zscale limits are astropy's, and arcsinh and the square root its stretches", {
  skip: pythonSkip(["astropy"]) || widefield.skip,
}, () => {
  const images = [...madeImages(), ...realImages()];
  assert.ok(images.length >= 28, `images: ${images.length}`);
  const answers = askAstropy(images);
  images.forEach((pixels, index) => {
    const { lowFlux, highFlux } = zscaleLimits(pixels);
    const [low, high] = answers[index]!.zscale;
    const bound = 1e-9 * Math.max(Math.abs(low), Math.abs(high));
    assert.ok(Math.abs(lowFlux - low) <= bound, `image ${index}: low ${lowFlux}, astropy ${low}`);
    assert.ok(Math.abs(highFlux - high) <= bound, `image ${index}: high ${highFlux}, astropy ${high}`);
    checkStretches(pixels, answers[index]!);
  });
});

/** On fluxes between 0 and 1, as astropy's stretches take them. */
function checkStretches(pixels: Float32Array, answer: Answer): void {
  const finite = pixels.filter(Number.isFinite);
  const [lowest, highest] = percentiles(finite, [0, 100]) as [number, number];
  if (lowest === highest) return;
  const unit = imageOf(
    1,
    finite.length,
    finite.map((flux) => (flux - lowest) / (highest - lowest)),
  );
  const limits = { lowFlux: 0, highFlux: 1 };
  const arcsinh = scaleFlux(unit, { ...limits, curve: { kind: "arcsinh", softening: 0.1 } }).pixels;
  const power = scaleFlux(unit, { ...limits, curve: { kind: "power-law", exponent: 0.5 } }).pixels;
  answer.arcsinh.forEach((value, index) => void assert.ok(Math.abs(arcsinh[index]! - value) < 3e-7, `arcsinh ${index}`));
  // The root magnifies float32 rounding of the flux near 0.
  answer.power.forEach((value, index) => void assert.ok(Math.abs(power[index]! ** 2 - value ** 2) < 3e-7, `power law ${index}`));
}
