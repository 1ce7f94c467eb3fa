// The scalings of the paper's section 2.4: fixed values, and what can be undone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import {
  bendFlux,
  contrastStretch,
  type FluxCurve,
  imageOf,
  measureScaling,
  SCALING_NAMES,
  scaleFlux,
  undoBendFlux,
  undoScaleFlux,
  zscaleLimits,
} from "#base/image";

const settings = { lowPercentile: 2, highPercentile: 98, softening: 2e-5, exponent: 0.5 };

/** Noise with a few sources, in Jy/beam. */
function fieldLike(): Float32Array {
  const random = randomFor(4, "scaling");
  return Float32Array.from(
    { length: 5000 },
    (_, index) => 1e-5 * random.normal() + (index % 97 === 0 ? 0.01 * random.uniform() ** 3 : 0),
  );
}

const close = (got: number, wanted: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(got - wanted) <= tolerance, `${what}: expected ${wanted}, got ${got}`);

test("zscale limits of a ramp, of a ramp with a spike, and of a few numbers are astropy's", () => {
  // ZScaleInterval().get_limits of astropy 5.2.1 on the same float32 arrays.
  const ramp = Float32Array.from({ length: 3000 }, (_, index) => index);
  assert.deepEqual(zscaleLimits(ramp), { lowFlux: 0, highFlux: 2997 });
  const spiked = Float32Array.from({ length: 1000 }, (_, index) => (index % 100 === 0 ? 1e6 : Math.sin(index)));
  const limits = zscaleLimits(spiked);
  close(limits.lowFlux, -0.9999903440475464, 1e-9, "low");
  close(limits.highFlux, 5.041878528126781, 1e-9, "high");
  assert.deepEqual(zscaleLimits(Float32Array.of(3, Number.NaN, 1, Number.POSITIVE_INFINITY)), { lowFlux: 1, highFlux: 3 });
  assert.throws(() => zscaleLimits(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY)), {
    name: "RangeError",
    message: "zscale: expected at least one finite value, got none among 2.",
  });
});

test("a linear scaling is the contrast stretch, bit for bit", () => {
  const image = imageOf(50, 100, fieldLike());
  const limits = { lowFlux: -1e-5, highFlux: 3e-5 };
  assert.deepEqual(scaleFlux(image, { ...limits, curve: { kind: "linear" } }), contrastStretch(image, limits));
});

test("arcsinh of an image and its square root have the values of the formulae", () => {
  const image = imageOf(1, 4, Float32Array.of(-1, 0, 1, 3));
  const arcsinh = bendFlux(image, { kind: "arcsinh", softening: 1 }).pixels;
  // ln(x + sqrt(x^2 + 1))
  [-0.881373587019543, 0, 0.881373587019543, 1.8184464592320668].forEach(
    (value, index) => void close(arcsinh[index]!, value, 1e-7, `arcsinh ${index}`),
  );
  const root = bendFlux(image, { kind: "power-law", exponent: 0.5 }).pixels;
  [-1, 0, 1, 1.7320508075688772].forEach((value, index) => void close(root[index]!, value, 1e-7, `power law ${index}`));
  const scaled = scaleFlux(image, { lowFlux: -1, highFlux: 3, curve: { kind: "power-law", exponent: 0.5 } }).pixels;
  [0, 1 / 2.7320508075688772, 2 / 2.7320508075688772, 1].forEach(
    (value, index) => void close(scaled[index]!, value, 1e-7, `scaled ${index}`),
  );
});

test("arcsinh and power law without limits are undone everywhere", () => {
  const image = imageOf(1, 5000, fieldLike());
  const curves: readonly FluxCurve[] = [
    { kind: "arcsinh", softening: 1 },
    { kind: "arcsinh", softening: 1e-5 },
    { kind: "power-law", exponent: 0.5 },
    { kind: "power-law", exponent: 1 / 3 },
  ];
  for (const curve of curves) {
    const back = undoBendFlux(bendFlux(image, curve), curve).pixels;
    image.pixels.forEach(
      (flux, index) => void close(back[index]!, flux, 2e-6 * Math.abs(flux) + 1e-12, `${curve.kind} ${index}`),
    );
  }
});

test("every scaling rises from 0 to 1 and is undone inside its limits; arcsinh, power law and min-max clip nothing", () => {
  const pixels = fieldLike().sort();
  const image = imageOf(1, pixels.length, pixels);
  for (const name of SCALING_NAMES) {
    const scaling = measureScaling(pixels, name, settings);
    const scaled = scaleFlux(image, scaling);
    const back = undoScaleFlux(scaled, scaling).pixels;
    const range = scaling.highFlux - scaling.lowFlux;
    let numClipped = 0;
    pixels.forEach((flux, index) => {
      const value = scaled.pixels[index]!;
      assert.ok(value >= 0 && value <= 1, `${name}: ${value}`);
      if (index > 0) assert.ok(value >= scaled.pixels[index - 1]!, `${name} rises`);
      const inside = Math.min(Math.max(flux, scaling.lowFlux), scaling.highFlux);
      if (inside !== flux) numClipped += 1;
      close(back[index]!, inside, 1e-6 * range, `${name} of ${flux}`);
    });
    const clips = name === "contrast-stretch" || name === "zscale";
    assert.equal(numClipped > 0, clips, `${name} clips ${numClipped} pixels`);
    assert.deepEqual([scaled.pixels[0], scaled.pixels.at(-1)], [0, 1], name);
  }
});

test("NaN stays NaN in every scaling", () => {
  const pixels = Float32Array.of(1, Number.NaN, 2, 3, 4, 5, 6);
  for (const name of SCALING_NAMES) {
    const scaled = scaleFlux(imageOf(1, 7, pixels), measureScaling(pixels, name, settings));
    assert.deepEqual([...scaled.pixels].map(Number.isNaN), [false, true, false, false, false, false, false], name);
  }
});

test("limits that do not ascend and curves that cannot be are refused", () => {
  const image = imageOf(1, 1, Float32Array.of(1));
  const refuses = (limits: readonly [number, number], curve: FluxCurve, message: string) =>
    assert.throws(() => scaleFlux(image, { lowFlux: limits[0], highFlux: limits[1], curve }), { name: "RangeError", message });
  refuses(
    [1, 1],
    { kind: "linear" },
    "scaling: expected lowFlux below highFlux, got 1 and 1. An image that is all one value has no scale.",
  );
  refuses([0, 1], { kind: "arcsinh", softening: 0 }, "scaling: arcsinh: expected a softening flux above 0, got 0.");
  refuses([0, 1], { kind: "power-law", exponent: -1 }, "scaling: power law: expected an exponent above 0, got -1.");
  assert.throws(() => undoBendFlux(image, { kind: "power-law", exponent: Number.NaN }), {
    message: "scaling: power law: expected an exponent above 0, got NaN.",
  });
});
