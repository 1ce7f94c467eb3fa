// MeerKAT's uv plane against its published layout, and beam and noise against what wsclean makes of the same observation.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { randomFor } from "#base/array";
import {
  baselineTracks,
  briggsWeights,
  dirtyBeam,
  dirtyBeamCore,
  fittedBeam,
  gaussianOfLobe,
  imageOfUvValues,
  imageRmsOf,
  MEERKAT_DISHES,
  meerkatObservation,
  mirrorOf,
  pairsOf,
  uvGrid,
  uvNoise,
  uvNoiseCorrelation,
} from "#sky/instrument";
import { projectRoot, realData } from "../../real-data.ts";

interface WscleanBeam {
  readonly size: number;
  readonly reach: number;
  readonly dirtyBeam: readonly number[];
  readonly beamArcsec: readonly [number, number, number];
  readonly noiseRmsOfUnitVisibilities: number;
  readonly lags: readonly number[];
  readonly noiseCorrelationWest: readonly number[];
  readonly noiseCorrelationNorth: readonly number[];
}

const wsclean = JSON.parse(
  readFileSync(join(projectRoot, "test", "fixtures", "instrument", "wsclean-beam.json"), "utf8"),
) as WscleanBeam; // made by test/reference/wsclean_beam.py

const grid = uvGrid(meerkatObservation(-40), { size: wsclean.size, pixelScaleDeg: 1.25 / 3600 });
const weights = briggsWeights(grid, 0);

const distance = (first: readonly number[], second: readonly number[]) =>
  Math.hypot(...first.map((value, axis) => value - second[axis]!));

test("MeerKAT's 64 dishes make 2016 baselines from 29.3 to 7697.6 m, half of them below a kilometre", () => {
  const lengths = pairsOf(64)
    .map(([first, second]) => distance(MEERKAT_DISHES[first]!, MEERKAT_DISHES[second]!))
    .toSorted((a, b) => a - b);
  assert.equal(lengths.length, 2016);
  assert.ok(Math.abs(lengths[0]! - 29.3) < 0.1, `${lengths[0]}`);
  assert.ok(Math.abs(lengths.at(-1)! - 7697.6) < 0.1, `${lengths.at(-1)}`);
  assert.equal(Math.round(lengths[1008]!), 958);
  assert.equal(Math.round((100 * lengths.filter((length) => length < 1000).length) / 2016), 51);
});

const antennas = realData("meerkat_antennas.csv");

test("the dishes stand as far apart as their published geocentric coordinates say", { skip: antennas.skip }, () => {
  const lines = readFileSync(antennas.path, "utf8").split("\n");
  const rows = lines.filter((line) => /^m\d{3},/.test(line)).map((line) => line.split(",").slice(4, 7).map(Number));
  assert.equal(rows.length, 64);
  for (const [first, second] of pairsOf(64)) {
    const [expected, got] = [distance(rows[first]!, rows[second]!), distance(MEERKAT_DISHES[first]!, MEERKAT_DISHES[second]!)];
    assert.ok(Math.abs(expected - got) < 0.1, `m${first} to m${second}: expected ${expected} m, got ${got} m`);
  }
});

test("no baseline is longer in u and v than on the ground, and seen from the pole its track is a circle", () => {
  const observation = meerkatObservation(-40);
  const { u, v, pairs } = baselineTracks(observation);
  assert.equal(u.length, 48 * 2016);
  for (const [pair, [first, second]] of pairs.entries()) {
    const length = distance(MEERKAT_DISHES[first]!, MEERKAT_DISHES[second]!);
    const seen = [0, 12, 47].map((step) => Math.hypot(u[step * pairs.length + pair]!, v[step * pairs.length + pair]!));
    for (const one of seen) assert.ok(one > 0 && one <= length + 1e-6, `pair ${pair}: ${one} m of ${length} m`);
  }
  // A source at the pole sees the array turn without foreshortening of u: its tracks are circles.
  const polar = baselineTracks({ ...observation, declinationDeg: 90 });
  for (const pair of [0, 700, 2015]) {
    const radii = [0, 20, 47].map((step) => Math.hypot(polar.u[step * 2016 + pair]!, polar.v[step * 2016 + pair]!));
    assert.ok(Math.max(...radii) - Math.min(...radii) < 1e-6, `pair ${pair}: ${radii}`);
  }
});

