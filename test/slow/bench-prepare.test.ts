// bench prepare with both sides at a small size: what is timed must be the same work, and numpy and astropy judge its result.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { takeTurns } from "../../bench/harness.ts";
import { checkAgreement, prepareContestants, writeField } from "../../bench/prepare.ts";
import { pythonSkip } from "../python.ts";
import { testFolder } from "../sky/survey/small-fields.ts";

const folder = testFolder();

test("Suricate and numpy with astropy keep the same crops, own the same sources and measure the same limits", {
  skip: pythonSkip(["numpy", "astropy"]),
}, async () => {
  for (const size of [
    { fieldSize: 300, cropSize: 64, numSources: 200 },
    { fieldSize: 257, cropSize: 50, numSources: 50 },
  ]) {
    const place = join(folder, String(size.fieldSize));
    mkdirSync(place);
    writeField(place, size);
    const timings = await takeTurns(prepareContestants(place, size), { turns: 2 });
    const [suricate, peer] = timings.map(({ values }) => values);
    checkAgreement(timings);
    assert.deepEqual(Object.keys(suricate!).toSorted(), Object.keys(peer!).toSorted());
    assert.ok(suricate!["rejected"]! > 0 && suricate!["crops"]! > 10, "the corners' crops are rejected, others are not");
    assert.ok(suricate!["ownedSources"]! > 0.5 * size.numSources);
  }
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
