// Second door of report: figures as PNG, by a library that needs Node.
import { Resvg } from "@resvg/resvg-js";

/** An SVG figure as the bytes of a PNG, `scale` times as large as its units (default 2), on white. Words need a font of the system. */
export function pngOfSvg(svg: string, scale = 2): Uint8Array {
  const picture = new Resvg(svg, {
    background: "#ffffff",
    fitTo: { mode: "zoom", value: scale },
    font: { loadSystemFonts: true, sansSerifFamily: "DejaVu Sans" },
  });
  return new Uint8Array(picture.render().asPng());
}
