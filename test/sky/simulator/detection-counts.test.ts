// Completeness and purity: peaks by a plain search, laws of the curves, and counts that add up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { detectionCounts, MGCLS_SKY, type SkyConfig, simulateField, summedDetections } from "#sky/simulator";

const CONFIG: SkyConfig = { ...MGCLS_SKY, fieldSize: 961, dataQualityFlag: 0, clusterProbability: 0 };
const bins = summedDetections([1, 2].map((seed) => detectionCounts(simulateField(CONFIG, seed, 0), CONFIG)));
const at = (low: number) => bins.find((bin) => bin.low === low)!;

test("bins join each other from 3 to 20, and nothing is found more often than it is there", () => {
  assert.deepEqual([bins[0]!.low, bins.at(-1)!.high], [3, 20]);
  for (const [index, bin] of bins.entries()) {
    if (index > 0) assert.equal(bin.low, bins[index - 1]!.high);
    assert.ok(bin.numFound <= bin.numTrue && bin.numReal <= bin.numPeaks);
    assert.ok(bin.numTrue > 30 && bin.numPeaks > 30, JSON.stringify(bin));
  }
});

test("sources far below the threshold are missed, at it half are found, and bright ones nearly all", () => {
  const share = (low: number) => at(low).numFound / at(low).numTrue;
  assert.ok(share(3) < 0.25, `${share(3)}`);
  // Noise lifts as many over 5 rms as it sinks; a neighbour's flux lifts more.
  assert.ok(share(4.5) > 0.25 && share(5.5) > 0.5 && share(5.5) < 0.95, `${share(4.5)}, ${share(5.5)}`);
  assert.ok(share(10) > 0.93 && share(14) > 0.93, `${share(10)}, ${share(14)}`);
});

test("peaks of many rms are sources, and purity falls towards the noise", () => {
  const purity = (low: number) => at(low).numReal / at(low).numPeaks;
  assert.ok(purity(10) > 0.97 && purity(14) > 0.97, `${purity(10)}, ${purity(14)}`);
  // Faint sources are so many that most peaks of 3 rms stand on one.
  assert.ok(purity(3) < purity(5) - 0.02 && purity(3) < 0.97, `${purity(3)}, ${purity(5)}`);
});

test("an image of noise alone has peaks at 3 rms and none of them is real", () => {
  // One source, far below the noise: the truth is there, and explains no peak.
  const empty: SkyConfig = { ...CONFIG, minFluxJy: 1e-9, maxFluxJy: 1.0001e-9, densityFactor: [1e-9, 1e-9], fieldSize: 449 };
  const counts = detectionCounts(simulateField(empty, 1, 0), empty);
  assert.equal(
    counts.reduce((sum, bin) => sum + bin.numTrue + bin.numReal + bin.numFound, 0),
    0,
  );
  assert.ok(counts[0]!.numPeaks > 5, `${counts[0]!.numPeaks}`);
  assert.equal(
    counts.filter(({ low }) => low >= 6).reduce((sum, bin) => sum + bin.numPeaks, 0),
    0,
  );
});
