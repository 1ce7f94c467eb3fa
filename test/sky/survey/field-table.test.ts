import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTextTable } from "#sky/catalogue";
import { isFieldTableHeader, joinFieldTable } from "#sky/survey";

const joined = (text: string, names: readonly string[]) =>
  joinFieldTable(parseTextTable(text, "t1.csv", isFieldTableHeader), names, "t1.csv");

test("a table's flags, noise and redshifts come to their fields under loosely written headings", () => {
  for (const heading of [
    "ClusterName ,RA (J2000),Redshift,rms (µJy/beam),DQF",
    "Cluster Name,RA,z,Image RMS [uJy/bm],Data Quality Flag",
    "Field,ra_deg,Z ,sigma_uJy,dqf ",
  ]) {
    const text = `${heading}\nAbell 133 †,15.6,0.057a,3.5,1\nEl Gordo,15.7,0.870,~4,0\nAbell 999,1,0.1,5,3\n`;
    const { facts, warnings } = joined(text, ["Abell 133", "El Gordo"]);
    assert.deepEqual(
      [...facts],
      [
        ["Abell 133", { dataQualityFlag: 1, quotedRmsJyPerBeam: 3.5e-6, redshift: 0.057 }],
        ["El Gordo", { dataQualityFlag: 0, quotedRmsJyPerBeam: 4e-6, redshift: 0.87 }],
      ],
      heading,
    );
    assert.deepEqual(warnings, []);
  }
});

test("what a table does not say is null, and what is doubtful is told", () => {
  const { facts, warnings } = joined("cluster,rms,dqf\nAbell 133,3.5,-\n", ["Abell 133", "Abell 22"]);
  assert.deepEqual([...facts], [["Abell 133", { dataQualityFlag: null, quotedRmsJyPerBeam: null, redshift: null }]]);
  assert.deepEqual(warnings, [
    't1.csv: column "rms" is left out: its unit is not known. Name it in the heading, as in "rms (uJy/beam)".',
    "t1.csv: 1 of 2 fields are not in it: Abell 22.",
  ]);
});

test("a table without names, or with two rows of one field that disagree, is refused", () => {
  assert.throws(() => joined("dqf,z\n1,2\n", ["a"]), {
    message: "t1.csv: expected a column of field names, such as ClusterName, got dqf, z.",
  });
  assert.throws(() => joined("cluster,dqf\nAbell 133,1\nAbell_133,2\n", ["Abell 133"]), {
    message: "t1.csv: line 3: expected one row of Abell 133, got another that says otherwise. Remove one.",
  });
  assert.equal(joined("cluster,dqf\nAbell 133,1\nAbell_133,1\n", ["Abell 133"]).facts.size, 1);
});
