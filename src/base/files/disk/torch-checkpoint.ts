// PyTorch's checkpoints (.pth, .pt): the zip format since 1.6 and the legacy one, read without running anything.
import type { NdArray } from "#base/array";
import { FileFormatError } from "../file-format-error.ts";
import type { PickleValue } from "../pickle/pickle-value.ts";
import { storageOf, TORCH_GLOBALS, type TorchStorage, type TorchTensor, tensorFromStorage } from "../pickle/torch-globals.ts";
import { unpickle, unpickleFrom } from "../pickle/unpickle.ts";
import { firstBytes, type OpenFile, openFile } from "./reading.ts";
import { openZip } from "./zip.ts";

export interface TorchCheckpoint {
  /** Dictionaries are maps; tensors are TorchTensors, told by `isTorchTensor`, whose elements `read` brings. */
  readonly content: PickleValue;
  /** The elements of a tensor, row-major. Throws FileFormatError where its storage is not there or has another size. */
  read(tensor: TorchTensor): NdArray;
  close(): void;
}

/** The number that opens a legacy file, as its pickle holds it, and the version after it. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_VERSION = 1001;

/**
 * Opens a checkpoint. Only what torch itself needs to make tensors is known; a pickle that asks for any other name is refused by it.
 * Throws FileError, and FileFormatError that names the place.
 */
export function openTorchCheckpoint(path: string): TorchCheckpoint {
  return startsAsZip(path) ? openZipped(path) : openLegacy(path);
}

function startsAsZip(path: string): boolean {
  const start = firstBytes(path, 4);
  return start.length === 4 && start.every((byte, index) => byte === [0x50, 0x4b, 0x03, 0x04][index]);
}

function openZipped(path: string): TorchCheckpoint {
  const zip = openZip(path);
  try {
    const pickleName = zip.entries.map(({ name }) => name).find((name) => /(^|\/)data\.pkl$/.test(name));
    if (pickleName === undefined)
      throw new FileFormatError(`${path}: expected data.pkl in the archive of a torch checkpoint, got none.`);
    const folder = pickleName.slice(0, -"data.pkl".length);
    const order = zip.entries.find(({ name }) => name === `${folder}byteorder`);
    if (order && new TextDecoder().decode(zip.read(order.name)) !== "little") {
      throw new FileFormatError(`${path}: expected little-endian tensors, got big-endian ones.`);
    }
    const content = unpickle(zip.read(pickleName), `${path}: ${pickleName}`, { globals: TORCH_GLOBALS, persistent: storageOf });
    const bytesOf = ({ key }: TorchStorage) => zip.read(`${folder}data/${key}`);
    return { content, read: readerOf(path, bytesOf), close: zip.close };
  } catch (error) {
    zip.close();
    throw error;
  }
}

function openLegacy(path: string): TorchCheckpoint {
  const file = openFile(path);
  try {
    const { content, storages } = legacyParts(file, path);
    const bytesOf = ({ key }: TorchStorage) => {
      const found = storages.get(key);
      if (!found) throw new FileFormatError(`${path}: expected a storage "${key}", got none.`);
      const bytes = new Uint8Array(found.numBytes);
      file.readInto(bytes, found.start);
      return bytes;
    };
    return { content, read: readerOf(path, bytesOf), close: file.close };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Where a storage's elements lie in the file. */
interface StoredBytes {
  readonly start: number;
  readonly numBytes: number;
}

interface LegacyParts {
  readonly content: PickleValue;
  readonly storages: ReadonlyMap<string, StoredBytes>;
}

/** The pickles, before the storages, take a few megabytes of files of gigabytes: read is the start, and more where that ends too soon. */
const LEGACY_START_BYTES = 2 ** 26;
const MOST_LEGACY_START_BYTES = 2 ** 30;

function legacyParts(file: OpenFile, path: string): LegacyParts {
  for (let length = LEGACY_START_BYTES; ; length *= 2) {
    const start = new Uint8Array(Math.min(length, file.numBytes));
    file.readInto(start, 0);
    try {
      return parseLegacy(start, file, path);
    } catch (error) {
      const isWhole = start.length === file.numBytes || length >= MOST_LEGACY_START_BYTES;
      if (isWhole || !isLegacyStart(start) || !(error instanceof FileFormatError)) throw error;
    }
  }
}

/** Magic number, version, facts of the machine, the content, the keys of the storages; then each storage: its length and its bytes. */
function parseLegacy(bytes: Uint8Array, file: OpenFile, path: string): LegacyParts {
  const known = new Map<string, TorchStorage>();
  const persistent = (id: PickleValue) => {
    const storage = storageOf(id);
    known.set(storage.key, storage);
    return storage;
  };
  let position = 0;
  const next = (options = {}): PickleValue => {
    const { value, numBytes } = unpickleFrom(bytes, position, path, options);
    position += numBytes;
    return value;
  };
  checkLegacyStart(bytes, path, next);
  next();
  const content = next({ globals: TORCH_GLOBALS, persistent });
  const keys = next();
  if (!Array.isArray(keys)) throw new FileFormatError(`${path}: byte ${position}: expected the keys of the storages.`);
  const storages = new Map<string, StoredBytes>();
  for (const key of keys) {
    const storage = known.get(String(key));
    if (!storage) throw new FileFormatError(`${path}: byte ${position}: storage "${String(key)}" is used by no tensor.`);
    const numElements = position + 8 <= file.numBytes ? storedLength(file, position) : -1;
    const start = position + 8;
    const numBytes = storage.numElements * storage.type.fileBytes;
    if (numElements !== storage.numElements || start + numBytes > file.numBytes) {
      throw new FileFormatError(
        `${path}: byte ${position}: expected storage "${storage.key}" of ${storage.numElements} elements, got ${numElements} and ${file.numBytes - start} bytes. The file may be cut short.`,
      );
    }
    storages.set(storage.key, { start, numBytes });
    position = start + numBytes;
  }
  return { content, storages };
}

function storedLength(file: OpenFile, position: number): number {
  const bytes = new Uint8Array(8);
  file.readInto(bytes, position);
  return Number(new DataView(bytes.buffer).getBigInt64(0, true));
}

/** Protocol 2, LONG1 of ten bytes: what every legacy file begins with. */
function isLegacyStart(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80 && bytes[2] === 0x8a && bytes[3] === 0x0a;
}

function checkLegacyStart(bytes: Uint8Array, path: string, next: () => PickleValue): void {
  if (!isLegacyStart(bytes) || next() !== LEGACY_MAGIC) {
    throw new FileFormatError(`${path}: it is not a torch checkpoint: expected a zip archive or torch's legacy magic number.`);
  }
  const version = next();
  if (version !== LEGACY_VERSION) {
    throw new FileFormatError(`${path}: expected version ${LEGACY_VERSION} of the legacy format, got ${String(version)}.`);
  }
}

function readerOf(path: string, bytesOf: (storage: TorchStorage) => Uint8Array): TorchCheckpoint["read"] {
  return (tensor) => {
    const bytes = bytesOf(tensor.storage);
    const { key, numElements, type } = tensor.storage;
    const expected = numElements * type.fileBytes;
    if (bytes.length < expected) {
      throw new FileFormatError(
        `${path}: storage "${key}": expected ${expected} bytes for ${numElements} elements of ${type.name}, got ${bytes.length}.`,
      );
    }
    return tensorFromStorage(tensor, bytes.subarray(0, expected));
  };
}
