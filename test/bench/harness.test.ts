// The benchmark harness, against contestants whose times and failures are known.
import assert from "node:assert/strict";
import { test } from "node:test";
import { benchResult, type Contestant, type Timing, takeTurns } from "../../bench/harness.ts";
import { median } from "../../bench/median.ts";
import { formatResult } from "../../bench/table.ts";
import { forgetPeakMemory, peakMemoryBytes } from "../../bench/turns.ts";

/** A contestant that answers with fixed times and writes down when it began and ended each turn. */
function scripted(name: string, seconds: readonly number[]): Contestant {
  const program = `
    const seconds = ${JSON.stringify(seconds)};
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      if (JSON.parse(line).do === "warm") return console.log("{}");
      const begin = Date.now();
      while (Date.now() < begin + 20);
      console.log(JSON.stringify({ seconds: seconds.shift(), cpuSeconds: 2 * seconds.length, peakBytes: 1000 * seconds.length, values: { begin, end: Date.now() } }));
    });`;
  return { name, command: process.execPath, args: ["-e", program] };
}

const timing = (name: string, value: number): Timing => ({
  name,
  seconds: [value],
  median: value,
  cpuSeconds: 2 * value,
  peakBytes: 2e9,
  values: {},
});

test("the median of an even number of values is the mean of the middle two", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([9, 1, 5]), 5);
});

test("every contestant takes as many turns as asked and none works while another does", async () => {
  const [first, second] = await takeTurns([scripted("A", [3, 1, 2]), scripted("B", [6, 6, 8])], { turns: 3 });
  assert.deepEqual(first!.seconds, [3, 1, 2]);
  assert.equal(first!.median, 2);
  assert.equal(second!.median, 6);
  assert.equal(first!.peakBytes, 2000);
  assert.equal(first!.cpuSeconds, 2);
  assert.ok(first!.values["end"]! < second!.values["begin"]!);
});

test("a contestant that dies is named with its last words", async () => {
  const dying: Contestant = {
    name: "PyTorch",
    command: process.execPath,
    args: ["-e", "console.error('no torch here'); process.exit(3)"],
  };
  await assert.rejects(
    takeTurns([dying], { turns: 1 }),
    /^Error: bench: PyTorch: ended before it answered "warm"\. no torch here$/,
  );
});

test("a contestant that cannot be started is named", async () => {
  const absent: Contestant = { name: "PyTorch", command: "no-such-python", args: [] };
  await assert.rejects(
    takeTurns([absent], { turns: 1 }),
    /bench: PyTorch: ended before it answered "warm"\. .*no-such-python.*ENOENT/,
  );
});

test("a contestant's own error reaches the one who asked", async () => {
  const program = `require("node:readline").createInterface({ input: process.stdin }).on("line", () => console.log('{"error":"out of memory"}'))`;
  const failing: Contestant = { name: "numpy", command: process.execPath, args: ["-e", program] };
  await assert.rejects(takeTurns([failing], { turns: 1 }), /^Error: bench: numpy: out of memory$/);
});

test("the ratio is the peer's median over Suricate's, for every peer", () => {
  const result = benchResult("vit-step", [timing("Suricate", 2), timing("PyTorch fp32", 5), timing("bf16", 1)], {
    peak: 0.6,
    notes: ["Threads: 2."],
  });
  assert.equal(result.ratio, 2.5);
  assert.deepEqual(result.others, [{ name: "bf16", median: 1, ratio: 0.5, memory: 2e9, cpuSeconds: 2 }]);
  assert.deepEqual(result.cpuSeconds, { suricate: 4, peer: 10 });
  assert.equal(
    formatResult(result),
    [
      "vit-step       median  / Suricate  peak memory  processor time",
      "Suricate      2.000 s       1.00x      2.00 GB         4.000 s",
      "PyTorch fp32  5.000 s       2.50x      2.00 GB         10.00 s",
      "bf16          1.000 s       0.50x      2.00 GB         2.000 s",
      "Suricate reaches 60 % of this machine's matrix-product rate.",
      "Threads: 2.",
    ].join("\n"),
  );
});

test("the peak memory of a turn counts what was allocated in it", () => {
  forgetPeakMemory();
  const before = peakMemoryBytes();
  const block = new Uint8Array(200e6).fill(1);
  assert.ok(peakMemoryBytes() > before + 150e6, `${peakMemoryBytes()} after ${before}, with ${block.length} bytes filled`);
});
