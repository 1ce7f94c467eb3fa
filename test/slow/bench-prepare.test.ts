// bench prepare with both sides at a small size: what is timed must be the same work, and numpy and astropy judge its result.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { takeTurns } from "../../bench/harness.ts";
import { checkAgreement, prepareContestants } from "../../bench/prepare.ts";
import { STORAGES, writeField } from "../../bench/prepare-field.ts";
import { pythonSkip } from "../python.ts";
import { testFolder } from "../sky/survey/small-fields.ts";

const folder = testFolder();

test("Suricate and numpy with astropy keep the same crops, own the same sources and measure the same limits", {
  skip: pythonSkip(["numpy", "astropy"]),
}, async () => {
  for (const size of [
    { fieldSize: 300, cropSize: 64, blankBeyond: 0.62 },
    { fieldSize: 257, cropSize: 50, blankBeyond: 0.62 },
  ]) {
    const place = join(folder, String(size.fieldSize));
    mkdirSync(place);
    await writeField(place, size, "plain");
    const timings = await takeTurns(prepareContestants(place, size, "plain"), { turns: 2 });
    const [suricate, peer] = timings.map(({ values }) => values);
    checkAgreement(timings);
    assert.deepEqual(Object.keys(suricate!).toSorted(), Object.keys(peer!).toSorted());
    assert.ok(suricate!["rejected"]! > 0 && suricate!["crops"]! > 10, "the corners' crops are rejected, others are not");
    assert.ok(suricate!["ownedSources"]! > 20, `${suricate!["ownedSources"]}`);
  }
});

test("a field that is compressed gives the crops and sources of the plain one", {
  skip: pythonSkip(["numpy", "astropy"]),
}, async () => {
  const size = { fieldSize: 256, cropSize: 64 };
  const found = [];
  for (const storage of STORAGES) {
    const place = join(folder, storage);
    mkdirSync(place);
    await writeField(place, size, storage);
    const timings = await takeTurns(prepareContestants(place, size, storage), { turns: 1 });
    found.push(timings.find(({ values }) => values["crops"] !== undefined)!.values);
    checkAgreement(timings);
  }
  const [plain, gzip, rice] = found;
  assert.deepEqual(gzip, plain);
  assert.deepEqual([rice!["crops"], rice!["ownedSources"]], [plain!["crops"], plain!["ownedSources"]]);
  // Steps of a quarter of the noise move a percentile by less than one of them.
  assert.ok(Math.abs(rice!["highFlux"]! - plain!["highFlux"]!) < 0.25 * plain!["rms"]!);
});

test("sides of bench prepare that disagree are not compared", () => {
  const side = (name: string, crops: number) => ({
    name,
    seconds: [1],
    median: 1,
    cpuSeconds: 1,
    peakBytes: 1,
    values: { crops, lowFlux: -1e-5 },
  });
  assert.doesNotThrow(() => checkAgreement([side("Suricate", 4), side("peer", 4)]));
  assert.throws(
    () => checkAgreement([side("Suricate", 5), side("peer", 4)]),
    /^Error: bench: prepare: crops: expected 4 as the peer, got 5\.$/,
  );
});
