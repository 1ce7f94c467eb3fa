// Labels from a catalogue: fluxes, boxes, zones, coverage, and which crop owns what.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseColumnChoice } from "#sky/catalogue";
import type { CropRecord, CropSource } from "#sky/survey";
import { openCropSet, type PrepareOptions, prepareCropSet, readCropSources } from "#sky/survey/disk";
import { DEC_DEG, PIXEL_DEG, testFolder, writeField } from "./small-fields.ts";

const folder = testFolder();
let numSets = 0;

interface Prepared {
  readonly summary: Awaited<ReturnType<typeof prepareCropSet>>;
  readonly records: readonly CropRecord[];
  readonly sources: readonly CropSource[] | undefined;
}

async function prepared(options: Omit<PrepareOptions, "out">): Promise<Prepared> {
  const out = join(folder, `set-${numSets++}`);
  const summary = await prepareCropSet({ ...options, out });
  const set = await openCropSet(out);
  set.close();
  return { summary, records: set.records, sources: await readCropSources(out) };
}

/** A row: offset in pixels from the field's middle, and further cells. */
type Row = readonly [dx: number, dy: number, more?: string];

function writeSources(name: string, headings: string, rows: readonly Row[]): string {
  const lines = rows.map(([dx, dy, more]) => {
    const decDeg = DEC_DEG + dy * PIXEL_DEG;
    const raDeg = 10 - (dx * PIXEL_DEG) / Math.cos((decDeg * Math.PI) / 180);
    return `${raDeg},${decDeg}${more === undefined ? "" : `,${more}`}`;
  });
  const path = join(folder, name);
  writeFileSync(path, `${headings}\n${lines.join("\n")}\n`);
  return path;
}

const close = (got: number | null, wanted: number, share = 1e-6) =>
  assert.ok(got !== null && Math.abs(got - wanted) <= share * Math.abs(wanted), `expected ${wanted}, got ${got}`);

test("crops are labelled with the sum, mean and brightest flux, the mean size and the density of the sources that they show", async () => {
  const field = writeField(folder, "labelled", { height: 40, width: 40 });
  // Two in the lower left quarter (2 and 6 mJy; 7.2" x 5" and no size), none elsewhere but one without a flux, upper right.
  const catalogue = writeSources("labelled.csv", "ra,dec,flux_mJy,maj_arcsec,min_arcsec", [
    [-15, -15, "2,9,4"],
    [-2, -8, "6,,"],
    [7, 12, ",18,"],
  ]);
  const { records } = await prepared({ inputs: [field], cropSize: 20, catalogue });
  const [lowerLeft, lowerRight, , upperRight] = records;
  assert.deepEqual([lowerLeft!.sourceCount, lowerLeft!.shownSourceCount], [2, 2]);
  close(lowerLeft!.summedFluxJy, 0.008);
  close(lowerLeft!.meanFluxJy, 0.004);
  close(lowerLeft!.brightestFluxJy, 0.006);
  // The root of 9" x 4" is 6".
  close(lowerLeft!.meanSizeDeg, 6 / 3600);
  // A crop is 20 x 0.001 degrees wide.
  close(lowerLeft!.sourceDensityPerSqDeg, 2 / 0.02 ** 2);
  assert.deepEqual(
    [lowerRight!.sourceCount, lowerRight!.summedFluxJy, lowerRight!.meanFluxJy, lowerRight!.sourceDensityPerSqDeg],
    [0, 0, null, 0],
  );
  assert.deepEqual([upperRight!.summedFluxJy, upperRight!.meanFluxJy, upperRight!.brightestFluxJy], [null, null, null]);
  close(upperRight!.meanSizeDeg, 18 / 3600);
});

