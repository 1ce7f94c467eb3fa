// Bytes read in order, with an error where they end too soon.
import { FileFormatError } from "../file-format-error.ts";

const LONGEST_LINE = 1 << 20;

/** Reads little-endian values one after the other. Throws FileFormatError, naming `where`, past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  position: number;

  constructor(bytes: Uint8Array, where: string, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
    this.position = position;
  }

  /** Moves on by `count` bytes; gives where they began. */
  #advance(count: number): number {
    const start = this.position;
    if (count > this.#bytes.length - start) {
      const left = this.#bytes.length - start;
      throw new FileFormatError(`${this.#where}: byte ${start}: expected ${count} more bytes, got ${left}. It is cut short.`);
    }
    this.position += count;
    return start;
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A length: refused where it is no safe whole number, which no file can hold. */
  length64(): number {
    const value = Number(this.#view.getBigUint64(this.#advance(8), true));
    if (!Number.isSafeInteger(value)) throw this.error(`expected a length, got ${value}`);
    return value;
  }

  float64BigEndian(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A view of the next `count` bytes. */
  bytes(count: number): Uint8Array {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  /** The text up to the next line feed, which is passed over. */
  line(): string {
    const end = this.#bytes.subarray(this.position, this.position + LONGEST_LINE).indexOf(0x0a);
    if (end < 0) throw this.error("expected a line of text, got no line feed");
    const text = new TextDecoder("latin1").decode(this.bytes(end));
    this.#advance(1);
    return text;
  }

  /** An error at the present place. */
  error(what: string): FileFormatError {
    return new FileFormatError(`${this.#where}: byte ${this.position}: ${what}.`);
  }
}
