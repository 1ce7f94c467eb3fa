// Attention's backward pass: the softmax in it takes its sum over the width of a head, and its gradient is still right.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndArray, randomFor, sizeOf } from "#base/array";
import { gradients } from "#engine/autodiff";
import { evaluateGraph, fusedMatMul, Graph, hostTensorOf, matMul, mul, neededNodes, reduceSum, softmax } from "#engine/graph";

const [NUM_TOKENS, HEAD_DIM] = [7, 3];
const SHAPE = [2, NUM_TOKENS, HEAD_DIM];

function normal(name: string): NdArray<"float32"> {
  const random = randomFor(4, name);
  return ndArray(
    "float32",
    SHAPE,
    Float32Array.from({ length: sizeOf(SHAPE) }, () => random.normal()),
  );
}

/** A weighted sum of attention's output, with its gradients. `usesWeights` lets the loss see the weights as well. */
function attentionGraph({ usesWeights }: { readonly usesWeights: boolean }): Graph {
  const graph = new Graph("attention");
  const [q, k, v] = [graph.input("q", SHAPE), graph.input("k", SHAPE), graph.input("v", SHAPE)];
  const weights = softmax(fusedMatMul(q, k, { transB: true, alpha: 0.5 }));
  const seen = reduceSum(mul(matMul(weights, v), graph.constant(normal("covector"))));
  const loss = usesWeights ? mul(seen, reduceSum(mul(weights, weights))) : seen;
  graph.output("loss", loss);
  for (const [index, gradient] of gradients(loss, [q, k, v]).entries())
    graph.output(`gradient.${["q", "k", "v"][index]}`, gradient);
  return graph;
}

function sumLengths(graph: Graph): readonly number[] {
  const sums = neededNodes(graph).filter(({ op, inputs }) => op === "ReduceSum" && inputs[0]!.shape.length === 3);
  return sums.flatMap(({ outputs, inputs }) => (outputs[0]!.shape.at(-1) === 1 ? [inputs[0]!.shape.at(-1)!] : []));
}

for (const usesWeights of [false, true]) {
  const where = usesWeights ? "whose weights are used elsewhere too" : "alone";
  test(`the gradient of attention ${where} agrees with finite differences`, () => {
    const graph = attentionGraph({ usesWeights });
    const feeds = new Map(["q", "k", "v"].map((name) => [name, hostTensorOf(normal(name))]));
    const found = evaluateGraph(graph, feeds);
    for (const name of ["q", "k", "v"]) {
      const step = 1e-6;
      const direction = Float64Array.from(normal(`direction of ${name}`).data);
      const lossAt = (scale: number) => {
        const moved = feeds.get(name)!.data.map((value, index) => value + scale * direction[index]!);
        return evaluateGraph(graph, new Map([...feeds, [name, { shape: SHAPE, data: moved }]])).get("loss")!.data[0]!;
      };
      const difference = (lossAt(step) - lossAt(-step)) / (2 * step);
      const derivative = found.get(`gradient.${name}`)!.data.reduce((sum, value, index) => sum + value * direction[index]!, 0);
      assert.ok(Math.abs(derivative) > 1e-3, `${name}: a derivative of ${derivative} tests nothing`);
      assert.ok(
        Math.abs(derivative - difference) < 1e-6 * Math.max(1, Math.abs(difference)),
        `${name}: ${derivative}, ${difference}`,
      );
    }
  });
}

test("attention's softmax sums over a head's width, and over all tokens only where its weights are used elsewhere", () => {
  assert.deepEqual(sumLengths(attentionGraph({ usesWeights: false })), [HEAD_DIM]);
  assert.deepEqual(sumLengths(attentionGraph({ usesWeights: true })), [NUM_TOKENS]);
});
