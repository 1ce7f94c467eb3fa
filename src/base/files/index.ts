// Door of base/files: byte formats that need no disk.
export * from "./column-text.ts";
export * from "./crc32c.ts";
export * from "./file-format-error.ts";
export { isGzip } from "./gzip.ts";
export { formatNpy, formatNpyHeader, type NpyHeader, parseNpy, parseNpyHeader } from "./npy.ts";
export { type ParquetColumn, type ParquetTable, type ParquetType, parquetColumn } from "./parquet/columns.ts";
export { formatParquet, ParquetPieces } from "./parquet/format.ts";
export { type ParquetGroups, parquetGroups, parseParquet } from "./parquet/parse.ts";
export { isArray, isDictionary, type PickleObject, type PickleValue } from "./pickle/pickle-value.ts";
export { isTorchTensor, type TorchTensor } from "./pickle/torch-globals.ts";
export { type UnpickleOptions, unpickle } from "./pickle/unpickle.ts";
export * from "./png.ts";
export * from "./protobuf.ts";
export * from "./protobuf-reader.ts";
export { formatSafetensors, parseSafetensors, type Safetensors } from "./safetensors.ts";
export { parseTar, type TarEntry } from "./tar.ts";
export { listTensors, type TensorListing } from "./tensor-listing.ts";
