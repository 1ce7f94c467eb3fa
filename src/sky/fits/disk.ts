// Door of sky/fits to the disk: images and tables in, images and tables out.
export {
  type FieldArrival,
  type FitsArray,
  loadFieldImage,
  type ReadOptions,
  readFieldImage,
  readFitsArray,
} from "./disk/read-image.ts";
export {
  loadFitsTable,
  readFitsTable,
  readFitsUnits,
  type TableOptions,
  type UnitSummary,
} from "./disk/read-table.ts";
export { type ImageToWrite, writeFieldImage, writeFits } from "./disk/write-fits.ts";
