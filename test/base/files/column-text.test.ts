// Columns as CSV and VOTable, against text by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { COLUMN_TEXTS, type ParquetColumn, spreadColumn } from "#base/files";

const COLUMNS: readonly ParquetColumn[] = [
  { name: "id", type: "string", values: ['a "b", c', "<d>&", null] },
  { name: "raDeg", type: "double", values: [0.1, 359.76412763309571, null] },
  { name: "corners", type: "list<double>", values: [Float64Array.of(1, 2.5), null, Float64Array.of()] },
];

test("a CSV table quotes what needs it, leaves nulls empty and puts a list into one cell", () => {
  const { head, rows } = COLUMN_TEXTS.csv;
  assert.equal(head(COLUMNS) + rows(COLUMNS), 'id,raDeg,corners\n"a ""b"", c",0.1,1 2.5\n<d>&,359.7641276330957,\n,,\n');
});

test("a VOTable says types, units and meanings, and escapes what XML needs escaped", () => {
  const { head, rows, tail } = COLUMN_TEXTS.votable;
  const text = head(COLUMNS, { raDeg: { unit: "deg", ucd: "pos.eq.ra;meta.main" } }) + rows(COLUMNS) + tail;
  assert.ok(text.includes('<FIELD name="raDeg" datatype="double" unit="deg" ucd="pos.eq.ra;meta.main"/>'));
  assert.ok(text.includes('<FIELD name="corners" datatype="double" arraysize="*"/>'));
  assert.ok(text.includes("<TR><TD>&lt;d&gt;&amp;</TD><TD>359.7641276330957</TD><TD></TD></TR>"));
  assert.ok(text.endsWith("</VOTABLE>\n"));
});

test("a list column is spread over numbered columns", () => {
  const column: ParquetColumn<"list<float>"> = { name: "e", type: "list<float>", values: [Float32Array.of(1, 2), null] };
  assert.deepEqual(spreadColumn(column, 2), [
    { name: "e_0", type: "float", values: [1, null] },
    { name: "e_1", type: "float", values: [2, null] },
  ]);
});
