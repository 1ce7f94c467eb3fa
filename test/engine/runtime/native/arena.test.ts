import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { isAddressSpaceLimited } from "../../../../src/engine/runtime/native/arena.ts";

const HEAD = "Limit                     Soft Limit           Hard Limit           Units     \n";
const CPU_TIME = "Max cpu time              unlimited            unlimited            seconds   \n";

test("a process whose addresses are limited is told from one whose are not", () => {
  assert.equal(
    isAddressSpaceLimited(`${HEAD}${CPU_TIME}Max address space         unlimited            unlimited            bytes     \n`),
    false,
  );
  assert.equal(
    isAddressSpaceLimited(`${HEAD}${CPU_TIME}Max address space         3072000000           unlimited            bytes     \n`),
    true,
  );
  assert.equal(isAddressSpaceLimited(""), false);
});

test("a model runs where the process has 3 GB of addresses", {
  skip: process.platform !== "linux" && "ulimit -v is Linux's",
}, () => {
  const program = `
    import { Graph, matMul } from "#engine/graph";
    import { ndArray } from "#base/array";
    import { openDevice } from "#engine/runtime/native";
    const graph = new Graph("small");
    graph.output("product", matMul(graph.input("a", [2, 2]), graph.input("b", [2, 2])));
    const device = await openDevice({ device: "cpu", numThreads: 1 });
    const two = () => ndArray("float32", [2, 2], Float32Array.of(1, 2, 3, 4));
    const results = await device.open(graph).run(new Map([["a", two()], ["b", two()]]));
    const held = Array.from({ length: 8 }, () => new Float32Array(2 ** 24).fill(1));
    console.log(results.get("product").data.join(" "), held.length);
    process.exit(0);`;
  const node = `${process.execPath} --input-type=module --eval "$PROGRAM"`;
  const { stdout, stderr } = spawnSync("sh", ["-c", `ulimit -v 3000000; ${node}`], {
    env: { ...process.env, PROGRAM: program },
    encoding: "utf8",
  });
  assert.equal(stdout.trim(), "7 10 15 22 8", stderr);
});
