// What a long run writes to a log.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, formatRate, plainPause } from "../../../apps/cli/terminal.ts";

test("lines of progress come every ten seconds at first, and a log of three days has some hundreds of them", () => {
  assert.equal(plainPause(0), 10_000);
  assert.equal(plainPause(3_600_000), 60_000);
  let [lines, elapsed] = [0, 0];
  for (; elapsed < 3 * 24 * 3_600_000; lines++) elapsed += plainPause(elapsed);
  assert.ok(lines > 300 && lines < 1500, `${lines} lines`);
});

test("durations are told in the two units that matter", () => {
  assert.deepEqual([12.4, 200, 3840, Number.NaN].map(formatDuration), ["12 s", "3 min 20 s", "1 h 04 min", "?"]);
});

test("rates are told without powers of ten, and slow ones by the time that one takes", () => {
  assert.deepEqual([15604.4, 99.96, 26.23, 1, 0.116, 0.0005].map(formatRate), [
    "15604/s",
    "100/s",
    "26.2/s",
    "1.00/s",
    "8.62 s each",
    "2000 s each",
  ]);
});
