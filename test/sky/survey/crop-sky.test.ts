import assert from "node:assert/strict";
import { test } from "node:test";
import { fitsHeader, wcsOf } from "#sky/fits";
import { cropSky } from "#sky/survey";

const CARDS = [
  ["NAXIS", 2],
  ["CTYPE1", "RA---SIN"],
  ["CRPIX1", 101],
  ["CRVAL1", 0.01],
  ["CDELT1", -0.001],
  ["CTYPE2", "DEC--SIN"],
  ["CRPIX2", 101],
  ["CRVAL2", -30],
  ["CDELT2", 0.001],
] as const;

test("a crop's centre and outer corners are where astropy puts them, RA on both sides of 0", () => {
  const wcs = wcsOf(fitsHeader(CARDS.map(([keyword, value]) => ({ keyword, value }))));
  const { raDeg, decDeg, cornersRaDeg, cornersDecDeg } = cropSky(wcs, { y0: 90, x0: 110 }, 4);
  // astropy 5.2: WCS.wcs_pix2world at the centre (111.5, 91.5) and (109.5, 89.5), (113.5, 89.5), (113.5, 93.5), (109.5, 93.5).
  const expectedRa = [359.99671980616245, 359.9990291839176, 359.99440989291134, 359.994410521499, 359.9990296262571];
  const expectedDec = [-30.008499333654715, -30.010499545301208, -30.010499081725623, -30.006499081717827, -30.006499545274718];
  for (const [index, value] of [raDeg, ...cornersRaDeg!].entries()) assert.ok(Math.abs(value! - expectedRa[index]!) < 1e-9);
  for (const [index, value] of [decDeg, ...cornersDecDeg!].entries()) assert.ok(Math.abs(value! - expectedDec[index]!) < 1e-9);
});

test("a crop of a field without world coordinates is nowhere", () => {
  assert.deepEqual(cropSky(undefined, { y0: 0, x0: 0 }, 4), {
    raDeg: null,
    decDeg: null,
    cornersRaDeg: null,
    cornersDecDeg: null,
  });
});
