// Door of base/files to the disk: atomic writes, hashes, and files larger than memory.
export * from "./disk/atomic-file.ts";
export * from "./disk/atomic-folder.ts";
export * from "./disk/containers.ts";
export { FileError, readFailure, writeFailure } from "./disk/file-error.ts";
export { type HeldLock, takeLock } from "./disk/lock-file.ts";
export { makeFolder } from "./disk/make-folder.ts";
export * from "./disk/npy-appender.ts";
export * from "./disk/npy-rows.ts";
export * from "./disk/parquet-file.ts";
export {
  firstBytes,
  type OpenFile,
  openFile,
  readBytes,
  readText,
  requireRoom,
  sha256Of,
  sha256OfFile,
  textOf,
} from "./disk/reading.ts";
export { removeTemporaries } from "./disk/temporaries.ts";
export { openTorchCheckpoint, type TorchCheckpoint } from "./disk/torch-checkpoint.ts";
export { openZip, type ZipArchive, type ZipEntry } from "./disk/zip.ts";