test("every visibility inside the grid is counted once, and a cell's mirror is the opposite frequency", () => {
  const { u, v } = grid.tracks;
  const perMetre = (frequency: number) => (frequency / 299792458) * grid.size * ((1.25 / 3600) * (Math.PI / 180));
  let inside = 0;
  for (const frequency of grid.observation.frequenciesHz) {
    for (let index = 0; index < u.length; index++) {
      const [column, row] = [Math.round(-u[index]! * perMetre(frequency)), Math.round(v[index]! * perMetre(frequency))];
      if (Math.max(Math.abs(column), Math.abs(row)) < 512 && (column !== 0 || row !== 0)) inside += 1;
    }
  }
  assert.equal(
    grid.counts.reduce((sum, count) => sum + count, 0),
    inside,
  );
  assert.equal(mirrorOf(3 * 1024 + 5, 1024), 1021 * 1024 + 1019);
  assert.equal(mirrorOf(7, 1024), 1017);
  assert.equal(mirrorOf(grid.mirrors[11]!, 1024), grid.cells[11]);
});

test("the dirty beam is wsclean's to half a percent of its peak", () => {
  const core = dirtyBeamCore(grid, weights, wsclean.reach);
  const greatest = Math.max(...core.map((value, place) => Math.abs(value - wsclean.dirtyBeam[place]!)));
  assert.ok(greatest <= 0.005, `differs by ${greatest}`);
  assert.ok(Math.abs(core[(core.length - 1) / 2]! - 1) < 1e-12);
});

test("the whole dirty beam holds the core that is summed directly, its centre at the first pixel", () => {
  const whole = dirtyBeam(grid, weights);
  const core = dirtyBeamCore(grid, weights, 6);
  for (let y = -6; y <= 6; y++) {
    for (let x = -6; x <= 6; x++) {
      const place = ((y + 1024) % 1024) * 1024 + ((x + 1024) % 1024);
      assert.ok(Math.abs(whole[place]! - core[(y + 6) * 13 + x + 6]!) < 1e-5, `${x}, ${y}`);
    }
  }
});

test("the restoring beam at robust 0 is wsclean's within five percent and six degrees", () => {
  const { majorDeg, minorDeg, positionAngleDeg } = fittedBeam(grid, weights);
  const [major, minor, angle] = wsclean.beamArcsec;
  assert.ok(Math.abs((majorDeg * 3600) / major - 1) < 0.05, `${majorDeg * 3600} of ${major}`);
  assert.ok(Math.abs((minorDeg * 3600) / minor - 1) < 0.05, `${minorDeg * 3600} of ${minor}`);
  // wsclean fits the lobe's values, we their logarithms above 0.4: of a lobe one tenth longer than wide the angle is soft.
  assert.ok(Math.abs(positionAngleDeg - angle) < 6, `${positionAngleDeg} of ${angle}`);
});

test("the fit of a lobe gives back a Gaussian's axes and angle, and refuses what is no lobe", () => {
  const [major, minor, angle] = [7, 5, 30];
  const reach = 8;
  const core = Float64Array.from({ length: 17 * 17 }, (_, place) => {
    const [west, north] = [(place % 17) - 8, Math.floor(place / 17) - 8];
    const along = -west * Math.sin((angle * Math.PI) / 180) + north * Math.cos((angle * Math.PI) / 180);
    const across = -west * Math.cos((angle * Math.PI) / 180) - north * Math.sin((angle * Math.PI) / 180);
    return Math.exp(-4 * Math.LN2 * ((along / major) ** 2 + (across / minor) ** 2));
  });
  const found = gaussianOfLobe(core, reach, 1 / 3600);
  assert.ok(Math.abs(found.majorDeg * 3600 - 7) < 1e-6 && Math.abs(found.minorDeg * 3600 - 5) < 1e-6);
  assert.ok(Math.abs(found.positionAngleDeg - 30) < 1e-6, `${found.positionAngleDeg}`);
  const spike = new Float64Array(17 * 17);
  spike[(17 * 17 - 1) / 2] = 1;
  assert.throws(() => gaussianOfLobe(spike, reach, 1 / 3600), /^RangeError: dirty beam: expected a main lobe of several pixels/);
});

