// Sources as VOTable, DS9 regions and COCO boxes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cocoPieces,
  formatCatalogueCsv,
  formatCoco,
  formatRegions,
  formatVotable,
  parseCatalogue,
  parseCoco,
  type Source,
} from "#sky/catalogue";
import { BARE_SOURCE } from "./bare-source.ts";

const KNOWN: Source = {
  id: "a<1> & {b}",
  raDeg: 359.75,
  decDeg: -30.5,
  fluxJy: 2.5e-5,
  peakFluxJyPerBeam: 2e-5,
  majorDeg: 0.002,
  minorDeg: 0.001,
  positionAngleDeg: 45,
  field: "Abell 85",
  sourceCode: "S",
};
const BARE: Source = { ...BARE_SOURCE, raDeg: 0.125, decDeg: 7 };

test("a VOTable has a field with unit and UCD for every cell, and signs that XML would misread are written as entities", () => {
  const text = formatVotable([KNOWN, BARE]);
  assert.equal(text.match(/<FIELD /g)!.length, 10);
  assert.ok(
    text.includes('<FIELD name="peak_flux" datatype="double" unit="Jy/beam" ucd="phot.flux.density;stat.max;em.radio"/>'),
  );
  assert.ok(
    text.includes(
      "<TR><TD>a&lt;1&gt; &amp; {b}</TD><TD>Abell 85</TD><TD>359.75</TD><TD>-30.5</TD><TD>0.000025</TD><TD>0.00002</TD><TD>0.002</TD><TD>0.001</TD><TD>45</TD><TD>S</TD></TR>",
    ),
  );
  assert.ok(
    text.includes("<TR><TD></TD><TD></TD><TD>0.125</TD><TD>7</TD><TD></TD><TD></TD><TD></TD><TD></TD><TD></TD><TD></TD></TR>"),
  );
});

test("DS9 regions are ellipses of half the width, turned from DS9's west to the catalogue's north, and points without a size", () => {
  assert.equal(
    formatRegions([KNOWN, BARE]),
    "# Region file format: DS9 version 4.1\nglobal color=green width=1\nicrs\n" +
      'ellipse(359.75,-30.5,3.6",1.8",135) # text={a<1> &  b }\n' +
      "point(0.125,7) # point=cross\n",
  );
});

test("CSV has a column of codes where a source has one, and reads them back", () => {
  const text = formatCatalogueCsv([KNOWN, BARE]);
  assert.match(text, /pa_deg,s_code\n/);
  assert.deepEqual(
    parseCatalogue(text, { name: "x.csv" }).sources.map(({ sourceCode }) => sourceCode),
    ["S", null],
  );
});

test("COCO boxes come back as they went, pictures without a box among them", () => {
  const images = [
    { file: "a.png", height: 20, width: 30, boxes: [{ category: "source", box: [1.5, 2, 3, 4.25] as const }] },
    { file: "b.png", height: null, width: null, boxes: [] },
  ];
  assert.deepEqual(parseCoco(formatCoco(images), "x.json"), images);
  const [annotation] = JSON.parse(
    formatCoco([{ ...images[0]!, boxes: [{ category: "c", box: [1, 2, 3, 4], more: { fluxJy: 2 } }] }]),
  ).annotations;
  assert.deepEqual(annotation, { id: 1, image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0, fluxJy: 2 });
});

test("thousands of pictures and boxes come in several pieces that are one JSON document", () => {
  const images = Array.from({ length: 1500 }, (_, index) => ({
    ...{ file: `${index}.png`, height: 8, width: 8 },
    boxes: Array.from({ length: index % 4 }, (_, box) => ({ category: `c${box}`, box: [box, index % 8, 1, 0.5] as const })),
  }));
  const pieces = [...cocoPieces(images)];
  assert.ok(pieces.length > 8 && pieces.every(({ length }) => length < 200_000));
  assert.deepEqual(parseCoco(pieces.join(""), "x.json"), images);
  assert.deepEqual(
    JSON.parse(pieces.join("")).annotations.map(({ id }: { readonly id: number }) => id),
    Array.from({ length: 2250 }, (_, index) => index + 1),
  );
  assert.deepEqual(JSON.parse(formatCoco([])), {
    info: { description: "boxes" },
    licenses: [],
    images: [],
    annotations: [],
    categories: [],
  });
});

test("a COCO file that is none is refused in one line", () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(
      () => parseCoco(text, "x.json"),
      (error) => error instanceof Error && message.test(error.message) && !error.message.includes("\n"),
    );
  refused("{", /^x\.json: is not JSON: /);
  refused("{}", /^ConfigError: x\.json: "images" is missing/);
  const file = { images: [{ id: 1, file_name: "a" }], categories: [{ id: 1, name: "s" }] };
  const annotated = (image_id: number, category_id: number) =>
    JSON.stringify({ ...file, annotations: [{ image_id, category_id, bbox: [0, 0, 1, 1] }] });
  refused(annotated(2, 1), /^x\.json: annotation 0: expected image_id to be one of the 1 images, got 2\.$/);
  refused(annotated(1, 7), /^x\.json: annotation 0: expected category_id to be one of the categories, got 7\.$/);
});
