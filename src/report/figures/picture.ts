// Pictures of pixels inside a figure: PNG bytes in the page itself, north (row 0 last) up.
import { formatPng } from "#base/files";
import type { Image } from "#base/image";
import { heatColour } from "./colours.ts";
import { element } from "./svg.ts";

/** Where a picture stands: its upper left corner and its width, in user units. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

/** A grey picture of values in [0, 1] (row 0 the southern row, as in FITS), black at 0. */
export function greyPicture(picture: Image, place: Place): string {
  return pictureElement(picture, place, {
    channels: 1,
    colourOf: (value) => [Math.round(255 * Math.min(Math.max(value, 0), 1))],
  });
}

/** The same in heat colours, dark at 0. */
export function heatPicture(picture: Image, place: Place): string {
  return pictureElement(picture, place, { channels: 3, colourOf: heatColour });
}

interface Colouring {
  readonly channels: number;
  colourOf(value: number): readonly number[];
}

function pictureElement({ height, width, pixels }: Image, { x, y, size }: Place, { channels, colourOf }: Colouring): string {
  const data = new Uint8Array(height * width * channels);
  for (let row = 0; row < height; row++) {
    // Pictures start at the top, images of the sky at the bottom.
    const from = (height - 1 - row) * width;
    for (let column = 0; column < width; column++) data.set(colourOf(pixels[from + column]!), (row * width + column) * channels);
  }
  const href = `data:image/png;base64,${base64(formatPng({ height, width, channels, data }))}`;
  return element("image", { x, y, width: size, height: (size * height) / width, href, style: "image-rendering:pixelated" });
}

/** Bytes as base64, with what browsers and Node share. */
function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
