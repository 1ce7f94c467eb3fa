// Door of sky/fits: FITS headers, images and world coordinates. Files are read and written through "#sky/fits/disk".
export { type Beam, beamOf, fluxUnitOf } from "./beam.ts";
export type { Card, CardValue } from "./card.ts";
export { type FieldImage, fieldNameOf } from "./field-image.ts";
export { FitsError } from "./fits-error.ts";
export { type FitsHeader, fitsHeader, formatHeader, historyOf, parseHeader } from "./header.ts";
export type { UnitChoice } from "./select-unit.ts";
export {
  type CellValue,
  type ColumnData,
  cellAt,
  type FitsColumn,
  type FitsTable,
} from "./table/fits-table.ts";
export type { UnitKind } from "./unit.ts";
export type { ColumnToWrite, ImageUnit, PixelsToWrite, TableUnit, UnitToWrite, ValuesToWrite } from "./unit-to-write.ts";
export { type PixelPosition, pixelScaleDegOf, type SkyPosition, type Wcs, wcsOf, wcsProblem } from "./wcs.ts";
