// Gzip-compressed FITS files: unpacked as a stream that is never held whole, or at once into memory.
import { createReadStream } from "node:fs";
import { createGunzip, gunzipSync } from "node:zlib";
import { isGzip } from "#base/files";
import { type OpenFile, readBytes } from "#base/files/disk";
import { FitsError } from "../fits-error.ts";
import { BLOCK_LENGTH } from "../header.ts";
import { type ByteSource, memorySource, type StreamSource } from "./plain-file.ts";

const PIECE_LENGTH = 1 << 18;
/** Deflate never packs better (RFC 1951: 258 bytes in 2 bits). */
const GREATEST_RATIO = 1032;
/** What is unpacked at once is held in memory. */
const MOST_UNPACKED_BYTES = 2 ** 31;

/** True for files that begin as gzip does, whatever their names. */
export function isGzipFile(file: OpenFile): boolean {
  if (file.numBytes < 2) return false;
  const start = new Uint8Array(2);
  file.readInto(start, 0);
  return isGzip(start);
}

/** All of a file, unpacked. Throws FitsError where it is damaged, or would fill more than 2 GiB. */
export function unpackedSource(path: string): ByteSource {
  try {
    return memorySource(path, gunzipSync(readBytes(path), { maxOutputLength: MOST_UNPACKED_BYTES }));
  } catch (error) {
    throw unpackingError(path, error);
  }
}

function unpackingError(path: string, error: unknown): FitsError {
  if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
    const what = `expected at most ${MOST_UNPACKED_BYTES} bytes in a file that is unpacked whole, got more. Unpack it first.`;
    return new FitsError(`${path}: ${what}`, { file: path, cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new FitsError(`${path}: cannot be unpacked: ${reason}. The download may be cut short.`, { file: path, cause: error });
}

/**
 * The unpacked length that the file's last four bytes tell (RFC 1952), where they can be believed: whole FITS blocks, and no more than
 * deflate can pack. It is the last member's alone where there are several, and the remainder modulo 4 GiB of longer files; undefined for
 * nearly all files that are cut short.
 */
export function toldLength(file: OpenFile): number | undefined {
  if (file.numBytes < 18) return undefined;
  const bytes = new Uint8Array(4);
  file.readInto(bytes, file.numBytes - 4);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const isPlausible = length > 0 && length % BLOCK_LENGTH === 0 && length <= GREATEST_RATIO * file.numBytes;
  return isPlausible ? length : undefined;
}

/** So often the stream is started again: after that the whole file is unpacked into memory, for one whose parts lie to and fro. */
const MOST_RESTARTS = 4;

/** A stream of unpacked bytes, which lets go of what lies before the last request; a request for earlier bytes starts it again. */
export class GzipStream implements StreamSource {
  readonly path: string;
  readonly numBytes = undefined;
  readonly toldBytes: number | undefined;
  readonly mostBytes: number;
  #pieces: AsyncIterator<Buffer>;
  #stop: () => void;
  #held: { readonly bytes: Buffer; readonly position: number }[] = [];
  #end = 0;
  #numRestarts = 0;
  #whole: ByteSource | undefined;

  constructor(path: string, file: OpenFile) {
    this.path = path;
    this.toldBytes = toldLength(file);
    this.mostBytes = GREATEST_RATIO * file.numBytes;
    [this.#pieces, this.#stop] = unpackedPieces(path);
  }

  async load(target: Uint8Array, position: number): Promise<number> {
    if (this.#whole === undefined && position < (this.#held[0]?.position ?? this.#end)) this.#restart();
    if (this.#whole !== undefined) return this.#whole.readInto(target, position);
    let done = 0;
    while (done < target.length) {
      this.#forgetBefore(position);
      const piece = this.#held.find(
        (held) => held.position <= position + done && position + done < held.position + held.bytes.length,
      );
      if (piece === undefined) {
        if (!(await this.#more())) break;
        continue;
      }
      const from = position + done - piece.position;
      const part = piece.bytes.subarray(from, from + target.length - done);
      target.set(part, done);
      done += part.length;
    }
    return done;
  }

  close(): void {
    this.#stop();
  }

  #restart(): void {
    this.#stop();
    this.#held = [];
    this.#end = 0;
    if (this.#numRestarts++ === MOST_RESTARTS) {
      this.#whole = unpackedSource(this.path);
      return;
    }
    [this.#pieces, this.#stop] = unpackedPieces(this.path);
  }

  /** A large target takes each piece as it comes: held are only pieces that a smaller request may ask for again. */
  #forgetBefore(position: number): void {
    while (this.#held[0] && this.#held[0].position + this.#held[0].bytes.length <= position) this.#held.shift();
  }

  async #more(): Promise<boolean> {
    try {
      const { value, done } = await this.#pieces.next();
      if (done) return false;
      this.#held.push({ bytes: value, position: this.#end });
      this.#end += value.length;
      return true;
    } catch (error) {
      throw unpackingError(this.path, error);
    }
  }
}

function unpackedPieces(path: string): [AsyncIterator<Buffer>, () => void] {
  const packed = createReadStream(path, { highWaterMark: PIECE_LENGTH });
  const unpacked = createGunzip({ chunkSize: PIECE_LENGTH });
  packed.on("error", (error) => unpacked.destroy(error));
  packed.pipe(unpacked);
  const stop = () => {
    packed.destroy();
    unpacked.destroy();
  };
  return [unpacked[Symbol.asyncIterator](), stop];
}
