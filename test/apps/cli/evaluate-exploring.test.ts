// suricate evaluate similarity, anomaly, shift and cka, as a person calls them: one JSON document each, with a value by its formula.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { randomFor } from "#base/array";
import { readEmbeddings, writeEmbeddings } from "#learn/embeddings/disk";
import type { AnomalyRecord, CkaRecord, ShiftRecord, SimilarityRecord } from "#learn/tasks";
import { writeCropSet } from "#sky/survey/disk";
import { cropRecord, cropSetOf, tableOf } from "../../learn/crop-sets.ts";
import { suricate as suricateIn } from "./suricate.ts";

const SIDE = 8;
const NUM_CROPS = 60;
let folder = "";
const at = (name: string) => join(folder, name);
const suricate = (...args: readonly string[]) => suricateIn(folder, ...args);

/** Two classes of brightness, one field a crop; every tenth crop interests people, and is oddly bright. */
const records = Array.from({ length: NUM_CROPS }, (_, row) =>
  cropRecord({
    ...{ id: `c${row}`, field: `f${row}`, label: row % 2 === 0 ? "faint" : "bright", split: row < 40 ? "train" : "test" },
    interestScore: row % 10 === 0 ? 5 : 1,
  }),
);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-exploring-"));
  for (const [name, level] of [
    ["crops", 0],
    ["others", 0.3],
  ] as const) {
    const random = randomFor(71, name);
    const squares = records.map((_, row) =>
      Float32Array.from(
        { length: SIDE * SIDE },
        () => level + (row % 2) / 4 + (row % 10 === 0 ? 0.5 : 0) + 0.3 * random.uniform(),
      ),
    );
    const { info } = cropSetOf(records, SIDE, squares);
    await writeCropSet({ out: at(name), storedSize: SIDE, existing: "refuse", durability: "rename" }, async (append) => {
      for (const square of squares) append(square);
      return { info, records };
    });
  }
  for (const backbone of ["pixels", "statistics"])
    assert.equal((await suricate("embed", "crops", "--backbone", backbone, "--out", `${backbone}.parquet`)).status, 0);
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function evaluated<R>(...args: readonly string[]): Promise<R> {
  const { status, stdout, stderr } = await suricate("evaluate", ...args, "--json");
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as R;
}

async function vectorsOf(name: string): Promise<number[][]> {
  const { embeddings, dim } = await readEmbeddings(at(name));
  return records.map((_, row) => [...embeddings.subarray(row * dim, (row + 1) * dim)]);
}

/** Every record says what it is of, how it was made, and stands beside floors. */
function assertHead(record: object, task: string): void {
  const wanted = ["task", "backbone", "embeddingDim", "metric", "value", "interval", "cropSetName", "dataHash", "intervalUnit"];
  for (const key of [...wanted, "seeds", "exclusions", "notes", "protocolText", "floors"]) assert.ok(key in record, key);
  assert.equal((record as { task: string }).task, task);
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, index) => sum + value * b[index]!, 0);

test("similarity counts how often the nearest training crop by cosine has a test crop's class", async () => {
  const record = await evaluated<SimilarityRecord>("similarity", "crops", "--backbone", "statistics", "--shared", "report");
  assertHead(record, "similarity");
  assert.deepEqual([record.numTrain, record.numTest], [40, 20]);
  assert.ok(Math.abs(record.chance - 0.5) < 1e-12);
  assert.deepEqual(
    record.floors.map(({ backbone }) => backbone),
    [`pixels-centre-${SIDE}`],
  );
  const vectors = (await vectorsOf("statistics.parquet")).map((vector) => vector.map((x) => x / Math.sqrt(dot(vector, vector))));
  const right = records.slice(40).filter(({ label }, index) => {
    const near = records
      .slice(0, 40)
      .map((other, row) => ({ label: other.label, cosine: dot(vectors[40 + index]!, vectors[row]!) }));
    return near.toSorted((a, b) => b.cosine - a.cosine)[0]!.label === label;
  });
  assert.ok(Math.abs(record.value - right.length / 20) < 1e-12, `${record.value} for ${right.length / 20}`);
  assert.match(
    (await suricate("evaluate", "similarity", "crops", "--backbone", "statistics")).stdout,
    /^backbone +at 1 \[95 %\] +at 3 \[95 %\]/m,
  );
});

