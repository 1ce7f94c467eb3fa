// Bits of a byte string, highest first.

/** A place among bits. Beyond the last byte there are zeros; `isPastEnd` tells. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #bit: number;

  constructor(bytes: Uint8Array, startByte = 0) {
    this.#bytes = bytes;
    this.#bit = 8 * startByte;
  }

  /** The next `count` bits (up to 16), which stay. */
  peek(count: number): number {
    const byte = Math.floor(this.#bit / 8);
    const window = (this.#byteAt(byte) << 16) | (this.#byteAt(byte + 1) << 8) | this.#byteAt(byte + 2);
    return (window >> (24 - (this.#bit % 8) - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#bit += count;
  }

  /** The next `count` bits (up to 16). */
  read(count: number): number {
    const value = this.peek(count);
    this.#bit += count;
    return value;
  }

  /** Go on with the next whole byte. */
  align(): void {
    this.#bit = 8 * Math.ceil(this.#bit / 8);
  }

  get isPastEnd(): boolean {
    return this.#bit > 8 * this.#bytes.length;
  }

  #byteAt(index: number): number {
    return index < this.#bytes.length ? this.#bytes[index]! : 0;
  }
}
