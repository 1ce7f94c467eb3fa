// Is the simulated sky believable? Sources in crops of whole fields, and galaxies beside those of the real MiraBest.
//   npm run build && node dist/bench/credibility.js [--fields 20] [--mirabest MiraBest_F_batches.tar.gz] [--cutouts 800] [--json]
// Without --mirabest only the crops are counted; --fields 0 leaves these out. A field takes some 15 s.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fitsHeader, wcsOf } from "#sky/fits";
import { MGCLS_SKY, type SimulatedField, simulateField } from "#sky/simulator";
import { writeCutouts } from "#sky/simulator/disk";
import { type CropPlace, cropPlaces, sourceLedger } from "#sky/survey";
import { importImages, importMiraBest, openCropSet } from "#sky/survey/disk";
import { median } from "./median.ts";
import { kolmogorovSmirnov, type PictureShape, pictureShape, SHAPE_NAMES } from "./picture-shape.ts";

const SEED = 1;
const CROP_SIZE = 256;
/** Crops of more catalogued sources are rare in MGCLS: 1 to 4 %. */
const MANY_SOURCES = 60;

/** Catalogued sources in crops of 256 pixels, 196 a field: what MGCLS's fields have, and what these have (a source in two crops counts in both). */
function countCrops(numFields: number) {
  const counts: number[] = [];
  const perFlag = new Map<string, number[]>();
  const localRms: number[] = [];
  const [middle, corners]: [number[], number[]] = [[], []];
  for (let index = 0; index < numFields; index++) {
    const field = simulateField(MGCLS_SKY, SEED, index);
    const places = cropPlaces(field, { cropSize: CROP_SIZE, tiling: "paper" }, field.name);
    const ofField = countsIn(field, places);
    counts.push(...ofField);
    localRms.push(field.localRmsJyPerBeam);
    const flag = String(field.facts.dataQualityFlag);
    perFlag.set(flag, [...(perFlag.get(flag) ?? []), meanOf(ofField)]);
    const side = Math.sqrt(places.length);
    for (const [place, count] of ofField.entries()) {
      const [row, column] = [Math.floor(place / side), place % side];
      const isMiddle = (at: number) => at === side / 2 || at === side / 2 - 1;
      if (isMiddle(row) && isMiddle(column)) middle.push(count);
      if ((row === 0 || row === side - 1) && (column === 0 || column === side - 1)) corners.push(count);
    }
    process.stderr.write(`${index + 1}/${numFields} fields\n`);
  }
  const mean = meanOf(counts);
  return {
    fields: numFields,
    medianLocalRmsMicroJy: median(localRms) * 1e6,
    fieldMeansByFlag: Object.fromEntries(perFlag),
    crops: counts.length,
    mean: judged(mean, [27, 38]),
    deviation: judged(Math.sqrt(meanOf(counts.map((count) => (count - mean) ** 2))), [9, 15]),
    middleOverCorner: judged(meanOf(middle) / meanOf(corners), [3, 5]),
    shareOfManySources: judged(counts.filter((count) => count > MANY_SOURCES).length / counts.length, [0.01, 0.04]),
  };
}

function countsIn({ name, height, width, sources, cards }: SimulatedField, places: readonly CropPlace[]): number[] {
  const ledger = sourceLedger(sources, CROP_SIZE, [name]);
  const wcs = wcsOf(fitsHeader(cards))!; // its cards have one
  const counts = places.map(() => 0);
  ledger.addField({ name, height, width, wcs, places, firstCrop: 0 }, (shown) => {
    // The first of six numbers a row is the crop.
    for (let row = 0; row < shown.length; row += 6) counts[shown[row]!]! += 1;
  });
  return counts;
}

/** A measured value and the range that it is believable in. */
function judged(value: number, accepted: readonly [low: number, high: number]) {
  return { value, accepted, isAccepted: value >= accepted[0] && value <= accepted[1] };
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Shapes of simulated galaxies and of MiraBest's confident, class by class. separationOverExtent was tuned on; the others were not. */
async function compareShapes(miraBest: string, numCutouts: number) {
  const folder = mkdtempSync(join(tmpdir(), "suricate-credibility-"));
  try {
    const [real, cutouts, simulated] = ["real", "cutouts", "simulated"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await importMiraBest({ path: miraBest, out: real });
    writeCutouts({ numCutouts, cutoutSize: 150, labels: ["FRI", "FRII"] }, SEED, cutouts, () => {});
    const labels = { from: "table", file: join(cutouts, "labels.csv") } as const;
    await importImages({ path: cutouts, out: simulated, labels, recipe: "mirabest" });
    const [expected, got] = [await shapesIn(real), await shapesIn(simulated)];
    return ["FRI", "FRII"].flatMap((label) =>
      SHAPE_NAMES.map((statistic) => {
        const [theirs, ours] = [expected, got].map((shapes) => shapes.get(label)!.map((shape) => shape[statistic])) as [
          number[],
          number[],
        ];
        const test = kolmogorovSmirnov(theirs, ours);
        return { label, statistic, real: median(theirs), simulated: median(ours), ...test, numReal: theirs.length };
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function shapesIn(path: string): Promise<Map<string, PictureShape[]>> {
  const set = await openCropSet(path);
  const shapes = new Map<string, PictureShape[]>();
  for (const [index, { label }] of set.records.entries()) {
    const shape = pictureShape(set.pixelsOf(index), set.info.cropSize);
    if (shape !== null && label !== null) shapes.set(label, [...(shapes.get(label) ?? []), shape]);
  }
  set.close();
  return shapes;
}

const { values } = parseArgs({
  options: {
    fields: { type: "string", default: "20" },
    mirabest: { type: "string" },
    cutouts: { type: "string", default: "800" },
    json: { type: "boolean", default: false },
  },
});
const result = {
  name: "credibility",
  crops: Number(values.fields) > 0 ? countCrops(Number(values.fields)) : null,
  shapes: values.mirabest === undefined ? null : await compareShapes(values.mirabest, Number(values.cutouts)),
};
process.stdout.write(`${JSON.stringify(result, null, values.json ? undefined : 2)}\n`);
