// Big-endian numbers of FITS to arrays of the machine's own, where no Buffer is at hand.

/** Bytes in the other order within each number of 1, 2, 4 or 8 bytes, in new memory aligned to 8 bytes; a part of a number at the end is left out. */
export function reversedNumbers(bytes: Uint8Array, numberLength: number): Uint8Array {
  const count = Math.floor(bytes.length / numberLength);
  const out = new Uint8Array(count * numberLength);
  if (numberLength === 1) out.set(bytes);
  else if (numberLength === 2) reverse16(bytes, new Uint16Array(out.buffer));
  else reverse32(bytes, new Uint32Array(out.buffer), numberLength === 8 ? 1 : 0);
  return out;
}

function reverse16(bytes: Uint8Array, out: Uint16Array): void {
  for (let index = 0, byte = 0; index < out.length; index++, byte += 2) out[index] = (bytes[byte]! << 8) | bytes[byte + 1]!;
}

/** `swapped` is 1 where the two halves of an 8-byte number change places, else 0. */
function reverse32(bytes: Uint8Array, out: Uint32Array, swapped: number): void {
  for (let index = 0, byte = 0; index < out.length; index++, byte += 4) {
    out[index ^ swapped] = (bytes[byte]! << 24) | (bytes[byte + 1]! << 16) | (bytes[byte + 2]! << 8) | bytes[byte + 3]!;
  }
}
