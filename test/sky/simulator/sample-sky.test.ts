// The population of a field: morphologies by size and flux, clusters, clustering (simulator specification, section 5).
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DIFFUSE_KINDS,
  fieldGeometryOf,
  MGCLS_SKY,
  RADIO_GALAXY_KINDS,
  type SkyConfig,
  sampleFieldFacts,
  sampleSky,
} from "#sky/simulator";

const objectsOf = (change: Partial<SkyConfig>, fieldIndex = 0) => {
  const config: SkyConfig = { ...MGCLS_SKY, dataQualityFlag: 0, minFluxJy: 2e-5, clusterProbability: 0, ...change };
  return sampleSky(config, sampleFieldFacts(config, 1, fieldIndex), fieldGeometryOf(config));
};

const whole = objectsOf({});
const areaSqDeg = ((4096 * 1.25) / 3600) ** 2;

test("a whole field has the counts' number of sources, within four standard deviations", () => {
  const expected = 7880 * areaSqDeg;
  // Clustering of rms 0.1 over some hundred independent patches adds a percent.
  assert.ok(
    Math.abs(whole.length - expected) < 4 * Math.hypot(Math.sqrt(expected), 0.01 * expected),
    `${whole.length}, not ${expected}`,
  );
});

test("sources larger than 12 arcsec and brighter than 0.2 mJy are radio galaxies, some 62 in 1.44 square degrees", () => {
  const galaxies = whole.filter(({ kind }) => (RADIO_GALAXY_KINDS as readonly string[]).includes(kind));
  const per144 = (galaxies.length * 1.44) / areaSqDeg;
  assert.ok(Math.abs(per144 - 62) < 4 * Math.sqrt(62), `${per144}`);
  assert.ok(galaxies.every(({ largestSizeArcsec, fluxJy }) => largestSizeArcsec > 12 && fluxJy > 2e-4));
  for (const { kind, components, largestSizeArcsec } of whole) {
    if (kind === "point") assert.ok(components.length === 1 && components[0]!.majorArcsec === 0);
    if (kind === "gauss")
      assert.ok(largestSizeArcsec <= 32 && components[0]!.minorArcsec >= 0.4 * components[0]!.majorArcsec - 1e-9);
  }
});

test("a good field has no source of more than 100 mJy as the primary beam lets it through", () => {
  const geometry = fieldGeometryOf(MGCLS_SKY);
  assert.ok(whole.every(({ x, y, fluxJy }) => fluxJy * geometry.powerAt(x, y) <= 0.1));
});

test("a cluster brings one diffuse source near the middle and ten to forty galaxies within three arcminutes", () => {
  const config = { clusterProbability: 1, fieldSize: 721 };
  for (const fieldIndex of [0, 1, 2, 3]) {
    const members = objectsOf(config, fieldIndex).filter(({ isInCluster }) => isInCluster);
    const diffuse = members.filter(({ kind }) => (DIFFUSE_KINDS as readonly string[]).includes(kind));
    assert.equal(diffuse.length, 1);
    const galaxies = members.filter(({ id }) => id.startsWith("C"));
    assert.ok(galaxies.length >= 10 && galaxies.length <= 40, `${galaxies.length}`);
    for (const { x, y } of galaxies) assert.ok(Math.hypot(x - 360, y - 360) * 1.25 < 180 + 60 + 1e-6);
  }
  assert.ok(objectsOf({ fieldSize: 721 }).every(({ isInCluster }) => !isInCluster));
});

test("clustering makes counts in cells scatter more than Poisson's", () => {
  const scatter = (clusteringRms: number) => {
    const cells = new Map<number, number>();
    for (const { x, y } of objectsOf({ clusteringRms, minFluxJy: 5e-6 })) {
      const [column, row] = [Math.floor((x + 319.5) / 256), Math.floor((y + 319.5) / 256)];
      cells.set(row * 16 + column, (cells.get(row * 16 + column) ?? 0) + 1);
    }
    const values = [...cells.values()];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length / mean;
  };
  assert.ok(Math.abs(scatter(0) - 1) < 0.3, `${scatter(0)}`);
  assert.ok(scatter(0.3) > 5, `${scatter(0.3)}`);
});
