// Which SVG files may stand in a report's page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { activeMarkup, attentionContoursSvg, attentionStripSvg, cropGallerySvg, projectionPlotSvg } from "#report";

const svgOf = (inside: string, attributes = "") =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"${attributes}>${inside}</svg>`;

test("a figure of ours is a plain drawing, whatever words are in it, and so is one with a picture", () => {
  const ours = projectionPlotSvg({
    description: '"onload="alert(1)',
    title: '<script>alert(1)</script> href="http://a" url(http://a)',
    coordinates: Float64Array.of(0, 1, 2, 3),
    panels: [{ title: 'style="x"', kind: "names", values: ["<img src=x>", null] }],
  });
  assert.equal(activeMarkup(ours), undefined);
  assert.equal(activeMarkup(svgOf('<image href="data:image/png;base64,AAAA" width="9"/>')), undefined);
});

test("every kind of figure of ours that shows a picture is a plain drawing", () => {
  const crop = { height: 4, width: 4, pixels: Float32Array.from({ length: 16 }, (_, pixel) => pixel / 15) };
  const map = { name: "head 1", height: 2, width: 2, pixels: Float32Array.of(0, 1, 2, 3) };
  for (const figure of [
    attentionContoursSvg("a crop", crop, [map]),
    attentionStripSvg("a crop", crop, [map]),
    cropGallerySvg("crops", [{ ...crop, title: "a", subtitle: "b", sources: [{ x: 1, y: 1 }] }]),
  ]) {
    assert.match(figure, /<image /);
    assert.equal(activeMarkup(figure), undefined);
  }
});

const ACTIVE: readonly (readonly [svg: string, found: string])[] = [
  [svgOf("<script>alert(1)</script>"), "<script>"],
  [svgOf("", ' onload="alert(1)"'), 'onload="alert(1)"'],
  [svgOf('<rect width="1" OnClick="alert(1)"/>'), 'OnClick="alert(1)"'],
  [svgOf('<a href="javascript:alert(1)"><text>x</text></a>'), "<a>"],
  [svgOf("<foreignObject><p>x</p></foreignObject>"), "<foreignObject>"],
  [svgOf("<title><img src=x onerror=alert(1)></title>"), "<img src=x onerror=alert(1)></title></svg>"],
  [svgOf('<image href="https://example.org/seen.png"/>'), 'href="https://example.org/seen.png"'],
  [svgOf('<image xlink:href="https://example.org/seen.png"/>'), 'xlink:href="https://example.org/seen.png"'],
  [svgOf('<rect fill="url(https://example.org/#a)"/>'), 'fill="url(https://example.org/#a)"'],
  [svgOf("<style>@import 'https://example.org/a.css'</style>"), "<style>"],
  [svgOf('<rect style="fill:red"/>'), 'style="fill:red"'],
  [svgOf('<rect style="image-rendering:pixelated;fill:red"/>'), 'style="image-rendering:pixelated;fill:red'],
  [svgOf("<![CDATA[<script>alert(1)</script>]]>"), "<![CDATA[<script>alert(1)</script>]]></sv"],
  [svgOf("<!-- --!><script>alert(1)</script> -->"), "<!-- --!><script>alert(1)</script> --></"],
];

for (const [svg, found] of ACTIVE) {
  test(`an SVG with ${found.slice(0, 30)} is no plain drawing`, () => {
    assert.equal(activeMarkup(svg), found.slice(0, 40));
  });
}
