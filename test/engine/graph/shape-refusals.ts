// What a graph refuses, by the words of its refusal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Graph, ShapeError, type Tensor } from "#engine/graph";

/** Builds what is refused, from inputs of these shapes called x0, x1, ... */
export type Build = (graph: Graph, input: (...shape: readonly number[]) => Tensor) => unknown;

/** One test for each whole message of a ShapeError. */
export function testRefusals(messages: readonly (readonly [message: string, build: Build])[]): void {
  for (const [message, build] of messages) {
    test(`the graph refuses: ${message}`, () => {
      const graph = new Graph("test");
      const input = (...shape: readonly number[]) => graph.input(`x${graph.inputs.length}`, shape);
      assert.throws(
        () => build(graph, input),
        (error) => {
          assert.ok(error instanceof ShapeError);
          assert.equal(error.message, message);
          return true;
        },
      );
    });
  }
}