test("a source in an overlap is shown by every crop that holds it and owned by one of them", async () => {
  const field = writeField(folder, "overlapping", { height: 20, width: 30 });
  // Crops at x 0 to 19 and 10 to 29; the middle of the field is 14.5. At 12.5 the first crop's centre is nearer.
  const catalogue = writeSources("overlapping.csv", "ra,dec,flux_mJy,id", [
    [-2, 0, "4,both"],
    [12, 0, "1,one"],
  ]);
  const { records, sources, summary } = await prepared({ inputs: [field], cropSize: 20, catalogue });
  assert.deepEqual(
    records.map(({ sourceCount, shownSourceCount, summedFluxJy }) => [sourceCount, shownSourceCount, summedFluxJy]),
    [
      [1, 1, 0.004],
      [1, 2, 0.005],
    ],
  );
  assert.deepEqual(
    sources!.map(({ crop, source, isOwner }) => [crop, source, isOwner]),
    [
      ["overlapping-y0-x0", "both", true],
      ["overlapping-y0-x10", "both", false],
      ["overlapping-y0-x10", "one", true],
    ],
  );
  assert.equal(summary.ownedSources, 2);
});

test("a source's box holds its ellipse, turned by its position angle, and ends at the crop's edges", async () => {
  const field = writeField(folder, "boxed", { height: 40, width: 40 });
  // 14.4" x 7.2" are 4 x 2 pixels; the beam of the field is 2 x 1.5 pixels at 20 degrees.
  const catalogue = writeSources("boxed.csv", "ra,dec,maj_arcsec,min_arcsec,pa", [
    [0.5, 0.5, "14.4,7.2,0"],
    [5.5, 5.5, "14.4,7.2,90"],
    [-5.5, -5.5, "14.4,7.2,45"],
    [10.5, -10.5, ",,"],
    [-19.5, 0.5, "14.4,7.2,90"],
  ]);
  const { sources } = await prepared({ inputs: [field], cropSize: 40, catalogue });
  const boxOf = (index: number) => {
    const { boxX, boxY, boxWidth, boxHeight } = sources![index]!;
    return [boxX, boxY, boxWidth, boxHeight];
  };
  // A 45 degree ellipse of semi-axes 2 and 1 reaches sqrt((4 + 1) / 2). The middle of the field is pixel 19.5, its corner 20.
  const diagonal = Math.sqrt(2.5);
  const beam = (20 * Math.PI) / 180;
  const [beamX, beamY] = [Math.hypot(Math.sin(beam), 0.75 * Math.cos(beam)), Math.hypot(Math.cos(beam), 0.75 * Math.sin(beam))];
  const wanted = [
    [19.5, 18.5, 2, 4],
    [23.5, 24.5, 4, 2],
    [14.5 - diagonal, 14.5 - diagonal, 2 * diagonal, 2 * diagonal],
    [30.5 - beamX, 9.5 - beamY, 2 * beamX, 2 * beamY],
    [0, 19.5, 2.5, 2],
  ];
  for (const [index, box] of wanted.entries()) {
    for (const [side, value] of boxOf(index).entries()) {
      assert.ok(Math.abs(value - box[side]!) < 2e-3, `box ${index}, side ${side}: ${value}, expected ${box[side]}`);
    }
  }
});

test("exclusion zones take their sources and their area out, and a crop with too little left has no labels", async () => {
  const field = writeField(folder, "zoned", { height: 40, width: 40 });
  const rows: Row[] = [
    [-10, -10, "200"],
    [-10, -6, "1"],
    [10, 10, "1"],
    [2, -10, "3"],
  ];
  const catalogue = writeSources("zoned.csv", "ra,dec,flux_mJy", rows);
  // 0.3 arcminutes are 5 pixels.
  const zone = { fluxJy: 0.1, radiusArcmin: 0.3 };
  const { records, summary } = await prepared({ inputs: [field], cropSize: 20, catalogue, excludeAround: zone });
  const [lowerLeft, lowerRight] = records;
  assert.deepEqual([lowerLeft!.sourceCount, lowerRight!.sourceCount], [0, 1]);
  // A disc of 5 pixels in 400.
  close(lowerLeft!.catalogueCoverage, 1 - (Math.PI * 25) / 400, 0.02);
  assert.equal(lowerRight!.catalogueCoverage, 1);
  close(lowerRight!.sourceDensityPerSqDeg, 1 / 0.02 ** 2);
  assert.deepEqual([summary.sourcesInside, summary.sourcesExcluded, summary.ownedSources], [2, 2, 2]);
  const strict = await prepared({ inputs: [field], cropSize: 20, catalogue, excludeAround: zone, minCoverage: 0.9 });
  assert.deepEqual([strict.records[0]!.sourceCount, strict.records[0]!.shownSourceCount], [null, null]);
  close(strict.records[0]!.catalogueCoverage, 1 - (Math.PI * 25) / 400, 0.02);
});

