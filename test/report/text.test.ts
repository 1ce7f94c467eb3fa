import assert from "node:assert/strict";
import { test } from "node:test";
import { countText, durationText, estimateText, factList, fractionText, htmlPage, htmlTable, numberText } from "#report";
import { assertGolden } from "../golden-file.ts";

test("numbers are written with three digits, a true minus and no long rows of noughts", () => {
  const written = [0, 5.2, 46.319, 1234.5, -0.3, 0.00123, 0.0000456, 12345678, Number.NaN].map(numberText);
  assert.deepEqual(written, ["0", "5.20", "46.3", "1235", "−0.300", "0.00123", "4.56e−5", "1.23e7", "–"]);
});

test("estimates carry their interval, fractions two decimals, counts narrow spaces", () => {
  assert.equal(estimateText(5.2, [4.417, 6.24]), "5.20 [4.42, 6.24]");
  assert.deepEqual([0.8871, -0.001, -0.5, Number.NaN].map(fractionText), ["0.89", "0.00", "−0.50", "–"]);
  assert.deepEqual([12, 1234, 1234567].map(countText), ["12", "1\u202f234", "1\u202f234\u202f567"]);
});

test("durations are told in the units people use", () => {
  assert.deepEqual([0.84, 41.3, 59.7, 125].map(durationText), ["0.8 s", "41 s", "1 min 00 s", "2 min 05 s"]);
});

test("a table escapes its cells, aligns its numbers and marks its main row", () => {
  const rows = [
    { name: "trained <b>", value: 5 },
    { name: "untrained", value: 8 },
  ];
  const table = htmlTable(
    "Errors & more",
    [
      { name: "features", kind: "text", cell: (row: (typeof rows)[number]) => row.name },
      { name: "error", kind: "number", cell: (row) => numberText(row.value) },
    ],
    rows,
    ({ value }) => value === 5,
  );
  assertGolden("report/table.html", `${table}\n`);
});

test("a page escapes its title and lead, and keeps the HTML of its sections", () => {
  const page = htmlPage("a < b", 'say "yes"', [{ heading: "R&D", body: factList([["seed", "<1>"]]) }]);
  assert.match(page, /<title>a &lt; b<\/title>/);
  assert.match(page, /<h2>R&amp;D<\/h2>/);
  assert.match(page, /say &quot;yes&quot;/);
  assert.match(page, /<dt>seed<\/dt><dd>&lt;1&gt;<\/dd>/);
});
