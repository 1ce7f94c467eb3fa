// The codecs of tile-compressed images (FITS standard 4.0, section 10): bytes of one tile to its integers, and integers to pixels.
export { type DitherMethod, dither, type Quantisation, tileKernels, undither } from "./dither.ts";
export { bigEndianIntegers, type GzipForm, gunzipTile, type Inflate } from "./gzip.ts";
export { decodeHcompress, type TileShape } from "./hcompress.ts";
export { decodePlio } from "./plio.ts";
export { decodeRice, type RiceForm } from "./rice.ts";
export { TileMemory } from "./tile-memory.ts";
