// Bytes to characters, one each: FITS's texts, and what stands in their place in damaged files.

/** More arguments than this are too many for a call. */
const PIECE_LENGTH = 8192;

/** The text of bytes from `start` on. */
export function latin1(bytes: Uint8Array, start = 0, length = bytes.length - start): string {
  const end = Math.min(start + length, bytes.length);
  if (end - start <= PIECE_LENGTH) return textOf(bytes.subarray(start, end));
  let text = "";
  for (let piece = start; piece < end; piece += PIECE_LENGTH) {
    text += textOf(bytes.subarray(piece, Math.min(piece + PIECE_LENGTH, end)));
  }
  return text;
}

// Any array-like will do for `apply`, which takes it much faster than spreading does.
const textOf = (bytes: Uint8Array) => String.fromCharCode.apply(null, bytes as unknown as number[]);
