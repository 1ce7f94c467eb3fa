// Every case of every operator, and its gradients, against PyTorch and its autograd run live on the same graph.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import type { NdArray } from "#base/array";
import { evaluateGraph, type Graph, hostTensorOf, OP_RULES } from "#engine/graph";
import { peerEnvironment, pythonCommand } from "../../bench/peer-python.ts";
import { assertClose } from "../compare.ts";
import { differentiatedCase } from "../engine/autodiff/gradient-check.ts";
import { graphOfCase, OP_CASES } from "../engine/op-cases.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot } from "../real-data.ts";

const skip = pythonSkip(["torch"]);
const script = join(projectRoot, "test", "reference", "onnx_operators.py");
/** Both sides compute in doubles; the rules' constants are float32. */
const TOLERANCE = 1e-6;

interface Answer {
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const CASES = OP_CASES.map((opCase) => ({ opCase, ...(differentiatedCase(opCase) ?? { ...graphOfCase(opCase), wrt: [] }) }));

function described({ dtype, shape, data }: NdArray) {
  // JSON has no NaN and no infinity.
  const values = Array.from<number | bigint, number>(data, Number);
  return { dtype, shape, data: values.map((value) => (Number.isFinite(value) ? value : String(value))) };
}

/** What the reference needs of a graph, without the nodes of our own gradients. */
function graphText(graph: Graph, feeds: ReadonlyMap<string, NdArray>, wrt: readonly string[]) {
  const nodes = graph.nodes.filter(({ name }) => !name.startsWith("gradient/"));
  const known = [...feeds, ...graph.constants].map(([name, array]) => [name, described(array)] as const);
  const asked = [...graph.outputs].filter(([name]) => !name.startsWith("gradient."));
  return {
    tensors: Object.fromEntries(known),
    nodes: nodes.map(({ op, inputs, outputs, attributes }) => ({
      ...{ op, attributes },
      inputs: inputs.map(({ name }) => name),
      outputs: outputs.map(({ name }) => name),
    })),
    outputs: Object.fromEntries(asked.map(([name, tensor]) => [name, tensor.name])),
    wrt,
  };
}

let answers: readonly Answer[] = [];
before(() => {
  if (skip !== false) return;
  const folder = mkdtempSync(join(tmpdir(), "suricate-operators-"));
  try {
    const [source, target] = [join(folder, "in.json"), join(folder, "out.json")];
    writeFileSync(source, JSON.stringify(CASES.map(({ graph, feeds, wrt }) => graphText(graph, feeds, wrt))));
    const result = spawnSync(pythonCommand(), ["-B", script, source, target], { encoding: "utf8", env: peerEnvironment() });
    assert.equal(result.status, 0, result.stderr);
    answers = JSON.parse(readFileSync(target, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

for (const [index, { opCase, graph, feeds, wrt }] of CASES.entries()) {
  test(`PyTorch agrees on ${opCase.name}`, { skip }, () => {
    const found = evaluateGraph(graph, new Map([...feeds].map(([name, array]) => [name, hostTensorOf(array)])));
    const { outputs, gradients } = answers[index]!;
    assert.equal(Object.keys(outputs).length + Object.keys(gradients).length, found.size);
    for (const [name, wanted] of Object.entries(outputs)) assertClose(found.get(name)!.data, wanted, TOLERANCE, name);
    for (const name of wrt)
      assertClose(found.get(`gradient.${name}`)!.data, gradients[name]!, TOLERANCE, `gradient of ${name}`, 1e-4);
  });
}

test("every operator has a case here, and most have their gradients compared", () => {
  const compared = new Set(CASES.map(({ opCase }) => opCase.op));
  assert.deepEqual([...compared].toSorted(), Object.keys(OP_RULES).toSorted());
  assert.ok(CASES.filter(({ wrt }) => wrt.length > 0).length > 100, `${CASES.filter(({ wrt }) => wrt.length > 0).length}`);
});
