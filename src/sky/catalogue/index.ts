// Door of sky/catalogue: source catalogues in and out. Files are read through "#sky/catalogue/disk".
export type { Catalogue, ParsedCatalogue, Source } from "./catalogue.ts";
export { CatalogueError } from "./catalogue-error.ts";
export { formatCatalogueCsv, formatPybdsfSrl } from "./format-catalogue.ts";
export { parseCatalogue } from "./parse-catalogue.ts";
