// Door of sky/catalogue: source catalogues in and out. Files are read through "#sky/catalogue/disk".
export type { Catalogue, ParsedCatalogue, Source } from "./catalogue.ts";
export { CatalogueError } from "./catalogue-error.ts";
export { type CocoBox, type CocoImage, cocoPieces, formatCoco, parseCoco } from "./coco.ts";
export { type ChosenColumn, type ColumnChoice, parseColumnChoice, parseColumnsOf } from "./column-choice.ts";
export { formatCatalogueCsv, formatPybdsfSrl } from "./format-catalogue.ts";
export { formatRegions } from "./format-regions.ts";
export { formatVotable } from "./format-votable.ts";
export { parseCatalogue } from "./parse-catalogue.ts";
export { QUANTITIES, type Quantity } from "./quantities.ts";
export { shown, shownNames } from "./shown.ts";
export { parseDeclination, parseRightAscension } from "./sky-angle.ts";
export { parseTextTable, type TextRow, type TextTable } from "./text-table.ts";
