// Radio galaxies and diffuse sources: fluxes add up, sizes hold, and the classes look like their namesakes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import {
  DIFFUSE_KINDS,
  RADIO_GALAXY_KINDS,
  type RadioGalaxyKind,
  type SkyGaussian,
  sampleDiffuseSource,
  sampleRadioGalaxy,
} from "#sky/simulator";

const NUM_DRAWS = 200;
const SCALE = { largestSizeArcsec: 60, fluxJy: 0.05 };

const galaxies = (kind: RadioGalaxyKind) =>
  Array.from({ length: NUM_DRAWS }, (_, draw) => sampleRadioGalaxy(kind, SCALE, randomFor(1, `galaxy ${kind}`, draw)));

const total = (components: readonly SkyGaussian[]) => components.reduce((sum, { fluxJy }) => sum + fluxJy, 0);
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

test("a radio galaxy's components share its flux, none of them negative, its core as large as it says", () => {
  for (const kind of RADIO_GALAXY_KINDS) {
    for (const { components, coreFraction } of galaxies(kind)) {
      assert.ok(Math.abs(total(components) / SCALE.fluxJy - 1) < 1e-9, kind);
      assert.ok(components.every(({ fluxJy, majorArcsec }) => fluxJy >= 0 && majorArcsec >= 0));
      const [core] = components;
      assert.deepEqual([core!.eastArcsec, core!.northArcsec, core!.majorArcsec], [0, 0, 0]);
      assert.ok(Math.abs(core!.fluxJy / SCALE.fluxJy - coreFraction) < 1e-12);
    }
  }
});

test("a galaxy's arms together reach the size asked for, bent ones measured along the arms", () => {
  for (const kind of RADIO_GALAXY_KINDS) {
    const extents = galaxies(kind).map(({ components }) => {
      const places = components.map(({ eastArcsec, northArcsec }) => [eastArcsec, northArcsec] as const);
      return Math.max(...places.flatMap((a) => places.map((b) => Math.hypot(a[0] - b[0], a[1] - b[1]))));
    });
    assert.ok(
      median(extents) > 0.4 * SCALE.largestSizeArcsec && median(extents) < 1.1 * SCALE.largestSizeArcsec,
      `${kind} ${median(extents)}`,
    );
    assert.ok(Math.max(...extents) < 2 * SCALE.largestSizeArcsec, kind);
  }
});

/** Mean distance of an arm's flux from the core, over the size: what sets FRII from FRI. */
const reachOf = ({ components }: { readonly components: readonly SkyGaussian[] }) => {
  const arms = components.slice(1);
  return (
    arms.reduce((sum, one) => sum + one.fluxJy * Math.hypot(one.eastArcsec, one.northArcsec), 0) /
    total(arms) /
    (SCALE.largestSizeArcsec / 2)
  );
};

test("FRII galaxies carry their flux further out than FRI galaxies, and hybrids lie between", () => {
  const [first, second, hybrid] = (["FRI", "FRII", "HYB"] as const).map((kind) => median(galaxies(kind).map(reachOf)));
  assert.ok(first! < 0.6 && second! > 0.65, `FRI ${first}, FRII ${second}`);
  assert.ok(hybrid! > first! && hybrid! < second!, `hybrid ${hybrid}`);
});

test("the arms of straight galaxies point apart, those of wide tails less so, of narrow tails hardly", () => {
  /** Angle between the two arms' ends, degrees. */
  const opening = ({ components }: { readonly components: readonly SkyGaussian[] }) => {
    const arms = components.slice(1);
    const [one, two] = [arms[arms.length / 2 - 1]!, arms.at(-1)!];
    const cosine =
      (one.eastArcsec * two.eastArcsec + one.northArcsec * two.northArcsec) /
      (Math.hypot(one.eastArcsec, one.northArcsec) * Math.hypot(two.eastArcsec, two.northArcsec));
    return (Math.acos(cosine) * 180) / Math.PI;
  };
  const [straight, wide, narrow] = (["FRI", "WAT", "NAT"] as const).map((kind) => median(galaxies(kind).map(opening)));
  assert.ok(straight! > 160, `${straight}`);
  assert.ok(wide! > 80 && wide! < 140, `${wide}`);
  assert.ok(narrow! < 75, `${narrow}`);
});

test("a one-sided galaxy has all of its arm on one side of the core", () => {
  for (const { components } of galaxies("other")) {
    const [far] = components.toSorted(
      (a, b) => Math.hypot(b.eastArcsec, b.northArcsec) - Math.hypot(a.eastArcsec, a.northArcsec),
    );
    const sides = components.slice(1).map((one) => one.eastArcsec * far!.eastArcsec + one.northArcsec * far!.northArcsec);
    assert.ok(sides.every((side) => side > 0));
  }
});

test("diffuse sources keep their flux, are steep, and relics stand three to twelve arcminutes out", () => {
  for (const kind of DIFFUSE_KINDS) {
    const draws = Array.from({ length: NUM_DRAWS }, (_, draw) =>
      sampleDiffuseSource(kind, randomFor(2, `diffuse ${kind}`, draw)),
    );
    for (const { components, fluxJy } of draws) assert.ok(Math.abs(total(components) / fluxJy - 1) < 1e-9, kind);
    const index = draws.reduce((sum, { spectralIndex }) => sum + spectralIndex, 0) / NUM_DRAWS;
    assert.ok(Math.abs(index + 1.2) < 0.06, `${kind} ${index}`);
    const distances = draws.map(({ eastArcsec, northArcsec }) => Math.hypot(eastArcsec, northArcsec));
    if (kind === "relic") assert.ok(Math.min(...distances) >= 180 && Math.max(...distances) <= 720);
    else assert.ok(median(distances) < 20, kind);
  }
});

test("a halo's four Gaussians are an exponential disc: 1/e of the centre's brightness at its scale radius", () => {
  // Patchiness moves single draws: the mean profile of many round ones is compared with exp(-r / r_e).
  const ratios = Array.from({ length: 400 }, (_, draw) => {
    const { components, fluxJy, largestSizeArcsec } = sampleDiffuseSource("halo", randomFor(4, "halo", draw));
    const radius = largestSizeArcsec / 6;
    // Flux within an ellipse does not know the axis ratio: share inside the radii where an exponential disc has 26 % and 80 %.
    const inside = (reach: number) =>
      components.reduce((sum, one) => {
        const sigma = Math.sqrt(one.majorArcsec * one.minorArcsec) / (2 * Math.sqrt(2 * Math.LN2));
        return sum + (one.fluxJy / fluxJy) * (1 - Math.exp(-0.5 * ((reach * radius) / sigma) ** 2));
      }, 0);
    return [inside(1), inside(3)] as const;
  });
  const disc = (reach: number) => 1 - (1 + reach) * Math.exp(-reach);
  const mean = (which: 0 | 1) => ratios.reduce((sum, one) => sum + one[which], 0) / ratios.length;
  assert.ok(Math.abs(mean(0) - disc(1)) < 0.02, `${mean(0)}, not ${disc(1)}`);
  assert.ok(Math.abs(mean(1) - disc(3)) < 0.02, `${mean(1)}, not ${disc(3)}`);
});
