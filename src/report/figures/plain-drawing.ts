// Whether an SVG file from outside may stand in a page: shapes, words and pixels may, what runs or fetches may not.

const ELEMENTS = new Set([
  "svg",
  "g",
  "title",
  "desc",
  "defs",
  "clipPath",
  "rect",
  "circle",
  "line",
  "path",
  "polygon",
  "polyline",
  "text",
  "tspan",
  "image",
]);
/** One tag as `element` writes it: every value in double quotes, and no angle bracket in one. */
const TAG = /^<(?:\/([\w:.-]+)\s*|([\w:.-]+)((?:\s+[\w:.-]+="[^"<>]*")*)\s*\/?)>/;
const ATTRIBUTE = /([\w:.-]+)="([^"]*)"/g;

/** The first thing in an SVG that is no plain drawing (a script, a link, an event, markup of HTML), as text; undefined where there is none. */
export function activeMarkup(svg: string): string | undefined {
  for (let at = svg.indexOf("<"); at >= 0; at = svg.indexOf("<", at + 1)) {
    const [tag, closing, opening, attributes = ""] = TAG.exec(svg.slice(at)) ?? [];
    if (tag === undefined) return svg.slice(at, at + 40);
    if (!ELEMENTS.has(closing ?? opening!)) return `<${closing ?? opening}>`; // one of the two matched
    for (const [text, name, value] of attributes.matchAll(ATTRIBUTE)) if (!isPlain(name!, value!)) return text.slice(0, 40);
  }
  return undefined;
}

/** The one style of our own figures: pictures of crops keep their pixels. */
const PIXELATED = "image-rendering:pixelated";

function isPlain(name: string, value: string): boolean {
  if (/^style$/i.test(name)) return value === PIXELATED;
  if (/^on|^src/i.test(name)) return false;
  if (/href$/i.test(name)) return value.startsWith("data:image/png;base64,");
  return !/url\(\s*(?!#)/i.test(value);
}
