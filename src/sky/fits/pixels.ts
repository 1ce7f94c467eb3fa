// Stored numbers to pixels: big-endian integers and doubles to float32, BSCALE, BZERO and BLANK (FITS standard 4.4.2.5, 5).
import type { Bitpix, ImageLayout } from "./image-layout.ts";

type ReadNumber = (view: DataView, byte: number) => number;

const READ_NUMBER: Readonly<Record<Exclude<Bitpix, 64>, ReadNumber>> = {
  8: (view, byte) => view.getUint8(byte),
  16: (view, byte) => view.getInt16(byte),
  32: (view, byte) => view.getInt32(byte),
  [-32]: (view, byte) => view.getFloat32(byte),
  [-64]: (view, byte) => view.getFloat64(byte),
};

/** Physical pixel values of a run of stored numbers, into `out` from `start` on. Blank integers become NaN. */
export function decodePixels(bytes: Uint8Array, layout: ImageLayout, out: Float32Array, start: number): void {
  const { bitpix, scale, zero } = layout;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = Math.abs(bitpix) / 8;
  const count = bytes.byteLength / size;
  if (bitpix === 64) {
    decodeInt64(view, layout, out, start);
    return;
  }
  const readNumber = READ_NUMBER[bitpix];
  const blank = layout.blank === undefined ? Number.NaN : Number(layout.blank);
  for (let index = 0; index < count; index++) {
    const stored = readNumber(view, index * size);
    out[start + index] = stored === blank ? Number.NaN : zero + scale * stored;
  }
}

function decodeInt64(view: DataView, { scale, zero, blank }: ImageLayout, out: Float32Array, start: number): void {
  for (let byte = 0; byte < view.byteLength; byte += 8) {
    const stored = view.getBigInt64(byte);
    out[start + byte / 8] = stored === blank ? Number.NaN : zero + scale * Number(stored);
  }
}

/** Apply BSCALE and BZERO to float pixels in place; does nothing where they change nothing. */
export function scaleInPlace(pixels: Float32Array, { scale, zero }: ImageLayout): void {
  if (scale === 1 && zero === 0) return;
  for (let index = 0; index < pixels.length; index++) pixels[index] = zero + scale * pixels[index]!;
}