test("outside a footprint a catalogue says nothing: null, not zero", async () => {
  const field = writeField(folder, "footprint", { height: 40, width: 40 });
  const catalogue = writeSources("footprint.csv", "ra,dec", [
    [-10, -10],
    [15, 15],
  ]);
  const raDeg = 10 + (10 * PIXEL_DEG) / Math.cos((DEC_DEG * Math.PI) / 180);
  const footprints = [{ raDeg, decDeg: DEC_DEG - 10 * PIXEL_DEG, radiusDeg: 14 * PIXEL_DEG }];
  const { records, summary } = await prepared({ inputs: [field], cropSize: 20, catalogue, footprints });
  assert.deepEqual(
    records.map(({ sourceCount }) => sourceCount),
    [1, null, null, null],
  );
  assert.ok(records[1]!.catalogueCoverage! > 0 && records[1]!.catalogueCoverage! < 0.5);
  assert.equal(records[3]!.catalogueCoverage, 0);
  assert.equal(summary.sourcesExcluded, 1);
});

test("pixels without a value are not covered", async () => {
  const field = writeField(folder, "holed", { height: 20, width: 20, change: (pixels) => pixels.fill(Number.NaN, 0, 100) });
  const catalogue = writeSources("holed.csv", "ra,dec", [[5, 5]]);
  const { records } = await prepared({ inputs: [field], cropSize: 20, catalogue, maxNanFraction: 0.4 });
  assert.deepEqual([records[0]!.catalogueCoverage, records[0]!.sourceCount], [0.75, 1]);
});

test("--single-gaussian keeps the sources of S_Code S, and goes round the bright ones of every code", async () => {
  const field = writeField(folder, "coded", { height: 40, width: 40 });
  const catalogue = writeSources("coded.csv", "ra,dec,flux_mJy,S_Code", [
    [-10, -10, "1,S"],
    [-10, -9, "1,C"],
    [10, 10, "500,M"],
    [10, 12, "1,S"],
  ]);
  const options = { inputs: [field], cropSize: 20, catalogue, keepSources: "single-gaussian" } as const;
  const { records, summary } = await prepared(options);
  assert.deepEqual(
    records.map(({ sourceCount }) => sourceCount),
    [1, 0, 0, 1],
  );
  assert.deepEqual(summary.warnings, ["2 sources of several Gaussians or of shared islands are left aside."]);
  const zoned = await prepared({ ...options, excludeAround: { fluxJy: 0.1, radiusArcmin: 0.3 } });
  assert.deepEqual(
    zoned.records.map(({ sourceCount }) => sourceCount),
    [1, 0, 0, 0],
  );
});

test("a survey's table gives flags, noise and redshift to the crops of its fields", async () => {
  const inputs = [
    writeField(folder, "Abell_133_aFix_pol_I_Farcsec_5pln_cor", { height: 20, width: 20 }),
    writeField(folder, "other", { height: 20, width: 20, raDeg: 50 }),
  ];
  const fieldTable = join(folder, "table1.csv");
  writeFileSync(fieldTable, "ClusterName ,z,rms (uJy/beam),DQF\nAbell 133 †,0.057,3.5,2\n");
  const catalogue = join(folder, "named.csv");
  writeFileSync(catalogue, `ra,dec,Field\n10,${DEC_DEG},Abell 133\n`);
  const { records, summary } = await prepared({ inputs, cropSize: 20, fieldTable, catalogue });
  assert.deepEqual(
    records.map(({ id, survey, dataQualityFlag, quotedRmsJyPerBeam, redshift, sourceCount }) => [
      id,
      survey,
      dataQualityFlag,
      quotedRmsJyPerBeam,
      redshift,
      sourceCount,
    ]),
    [
      ["Abell 133-y0-x0", "MGCLS", 2, 3.5e-6, 0.057, 1],
      ["other-y0-x0", null, null, null, null, null],
    ],
  );
  assert.deepEqual(summary.warnings, [`${fieldTable}: 1 of 2 fields are not in it: other.`]);
});

