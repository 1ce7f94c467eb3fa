// The drawn sky against published counts, sizes and brightness (simulator specification, sections 2.1 and 2.2).
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import {
  euclideanCounts,
  medianSizeArcsec,
  sampleSizeArcsec,
  sampleSpectralIndex,
  skyTemperature,
  sourceCounts,
} from "#sky/simulator";

const near = (got: number, expected: number, fraction: number) =>
  assert.ok(Math.abs(got / expected - 1) <= fraction, `${got}, not ${expected}`);

test("sources per square degree at 1.4 and 1.28 GHz are those that the table was published to give", () => {
  const at1400 = sourceCounts(1.4e9, 1e-7, 30);
  const listed: readonly (readonly [number, number])[] = [
    [1e-6, 91000],
    [1e-5, 15670],
    [2e-5, 7310],
    [5e-5, 2367],
    [1e-4, 983],
    [2e-4, 425],
    [5e-4, 162],
    [7.5e-4, 112],
    [1e-3, 88.6],
    [2.5e-3, 44.4],
    [1e-2, 15.8],
    [0.1, 1.64],
  ];
  for (const [flux, expected] of listed) near(at1400.brighterPerSqDeg(flux), expected, 0.01);
  near(at1400.brighterPerSqDeg(1), 0.05, 0.1);
  const at1280 = sourceCounts(1.28e9, 1e-7, 30);
  for (const [flux, expected] of [
    [1e-6, 94700],
    [1e-5, 16680],
    [2e-5, 7880],
    [5e-5, 2562],
    [1e-4, 1064],
  ] as const) {
    near(at1280.brighterPerSqDeg(flux), expected, 0.01);
  }
});

test("between 0.1 and 100 mJy the counts are Hopkins et al.'s polynomial within 0.03 dex", () => {
  const coefficients = [0.859, 0.508, 0.376, -0.049, -0.121, 0.057, -0.008]; // Hopkins et al. 2003
  for (let logMilli = -1; logMilli <= 2; logMilli += 0.125) {
    const polynomial = coefficients.reduce((sum, coefficient, power) => sum + coefficient * logMilli ** power, 0);
    const got = Math.log10(euclideanCounts(10 ** (logMilli - 3)));
    assert.ok(Math.abs(got - polynomial) < 0.03, `at 10^${logMilli} mJy: ${got}, Hopkins ${polynomial}`);
  }
});

test("all sources together make the sky 0.106 K bright at 1.4 GHz, as DEEP2 and MIGHTEE find", () => {
  near(skyTemperature(), 0.1056, 0.01);
});

test("drawn fluxes follow the counts: every bin within four standard deviations", () => {
  const counts = sourceCounts(1.28e9, 1e-6, 10);
  const random = randomFor(1, "fluxes");
  const number = 200_000;
  const fluxes = Float64Array.from({ length: number }, () => counts.fluxAt(random.uniform()));
  const edges = Array.from({ length: 13 }, (_, index) => 1e-6 * 10 ** (index / 3));
  for (const [index, low] of edges.slice(0, -1).entries()) {
    const high = edges[index + 1]!;
    const share = (counts.brighterPerSqDeg(low) - counts.brighterPerSqDeg(high)) / counts.perSqDeg;
    const found = fluxes.reduce((sum, flux) => sum + (flux >= low && flux < high ? 1 : 0), 0);
    const expected = share * number;
    assert.ok(Math.abs(found - expected) < 4 * Math.sqrt(expected), `${low} Jy: ${found}, not ${expected}`);
  }
  assert.equal(counts.fluxAt(0) > counts.fluxAt(0.5), true);
});

test("limits of counts in the wrong order are refused", () => {
  assert.throws(
    () => sourceCounts(1.4e9, 1, 0.1),
    /^RangeError: source counts: expected limits with 0 < min < max, got 1 and 0.1 Jy\.$/,
  );
});

test("sizes follow Windhorst's law: median 2 arcsec at 1 mJy, and its tail", () => {
  near(medianSizeArcsec(1e-3), 2, 1e-12);
  near(medianSizeArcsec(1e-2), 2 * 10 ** 0.3, 1e-12);
  const random = randomFor(2, "sizes");
  const sizes = Float64Array.from({ length: 40_000 }, () => sampleSizeArcsec(1e-3, random)).sort();
  for (const size of [0.5, 2, 6, 15]) {
    const expected = Math.exp(-Math.LN2 * (size / 2) ** 0.62);
    const share = sizes.filter((one) => one > size).length / sizes.length;
    assert.ok(
      Math.abs(share - expected) < 4 * Math.sqrt((expected * (1 - expected)) / sizes.length),
      `${size}": ${share}, not ${expected}`,
    );
  }
});

test("a field has some 69 sources above 0.1 mJy larger than 15 arcsec, as counts and sizes together expect", () => {
  // Integral of counts times tail over 1.44 square degrees (specification, section 2.2), by plain steps in ln S.
  const counts = sourceCounts(1.4e9, 1e-4, 10);
  let expected = 0;
  for (let flux = 1e-4; flux < 10; flux *= 1.01) {
    const number = counts.brighterPerSqDeg(flux) - counts.brighterPerSqDeg(flux * 1.01);
    expected += 1.44 * number * Math.exp(-Math.LN2 * (15 / medianSizeArcsec(flux)) ** 0.62);
  }
  near(expected, 69, 0.05);
});

test("spectral indices scatter by 0.25 about -0.7, and a seventh of the bright sources is flat", () => {
  const random = randomFor(3, "spectra");
  const draw = (flux: number) => Float64Array.from({ length: 20_000 }, () => sampleSpectralIndex(flux, random));
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const faint = draw(1e-4);
  assert.ok(Math.abs(mean(faint) + 0.7) < 0.01);
  near(Math.sqrt(mean(faint.map((value) => (value + 0.7) ** 2))), 0.25, 0.03);
  assert.ok(Math.abs(mean(draw(1e-2)) - (-0.7 * 0.85 - 0.1 * 0.15)) < 0.01);
});
