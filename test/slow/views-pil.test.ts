// Images and views of many sizes, drawn at random, beside PIL and scipy run live.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { float32, type NdArray, type Random, randomFor } from "#base/array";
import { formatSafetensors, parseSafetensors } from "#base/files";
import type { Image } from "#base/image";
import { DEFAULT_VIEW_CONFIG, sampleViewParameters } from "#sky/views";
import { peerEnvironment, pythonCommand } from "../../bench/peer-python.ts";
import { type ImageCase, imageFrom, largestDifference, resultOf } from "../base/image/image-cases.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot } from "../real-data.ts";
import { type ViewCase, viewOf } from "../sky/views/view-cases.ts";

const skip = pythonSkip(["PIL", "scipy", "torch"]);

/** What PIL and scipy make of these cases. */
function truthOf(cases: readonly (ImageCase | ViewCase)[], images: ReadonlyMap<string, NdArray>): ReadonlyMap<string, NdArray> {
  const folder = mkdtempSync(join(tmpdir(), "suricate-views-"));
  try {
    const [input, output] = [join(folder, "input.safetensors"), join(folder, "output.safetensors")];
    writeFileSync(input, formatSafetensors(images, { cases: JSON.stringify(cases) }));
    const script = join(projectRoot, "test", "reference", "image_operations.py");
    const { status, stderr } = spawnSync(pythonCommand(), ["-B", script, input, output], {
      encoding: "utf8",
      env: peerEnvironment(),
    });
    assert.equal(status, 0, stderr);
    return parseSafetensors(readFileSync(output)).tensors;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function noise(random: Random, height: number, width: number): NdArray {
  return float32(
    [height, width],
    Array.from({ length: height * width }, () => random.normal()),
  );
}

/** A random operation on a random image, which it adds to `images`. */
function randomCase(repeat: number, images: Map<string, NdArray>): ImageCase {
  const random = randomFor(11, "image cases", repeat);
  const [height, width] = [1 + random.integer(300), 1 + random.integer(300)];
  const image = `image ${repeat}`;
  images.set(image, noise(random, height, width));
  const named = { name: `case ${repeat}`, image };
  if (repeat % 4 === 0) return { ...named, operation: "blur", sigmaPixels: random.uniformBetween(0.05, 6) };
  if (repeat % 4 === 1) return { ...named, operation: "rotate", angleDeg: random.uniformBetween(-720, 720) };
  const y0 = random.uniformBetween(0, 0.8 * height);
  const x0 = random.uniformBetween(0, 0.8 * width);
  const box = { y0, x0, y1: random.uniformBetween(y0 + 0.1, height), x1: random.uniformBetween(x0 + 0.1, width) };
  const filter = repeat % 4 === 2 ? "bicubic" : "bilinear";
  return { ...named, operation: "resample", box, height: 1 + random.integer(260), width: 1 + random.integer(260), filter };
}

test("200 random resamplings, blurs and rotations equal PIL's and scipy's", { skip }, () => {
  const images = new Map<string, NdArray>();
  const cases = Array.from({ length: 200 }, (_, repeat) => randomCase(repeat, images));
  const truth = truthOf(cases, images);
  for (const one of cases) {
    const difference = largestDifference(resultOf(one, images), imageFrom(truth, one.name));
    // A few units in the last place of noise of about 4 sigma.
    assert.ok(difference < 2e-6, `${JSON.stringify(one)}: differs by up to ${difference}`);
  }
});

test("60 random views of crops with and without a margin equal those of PIL and scipy", { skip }, () => {
  const images = new Map<string, NdArray>();
  const cases = Array.from({ length: 60 }, (_, repeat): ViewCase => {
    const random = randomFor(12, "view cases", repeat);
    const cropSize = 64 + random.integer(200);
    const size = cropSize + 2 * random.integer(60);
    const image = `image ${repeat}`;
    images.set(image, noise(random, size, size));
    const parameters = sampleViewParameters(DEFAULT_VIEW_CONFIG, repeat % 10, cropSize, random);
    return { name: `view ${repeat}`, image, operation: "view", cropSize, lowFlux: -1, highFlux: 2, parameters };
  });
  const truth = truthOf(cases, images);
  let numTurned = 0;
  for (const one of cases) {
    if (one.parameters.rotationDeg !== 0) numTurned++;
    const { powerLawExponent } = one.parameters;
    const view = straightened(viewOf(one, images), powerLawExponent);
    const difference = largestDifference(view, straightened(imageFrom(truth, one.name), powerLawExponent));
    assert.ok(difference < 2e-6, `${JSON.stringify(one)}: differs by up to ${difference}`);
  }
  assert.ok(numTurned > 15);
});

/** A power law below 1 taken back: it is so steep near 0 that it makes 1e-9 into 1e-3. */
function straightened(view: Image, powerLawExponent: number): Image {
  return powerLawExponent < 1 ? { ...view, pixels: view.pixels.map((value) => value ** (1 / powerLawExponent)) } : view;
}
