// suricate catalogue: what DS9 and TOPCAT are given of anyone's list.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readCatalogue } from "#sky/catalogue/disk";
import { suricate } from "./suricate.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-catalogue-"));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
writeFileSync(at("mine.csv"), "ALPHA,DELTA,S20,W,N,ANGLE\n10.5,-30.25,2.5,8,6,45\n11,-31,1,,,\n");
const COLUMNS = "ra=ALPHA,dec=DELTA,flux=S20:mJy,major=W:arcsec,minor=N:arcsec,positionAngle=ANGLE";

test("a free table becomes regions at half maximum, a VOTable, and CSV that is read back as it was", async () => {
  const { status, stdout, stderr } = await suricate(
    folder,
    ...["catalogue", "mine.csv", "--columns", COLUMNS, "--out", "a.reg", "a.vot", "a.csv", "--json"],
  );
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "a.reg, a.vot, a.csv: 2 sources of mine.csv.\n");
  assert.equal(JSON.parse(stdout).sources, 2);
  const [ellipse, point] = readFileSync(at("a.reg"), "utf8").trim().split("\n").slice(-2);
  // DS9's radii are half the widths, its angle runs from west.
  const [, ra, dec, major, minor, angle] = /^ellipse\(([^,]+),([^,]+),([^"]+)",([^"]+)",([^)]+)\)/.exec(ellipse!)!.map(Number);
  for (const [value, expected] of [
    [ra, 10.5],
    [dec, -30.25],
    [major, 4],
    [minor, 3],
    [angle, 135],
  ])
    assert.ok(Math.abs(value! - expected!) < 1e-9, ellipse);
  assert.match(point!, /^point\(11,-31\)/);
  assert.ok(readFileSync(at("a.vot"), "utf8").includes("<VOTABLE"));
  const { sources } = readCatalogue(at("a.csv"));
  assert.deepEqual(
    sources.map(({ raDeg, decDeg, fluxJy }) => [raDeg, decDeg, fluxJy]),
    [
      [10.5, -30.25, 0.0025],
      [11, -31, 0.001],
    ],
  );
});

test("an ending that is no form is wrong usage, and nothing is written", async () => {
  const { status, stderr } = await suricate(folder, "catalogue", "mine.csv", "--out", "b.reg", "b.fits");
  assert.equal(status, 2);
  assert.match(stderr, /^suricate: ConfigError: catalogue: --out b\.fits: expected a name that ends in \.reg, \.vot, \.csv\.$/m);
  assert.ok(!existsSync(at("b.reg")));
});
