import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseSafetensors } from "#base/files";
import { projectRoot } from "../../real-data.ts";
import { casesIn, type ImageCase, imageFrom, largestDifference, resultOf } from "./image-cases.ts";

const fixture = parseSafetensors(readFileSync(join(projectRoot, "test", "fixtures", "image", "image-operations.safetensors")));
const cases = casesIn<ImageCase>(fixture);

// One unit in the last place of the largest values (about 4): PIL and scipy sum in double precision, as we do.
const TOLERANCE = 5e-7;

const TRUTHS: Readonly<Record<ImageCase["operation"], string>> = {
  resample: "resampling equals PIL's, whole images and boxes, larger and smaller",
  blur: "a Gaussian blur equals scipy's with mirrored edges",
  rotate: "a rotation equals scipy's bilinear one with mirrored edges",
};

for (const [operation, truth] of Object.entries(TRUTHS)) {
  test(truth, () => {
    const chosen = cases.filter((one) => one.operation === operation);
    assert.ok(chosen.length >= 4);
    for (const one of chosen) {
      const difference = largestDifference(resultOf(one, fixture.tensors), imageFrom(fixture.tensors, one.name));
      assert.ok(difference <= TOLERANCE, `${one.name}: differs by up to ${difference}`);
    }
  });
}