test("anomaly's headline is the area under the ROC curve of the mean distance to the nearest crops", async () => {
  const random = randomFor(72, "line");
  const line = records.map((_, row) => [row % 10 === 0 ? 2 * random.normal() : random.normal()]);
  writeEmbeddings(at("line.parquet"), tableOf("line", records, line));
  const record = await evaluated<AnomalyRecord>("anomaly", "line.parquet", "--neighbours", "2");
  assertHead(record, "anomaly");
  assert.deepEqual(
    [record.n, record.numInteresting, record.scorers.map(({ name }) => name)],
    [...[60, 6], ["neighbour-distance", "mahalanobis"]],
  );
  // With three neighbours the middle two of four crops would be equally odd but for rounding.
  // On a line standardising and turning change no order of distances.
  const values = line.map(([x]) => Math.fround(x!));
  const oddness = values.map((x, row) => {
    const distances = values.flatMap((other, place) => (place === row ? [] : [Math.abs(x - other)]));
    return distances
      .toSorted((a, b) => a - b)
      .slice(0, 2)
      .reduce((sum, distance) => sum + distance, 0);
  });
  const [odd, plain] = [oddness.filter((_, row) => row % 10 === 0), oddness.filter((_, row) => row % 10 !== 0)];
  const wins = odd.flatMap((one) => plain.map((other): number => (one > other ? 1 : one === other ? 0.5 : 0)));
  const area = wins.reduce((sum, win) => sum + win, 0) / wins.length;
  assert.ok(Math.abs(record.value - area) < 1e-9, `${record.value} for ${area}`);
  const ofSet = await evaluated<AnomalyRecord>("anomaly", "crops", "--backbone", "statistics");
  assert.deepEqual([ofSet.metric, ofSet.floors.map(({ backbone }) => backbone)], ["rocAuc", ["pixels"]]);
});

test("shift's Frechet distance on one number a crop is that of two normal distributions", async () => {
  const random = randomFor(73, "shift");
  const [a, b] = [records.map(() => [random.normal()]), records.map(() => [1.5 + 2 * random.normal()])];
  writeEmbeddings(at("a.parquet"), tableOf("same", records, a));
  writeEmbeddings(at("b.parquet"), tableOf("same", records, b, { cropSetName: "other" }));
  const record = await evaluated<ShiftRecord>("shift", "a.parquet", "b.parquet");
  assertHead(record, "shift");
  assert.deepEqual([record.cropSetName, record.otherCropSetName, record.n, record.otherN], ["tiny", "other", 60, 60]);
  const moments = (values: readonly number[], lost = 1) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - lost)) };
  };
  const all = moments([...a.flat(), ...b.flat()]);
  const [first, second] = [a, b].map((set) => moments(set.map(([x]) => (x! - all.mean) / all.sd))) as [typeof all, typeof all];
  const squared = (first.mean - second.mean) ** 2 + (first.sd - second.sd) ** 2;
  // Variances over n or over n - 1: a few hundredths between them.
  assert.ok(Math.abs(record.value - squared) < 0.03 * squared, `${record.value} for ${squared}`);
  assert.ok(record.frechetDistance.withoutShift.p < 0.05);
  const ofSets = await evaluated<ShiftRecord>("shift", "crops", "others", "--backbone", "statistics");
  assert.ok(ofSets.value > 0 && ofSets.floors.some(({ backbone }) => backbone === "pixels"));
});

test("cka is the squared product of centred embeddings over the products with themselves", async () => {
  const record = await evaluated<CkaRecord>("cka", "crops", "--backbone", "statistics", "--against", "pixels");
  assertHead(record, "cka");
  assert.deepEqual([record.backbone, record.otherBackbone, record.n], ["statistics", "pixels", NUM_CROPS]);
  const centred = (vectors: readonly number[][]) => {
    const means = vectors[0]!.map((_, k) => vectors.reduce((sum, vector) => sum + vector[k]!, 0) / vectors.length);
    return vectors.map((vector) => vector.map((value, k) => value - means[k]!));
  };
  const [x, y] = [centred(await vectorsOf("statistics.parquet")), centred(await vectorsOf("pixels.parquet"))];
  const gram = (v: readonly number[][]) => v.map((one) => v.map((other) => dot(one, other)));
  const [k, l] = [gram(x), gram(y)];
  const inner = (a: readonly number[][], b: readonly number[][]) => a.reduce((sum, row, index) => sum + dot(row, b[index]!), 0);
  const wanted = inner(k, l) / Math.sqrt(inner(k, k) * inner(l, l));
  assert.ok(Math.abs(record.value - wanted) < 1e-6, `${record.value} for ${wanted}`);
  const ofFiles = await evaluated<CkaRecord>("cka", "statistics.parquet", "pixels.parquet");
  assert.ok(Math.abs(ofFiles.value - wanted) < 1e-6);
});

for (const [args, status, message] of [
  ["similarity none.parquet", 1, "none.parquet: cannot be read"],
  ["anomaly line.parquet --min-interest 9", 1, "evaluate anomaly: expected at least 5 crops with an interest score from 9 on"],
  ["shift a.parquet statistics.parquet", 1, "evaluate shift: "],
  ["cka a.parquet", 2, "evaluate cka: expected two files of embeddings and no backbones"],
] as const) {
  test(`evaluate ${args} is refused in one line`, async () => {
    const ended = await suricate("evaluate", ...args.split(" "));
    assert.equal(ended.status, status, ended.stderr);
    assert.ok(ended.stderr.includes(message), ended.stderr);
  });
}
