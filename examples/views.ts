// The views of one crop, on one picture: `node dist/examples/views.js FIELD.fits views.png`.

import { formatPng } from "#base/files";
import { writeFileAtomically } from "#base/files/disk";
import { type Image, percentiles, resize } from "#base/image";
import { readFieldImage } from "#sky/fits/disk";
import { type CropPixels, DEFAULT_VIEW_CONFIG, sampleViews, stretchCrop } from "#sky/views";

const CROP_SIZE = 256;
/** Holds the crop however it is turned: 256 times the square root of 2. */
const STORED_SIZE = 362;
const SHEET_WIDTH = 700;
const GAP = 4;

const [fieldPath, sheetPath] = process.argv.slice(2);
if (fieldPath === undefined || sheetPath === undefined) {
  console.error("usage: views.js FIELD.fits SHEET.png");
  process.exit(2);
}

const crop = centralCrop(fieldPath);
const { globalViews, localViews } = sampleViews(crop, DEFAULT_VIEW_CONFIG, { seed: 0, epoch: 0 });
const { globalViewSize, localViewSize } = DEFAULT_VIEW_CONFIG;
const tiles = [
  resize(stretchCrop(crop).inner, globalViewSize, globalViewSize, "bicubic"),
  ...squares(globalViews, globalViewSize),
  ...squares(localViews, localViewSize),
];
const sheet = contactSheet(tiles);
writeFileAtomically(
  sheetPath,
  formatPng({
    ...sheet,
    channels: 1,
    data: Uint8Array.from(sheet.pixels, (value) => Math.round(255 * Math.min(Math.max(value, 0), 1))),
  }),
);
console.log(
  `${sheetPath}: the crop, ${DEFAULT_VIEW_CONFIG.numGlobalViews} global views, ${DEFAULT_VIEW_CONFIG.numLocalViews} local views.`,
);

/** The middle of a field, with a margin; its flux limits are the whole field's. */
function centralCrop(path: string): CropPixels {
  const { height, width, pixels } = readFieldImage(path);
  const [lowFlux, highFlux] = percentiles(pixels, [2, 98]) as [number, number];
  const y0 = Math.floor((height - STORED_SIZE) / 2);
  const x0 = Math.floor((width - STORED_SIZE) / 2);
  const stored = new Float32Array(STORED_SIZE * STORED_SIZE);
  for (let row = 0; row < STORED_SIZE; row++) {
    const start = (y0 + row) * width + x0;
    stored.set(pixels.subarray(start, start + STORED_SIZE), row * STORED_SIZE);
  }
  return { id: path, index: 0, pixels: stored, size: STORED_SIZE, cropSize: CROP_SIZE, lowFlux, highFlux };
}

function squares(views: Float32Array, size: number): Image[] {
  const numViews = views.length / size ** 2;
  return Array.from({ length: numViews }, (_, view) => ({
    height: size,
    width: size,
    pixels: views.subarray(view * size ** 2, (view + 1) * size ** 2),
  }));
}

/** Tiles from left to right in rows, on grey. */
function contactSheet(images: readonly Image[]): Image {
  let [x, y, rowHeight] = [GAP, GAP, 0];
  const placed = images.map((image) => {
    if (x + image.width + GAP > SHEET_WIDTH) [x, y, rowHeight] = [GAP, y + rowHeight + GAP, 0];
    const place = { image, x, y };
    x += image.width + GAP;
    rowHeight = Math.max(rowHeight, image.height);
    return place;
  });
  const height = y + rowHeight + GAP;
  const pixels = new Float32Array(height * SHEET_WIDTH).fill(0.5);
  for (const { image, x, y } of placed) {
    for (let row = 0; row < image.height; row++) {
      pixels.set(image.pixels.subarray(row * image.width, (row + 1) * image.width), (y + row) * SHEET_WIDTH + x);
    }
  }
  return { height, width: SHEET_WIDTH, pixels };
}
