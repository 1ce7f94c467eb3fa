// Safetensors and Parquet files on disk.
import { type NdArray, sizeOf, typedData } from "#base/array";
import type { ParquetColumn, ParquetTable } from "../parquet/columns.ts";
import { formatParquet } from "../parquet/format.ts";
import {
  parseSafetensorsHeader,
  type Safetensors,
  type SafetensorsHeader,
  safetensorsChunks,
  safetensorsHeaderSize,
} from "../safetensors.ts";
import type { TensorListing } from "../tensor-listing.ts";
import { type Durability, writeFileAtomically } from "./atomic-file.ts";
import { openParquet } from "./parquet-file.ts";
import { type OpenFile, openFile } from "./reading.ts";

/** Writes tensors one by one, whole or not at all. Throws FileError. */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>> = {},
  durability: Durability = "fsync",
): void {
  writeFileAtomically(path, safetensorsChunks(tensors, metadata), durability);
}

/** Reads tensors one by one, each into memory of its own. Throws FileError and FileFormatError. */
export function readSafetensors(path: string): Safetensors {
  const file = openFile(path);
  try {
    const { entries, metadata, dataOffset } = readSafetensorsHeader(file, path);
    const tensors = new Map<string, NdArray>();
    for (const [name, entry] of entries) {
      const bytes = new Uint8Array(entry.end - entry.start);
      file.readInto(bytes, dataOffset + entry.start);
      tensors.set(name, {
        dtype: entry.dtype,
        shape: entry.shape,
        data: typedData(entry.dtype, bytes.buffer, 0, sizeOf(entry.shape)),
      });
    }
    return { tensors, metadata };
  } finally {
    file.close();
  }
}

/** Reads the metadata alone, and checks that the file has all the bytes of its tensors. Throws FileError and FileFormatError. */
export function readSafetensorsMetadata(path: string): Readonly<Record<string, string>> {
  const file = openFile(path);
  try {
    return readSafetensorsHeader(file, path).metadata;
  } finally {
    file.close();
  }
}

/** Names, types and shapes of a safetensors file's tensors, and its notes, without reading an element. Throws FileError and FileFormatError. */
export function listSafetensors(path: string): {
  readonly tensors: readonly TensorListing[];
  readonly metadata: Readonly<Record<string, string>>;
} {
  const file = openFile(path);
  try {
    const { entries, metadata } = readSafetensorsHeader(file, path);
    return { tensors: [...entries].map(([name, { dtype, shape }]) => ({ name, dtype, shape })), metadata };
  } finally {
    file.close();
  }
}

function readSafetensorsHeader(file: OpenFile, path: string): SafetensorsHeader {
  const start = new Uint8Array(Math.min(8, file.numBytes));
  file.readInto(start, 0);
  const bytes = new Uint8Array(safetensorsHeaderSize(start, file.numBytes, path));
  file.readInto(bytes, 0);
  return parseSafetensorsHeader(bytes, file.numBytes, path);
}

/** Writes a table, whole or not at all. Throws FileError. */
export function writeParquet(
  path: string,
  columns: readonly ParquetColumn[],
  metadata: Readonly<Record<string, string>> = {},
  durability: Durability = "fsync",
): void {
  writeFileAtomically(path, formatParquet(columns, metadata), durability);
}

/** Reads a table, group by group: the file may be larger than one array. Throws FileError and FileFormatError. */
export async function readParquet(path: string): Promise<ParquetTable> {
  const file = await openParquet(path);
  try {
    const names = file.columns.map(({ name }) => name);
    const values = file.columns.map(() => [] as unknown[]);
    for (const group of file.groups.keys()) {
      for (const [index, column] of (await file.read(group, names)).entries())
        for (const value of column.values) values[index]!.push(value);
    }
    const columns = file.columns.map((column, index) => ({ ...column, values: values[index] }) as ParquetColumn); // of its type
    const { unread, metadata } = file;
    return { columns, ...(unread.length > 0 ? { unread } : {}), metadata };
  } finally {
    file.close();
  }
}
