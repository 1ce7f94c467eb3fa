// The ratio that tells FRI from FRII: by two spots whose distance is known, and over many galaxies of each class.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { formatTruthLines, truthHeading } from "../../../src/sky/simulator/format-truth.ts";
import { separationOverExtent } from "../../../src/sky/simulator/peak-separation.ts";
import { sampleRadioGalaxy } from "../../../src/sky/simulator/radio-galaxy.ts";
import type { SimulatedField } from "../../../src/sky/simulator/simulate-field.ts";
import { roundGaussian } from "../../../src/sky/simulator/sky-object.ts";

const spots = (distance: number) => ({
  components: [roundGaussian(0, 0, 0, 0), roundGaussian(-distance / 2, 0, 1, 2), roundGaussian(distance / 2, 0, 0.8, 2)],
  coreFraction: 0,
  largestSizeArcsec: 40,
});

test("two spots far apart stand apart by their distance, two within a beam are one peak, and what has no arms has no ratio", () => {
  assert.ok(Math.abs(separationOverExtent(spots(30), 5.4)! - 30 / 40) < 0.04);
  assert.ok(Math.abs(separationOverExtent(spots(20), 5.4)! - 20 / 40) < 0.04);
  // Equal Gaussians are told apart from a distance of 2 sigma = 0.85 FWHM on.
  assert.equal(separationOverExtent(spots(3), 5.4), 0);
  assert.equal(separationOverExtent({ ...spots(30), coreFraction: null }, 5.4), null);
});

/** Medians at FIRST's beam, of MiraBest's sizes of each class. */
function medianOf(kind: "FRI" | "FRII", medianSizeArcsec: number, spread: number): number {
  const random = randomFor(15, kind);
  const ratios = Array.from({ length: 400 }, () => {
    const largestSizeArcsec = medianSizeArcsec * Math.exp(spread * random.normal());
    return separationOverExtent(
      { ...sampleRadioGalaxy(kind, { largestSizeArcsec, fluxJy: 0.1 }, random), largestSizeArcsec },
      5.4,
    )!;
  });
  return ratios.toSorted((a, b) => a - b)[200]!;
}

test("peaks of FRII stand apart by most of their extent, those of FRI by a small part of it", () => {
  const [first, second] = [medianOf("FRI", 64, 0.59), medianOf("FRII", 30.6, 0.89)];
  assert.ok(first < 0.35 && second > 0.5 && second < 0.9, `${first}, ${second}`);
});

test("truth.csv has the ratio under the field's own beam, and an empty cell for points", () => {
  const known = { raDeg: 1, decDeg: 2, x: 3, y: 4, fluxJy: 1, apparentFluxJy: 1, spectralIndex: -0.7, isInCluster: false };
  const beamDeg = 5.4 / 3600;
  const field = {
    name: "f",
    beam: { majorDeg: 2 * beamDeg, minorDeg: beamDeg / 2, positionAngleDeg: 0 },
    errorSources: [],
    truth: [
      { ...known, ...spots(30), id: "1", kind: "FRII" },
      { ...known, ...spots(0), id: "2", kind: "point", coreFraction: null },
    ],
  } as unknown as SimulatedField; // all that the table looks at
  const column = truthHeading().split(",").indexOf("sepExt");
  const cells = formatTruthLines(field)
    .trim()
    .split("\n")
    .map((line) => line.split(",")[column]);
  assert.deepEqual(cells, [String(Number(separationOverExtent(spots(30), 5.4)!.toPrecision(6))), ""]);
});
