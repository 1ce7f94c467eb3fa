// The same graph in other operators computes the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndArray } from "#base/array";
import { gradients } from "#engine/autodiff";
import {
  evaluateGraph,
  fusedMatMul,
  Graph,
  gelu,
  hostTensorOf,
  isNan,
  logSoftmax,
  multiHeadAttention,
  OP_RULES,
  type OpName,
  printGraph,
  quantisedMatMul,
  reduceSum,
  split,
} from "#engine/graph";
import { type LoweringTarget, loweredGraph } from "#engine/runtime";
import { assertClose } from "../../compare.ts";
import { assertGolden } from "../../golden-file.ts";
import { differentiatedCase } from "../autodiff/gradient-check.ts";
import { graphOfCase, OP_CASES } from "../op-cases.ts";

const TARGETS: readonly LoweringTarget[] = ["onnx", "webgpu"];
/** Numbers that were an operator's own, in double, become constants in float32. */
const ROUNDING = 1e-7;

/** Operators that a target has no equal for. */
const REFUSED: Readonly<Record<LoweringTarget, readonly OpName[]>> = {
  onnx: ["DynamicQuantizeMatMul"],
  webgpu: ["DynamicQuantizeMatMul", "IsNaN"],
};

const casesFor = (target: LoweringTarget) => OP_CASES.filter(({ op }) => !REFUSED[target].includes(op));

function assertSameValues(graph: Graph, feeds: ReadonlyMap<string, NdArray>, target: LoweringTarget, what: string): void {
  const lowered = loweredGraph(graph, target);
  const fed = new Map([...feeds].map(([name, array]) => [name, hostTensorOf(array)]));
  const [wanted, got] = [evaluateGraph(graph, fed), evaluateGraph(lowered, fed)];
  assert.deepEqual([...got.keys()], [...wanted.keys()], what);
  for (const [name, { shape, data }] of wanted) {
    assert.deepEqual([lowered.outputs.get(name)!.dtype, got.get(name)!.shape], [graph.outputs.get(name)!.dtype, shape], what);
    const isNumber = data.map((value) => Number(Number.isFinite(value)));
    assert.deepEqual(
      got.get(name)!.data.map((value) => Number(Number.isFinite(value))),
      isNumber,
      what,
    );
    const numbers = (values: Float64Array) => values.filter((_, place) => isNumber[place]);
    assertClose(numbers(got.get(name)!.data), numbers(data), ROUNDING, `${what}, ${name}`);
  }
}

for (const target of TARGETS) {
  test(`lowered to ${target}, every case of every operator computes the same`, () => {
    const cases = casesFor(target);
    for (const opCase of cases) {
      const { graph, feeds } = graphOfCase(opCase);
      assertSameValues(graph, feeds, target, opCase.name);
    }
    assert.ok(cases.length > 200);
  });

  test(`lowered to ${target}, the gradients of every case compute the same`, () => {
    const found = casesFor(target).flatMap((opCase) => differentiatedCase(opCase) ?? []);
    for (const { graph, feeds } of found) assertSameValues(graph, feeds, target, [...graph.outputs.keys()].join());
    assert.ok(found.length > 30);
  });

  test(`lowered to ${target}, a graph is refused where it multiplies in 8 bits`, () => {
    const graph = new Graph("small");
    const weight = graph.constant(ndArray("int8", [2, 3], Int8Array.of(1, 2, 3, 4, 5, 6)));
    const product = graph.scope("blocks.0", () => quantisedMatMul(graph.input("x", [4, 2]), weight, graph.input("scale", [3])));
    graph.output("y", product);
    assert.throws(() => loweredGraph(graph, target), {
      name: "ShapeError",
      message:
        "loweredGraph: blocks.0/DynamicQuantizeMatMul: DynamicQuantizeMatMul has no equal in the operators of this reader: " +
        "expected weights in float32, got int8. Leave out the quantisation.",
    });
  });
}

test("lowered to webgpu, a graph is refused where it asks for NaN", () => {
  const graph = new Graph("nan");
  graph.output("y", isNan(graph.input("x", [2])));
  assert.throws(() => loweredGraph(graph, "webgpu"), {
    name: "ShapeError",
    message:
      "loweredGraph: IsNaN: IsNaN cannot be told there: WebGPU's shading language may take it that no value is NaN (WGSL, 15.7.2). " +
      "Look on the CPU.",
  });
});

test("lowered to webgpu, a split into more pieces than a shader has buffers is cut out piece by piece", () => {
  const graph = new Graph("pieces");
  const x = graph.input("x", [2, 20]);
  for (const [index, piece] of split(x, [1, 2, 3, 1, 2, 3, 1, 2, 5], -1).entries()) graph.output(`piece.${index}`, piece);
  const data = Float64Array.from({ length: 40 }, (_, index) => index);
  assertSameValues(graph, new Map([["x", ndArray("float64", [2, 20], data)]]), "webgpu", "pieces");
  assert.ok(loweredGraph(graph, "webgpu").nodes.every(({ op }) => op === "Slice"));
});

test("lowered to onnx, no operator but ai.onnx's is left", () => {
  for (const opCase of casesFor("onnx")) {
    const { nodes } = loweredGraph(graphOfCase(opCase).graph, "onnx");
    assert.deepEqual(
      nodes.filter(({ op }) => OP_RULES[op].domain !== "").map(({ op }) => op),
      [],
      opCase.name,
    );
  }
});

test("a lowered graph reads as it should: layers keep their names, inputs their places, dead nodes are gone", () => {
  const graph = new Graph("lowered");
  const [x, weight] = [graph.input("x", [2, 3]), graph.input("weight", [4, 3])];
  graph.input("unread", [7]);
  graph.scope("dead", () => gelu(x));
  const hidden = graph.scope("head", () => gelu(graph.scope("fc", () => fusedMatMul(x, weight, { transB: true, alpha: 0.5 }))));
  graph.output("y", logSoftmax(hidden, 0));
  graph.output("z", x);
  for (const [index, gradient] of gradients(reduceSum(hidden), [weight]).entries()) graph.output(`gradient.${index}`, gradient);
  graph.output(
    "mixed",
    multiHeadAttention(graph.input("q", [1, 2, 4]), graph.input("k", [1, 3, 4]), graph.input("v", [1, 3, 4]), { numHeads: 2 }),
  );
  for (const target of TARGETS) assertGolden(`graph/lowered-${target}.txt`, printGraph(loweredGraph(graph, target)));
});

test("a graph that its reader knows whole comes out as it went in", () => {
  const { graph } = graphOfCase(OP_CASES.find(({ op }) => op === "LayerNormalization")!);
  for (const target of TARGETS) assert.equal(printGraph(loweredGraph(graph, target)), printGraph(graph));
});
