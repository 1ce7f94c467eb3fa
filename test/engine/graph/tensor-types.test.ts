// Named axes: what compiles and what does not. The compiler checks this file; an unused @ts-expect-error fails the build.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dims, Graph, layerNormalization, named, relu, softmax, type Tensor } from "#engine/graph";

function numTokens(tokens: Tensor<"B N D">): number {
  return dims(tokens, "B N D", "numTokens").N;
}

test("a tensor with named axes goes where those names are asked for, and only there", () => {
  const graph = new Graph("types");
  const unnamed = graph.input("x", [2, 5, 4]);
  const tokens = named(unnamed, "B N D", "test");
  assert.equal(numTokens(tokens), 5);
  const forgotten: Tensor = tokens;
  assert.equal(forgotten.shape.length, 3);
  // @ts-expect-error an unnamed tensor must be given its axes first
  numTokens(unnamed);
  // @ts-expect-error other axes are not these axes
  numTokens(named(unnamed, "B C H", "test"));
});

test("sizes are read by the names of the axes, and by no other name", () => {
  const sizes = dims(new Graph("types").input("x", [2, 5, 4]), "B N D", "test");
  assert.deepEqual(sizes, { B: 2, N: 5, D: 4 });
  // @ts-expect-error there is no axis of this name
  assert.equal(sizes.K, undefined);
});

test("operators that keep the shape keep the names of its axes", () => {
  const graph = new Graph("types");
  const tokens = named(graph.input("x", [2, 5, 4]), "B N D", "test");
  const scale = graph.input("scale", [4]);
  assert.equal(numTokens(softmax(relu(layerNormalization(tokens, scale, scale, { epsilon: 1e-6 })))), 5);
});