test("less robust weights make sharper beams and noisier images", () => {
  const all = [-1.5, -0.5, 0.5, 2].map((robust) => {
    const chosen = briggsWeights(grid, robust);
    return { area: fittedBeam(grid, chosen).majorDeg * fittedBeam(grid, chosen).minorDeg, noise: chosen.noiseFactor };
  });
  for (const [place, { area, noise }] of all.slice(1).entries()) {
    assert.ok(area > all[place]!.area && noise < all[place]!.noise, JSON.stringify(all));
  }
  // Natural weighting loses nothing; Briggs' formula by hand for one cell.
  assert.ok(all[3]!.noise >= 1 && all[3]!.noise < 1.001, `${all[3]!.noise}`);
  const [sum, squares] = [grid.counts.reduce((a, b) => a + b, 0), grid.counts.reduce((a, b) => a + b * b, 0)];
  assert.ok(Math.abs(weights.perVisibility[5]! - 1 / (1 + (grid.counts[5]! * 25 * sum) / squares)) < 1e-12);
});

test("noise of unit visibilities has wsclean's rms within two percent, as published for the formula", () => {
  const { perVisibility } = weights;
  const [sum, squares] = [0, 1].map((power) =>
    grid.counts.reduce((total, count, slot) => total + count * perVisibility[slot]! ** (power + 1), 0),
  );
  const rms = Math.sqrt(squares!) / sum!;
  assert.ok(Math.abs(rms / wsclean.noiseRmsOfUnitVisibilities - 1) < 0.025, `${rms}`);
});

test("noise is Gaussian, of the rms asked for, and correlated as the weights say, which is as wsclean's is", () => {
  const values = uvNoise(grid, weights, 3e-6, randomFor(5, "noise"));
  const image = imageOfUvValues(grid, values);
  const [mean, square, fourth] = [1, 2, 4].map((power) => image.reduce((sum, value) => sum + value ** power, 0) / image.length);
  assert.ok(Math.abs(Math.sqrt(square!) / 3e-6 - 1) < 0.01, `${Math.sqrt(square!)}`);
  assert.ok(Math.abs(imageRmsOf(grid, values) / Math.sqrt(square!) - 1) < 1e-4);
  assert.ok(Math.abs(mean!) < 1e-9);
  assert.ok(Math.abs(fourth! / square! ** 2 - 3) < 0.05, `kurtosis ${fourth! / square! ** 2}`);
  for (const [index, lag] of wsclean.lags.entries()) {
    const expected = uvNoiseCorrelation(grid, weights, { x: lag, y: 0 });
    let drawn = 0;
    for (let place = 0; place < image.length; place++) {
      const column = place % 1024;
      drawn += image[place]! * image[place - column + ((column + lag) % 1024)]!;
    }
    assert.ok(Math.abs(drawn / image.length / square! - expected) < 0.02, `drawn at ${lag}`);
    // wsclean's is one draw over 852 pixels: it scatters by about 0.01.
    const north = uvNoiseCorrelation(grid, weights, { x: 0, y: lag });
    assert.ok(Math.abs(expected - wsclean.noiseCorrelationWest[index]!) < 0.03, `west ${lag}: ${expected}`);
    assert.ok(Math.abs(north - wsclean.noiseCorrelationNorth[index]!) < 0.03, `north ${lag}: ${north}`);
  }
  // Unlike noise convolved with the restoring beam: negative at one beam.
  assert.ok(uvNoiseCorrelation(grid, weights, { x: 6, y: 0 }) < -0.08);
});

test("an observation that no cell of the grid holds is refused, with what to do", () => {
  assert.throws(
    () => uvGrid(meerkatObservation(-40), { size: 64, pixelScaleDeg: 1e-7 }),
    /^RangeError: uv grid: expected visibilities inside 64 x 64 cells, got none\. Choose smaller pixels or a larger image\.$/,
  );
});
