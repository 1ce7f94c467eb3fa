// PNG pictures, 8 and 16 bits, grey and colour.
import { convertIndexedToRgb, type DecodedPng, decode, encode } from "fast-png";
import { FileFormatError } from "./file-format-error.ts";

/** A picture: `data` is [height, width, channels]; 1 channel grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. */
export interface Png {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array;
}

/** The bytes of a PNG; 16 bits where `data` is a Uint16Array. */
export function formatPng({ height, width, channels, data }: Png): Uint8Array {
  return encode({ height, width, channels, data, depth: data instanceof Uint16Array ? 16 : 8 });
}

/** Reads a PNG; one with a palette comes back as RGB. Throws FileFormatError, naming `where`. */
export function parsePng(bytes: Uint8Array, where = "png"): Png {
  let image: DecodedPng;
  try {
    image = decode(bytes);
  } catch (cause) {
    throw new FileFormatError(`${where}: not a readable PNG: ${cause instanceof Error ? cause.message : cause}.`, { cause });
  }
  const { height, width, channels, depth, data } = image;
  if (image.palette) {
    const colours = convertIndexedToRgb(image);
    return { height, width, channels: colours.length / (height * width), data: Uint8Array.from(colours) };
  }
  if (depth < 8) throw new FileFormatError(`${where}: expected 8 or 16 bits a channel, got ${depth}. Save it as 8-bit grey.`);
  return { height, width, channels, data: data instanceof Uint16Array ? data : new Uint8Array(data) };
}