test("a catalogue that lies mostly outside the fields is told of with its numbers", async () => {
  const field = writeField(folder, "astray", { height: 20, width: 20 });
  const rows: Row[] = [[0, 0], ...Array.from({ length: 9 }, (_, index): Row => [500 + index, 0])];
  const { summary } = await prepared({ inputs: [field], cropSize: 20, catalogue: writeSources("astray.csv", "ra,dec", rows) });
  assert.deepEqual(summary.warnings, [
    "9 of 10 sources lie outside the fields. If the catalogue was made from these fields, its frame, its columns or its units are not what they seem.",
  ]);
});

test("sources of fields that are not here are expected to lie outside", async () => {
  const field = writeField(folder, "here", { height: 20, width: 20 });
  const catalogue = writeSources("elsewhere.csv", "ra,dec,field", [
    [0, 0, "here"],
    [900, 0, "there"],
    [901, 0, "there"],
  ]);
  const { summary } = await prepared({ inputs: [field], cropSize: 20, catalogue });
  assert.deepEqual([summary.sources, summary.sourcesInside, summary.warnings], [3, 1, []]);
});

test("two fields that claim one place on the sky are told of", async () => {
  const inputs = [
    writeField(folder, "twin-a", { height: 20, width: 20 }),
    writeField(folder, "twin-b", { height: 20, width: 20, seed: 2 }),
  ];
  const { summary } = await prepared({ inputs, cropSize: 20 });
  assert.deepEqual(summary.warnings, [
    "twin-b.fits and twin-a.fits give the same coordinates to different pixels: one of them may be wrong.",
  ]);
});

test("options that need a catalogue, or are out of range, are refused before anything is read", async () => {
  const refused = async (options: Partial<PrepareOptions>, message: string) => {
    const all = { inputs: [join(folder, "nowhere.fits")], out: join(folder, "never"), cropSize: 20, ...options };
    await assert.rejects(prepareCropSet(all), { message });
  };
  await refused({ keepSources: "single-gaussian" }, "--single-gaussian: expected --catalogue beside it, got none.");
  await refused({ excludeAround: { fluxJy: 1, radiusArcmin: 1 } }, "--exclude-around: expected --catalogue beside it, got none.");
  await refused(
    { footprints: [{ raDeg: 1, decDeg: 1, radiusDeg: 1 }] },
    "--footprint: expected --catalogue beside it, got none.",
  );
  await refused({ columns: parseColumnChoice("ra=a") }, "--columns: expected --catalogue beside it, got none.");
  await refused({ minCoverage: 2 }, "--min-coverage: expected 0 to 1, got 2.");
  await refused(
    { catalogue: "c", excludeAround: { fluxJy: 0, radiusArcmin: 1 } },
    "--exclude-around: expected a flux in Jy and a radius in arcminutes above 0, got 0,1.",
  );
  await refused(
    { catalogue: "c", footprints: [{ raDeg: 1, decDeg: 100, radiusDeg: 1 }] },
    "--footprint: expected RA, Dec and a radius above 0 in degrees, got 1,100,1.",
  );
});

test("single Gaussians are asked of a list that has codes, and a field table of one that has the fields", async () => {
  const field = writeField(folder, "asked", { height: 20, width: 20 });
  const plain = writeSources("plain.csv", "ra,dec", [[0, 0]]);
  const out = join(folder, "never");
  await assert.rejects(prepareCropSet({ inputs: [field], out, cropSize: 20, catalogue: plain, keepSources: "single-gaussian" }), {
    message: `${plain}: --single-gaussian: expected a column S_Code, got none. Use PyBDSF's srl or gaul list.`,
  });
  const table = join(folder, "others.csv");
  writeFileSync(table, "cluster,dqf\nAbell 1,2\n");
  await assert.rejects(prepareCropSet({ inputs: [field], out, cropSize: 20, fieldTable: table }), {
    message: `${table}: expected rows of the field, got none in 1 rows. The first field is called "asked".`,
  });
});
