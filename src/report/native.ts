// Second door of report: figures as PNG, by a library that needs Node.
import { Resvg } from "@resvg/resvg-js";

/** Free, and on nearly every system of science; the words of a figure need some font. */
const FONT_FAMILY = "DejaVu Sans";

/** An SVG figure as the bytes of a PNG, `scale` times as large as its units (default 2), on white. Words need a font of the system. */
export function pngOfSvg(svg: string, scale = 2): Uint8Array {
  const drawable = svg
    // Of a list of families the library takes what the system calls its own, which may have serifs.
    .replaceAll(/font-family="[^"]*"/g, `font-family="${FONT_FAMILY}"`)
    // CSS's word for it, which the library does not know, and SVG's own.
    .replaceAll("image-rendering:pixelated", "image-rendering:optimizeSpeed");
  const font = { loadSystemFonts: true, defaultFontFamily: FONT_FAMILY };
  const picture = new Resvg(drawable, { background: "#ffffff", fitTo: { mode: "zoom", value: scale }, font });
  return new Uint8Array(picture.render().asPng());
}
