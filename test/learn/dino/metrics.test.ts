// The numbers that show a collapse, on embeddings whose spread is known; and the optimiser's parameter groups.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndArray, randomFor } from "#base/array";
import { dinoConfigSchema, embeddingSpread, groupOf, lengthOf, networkParameters } from "#learn/dino";

function directions(numRows: number, dim: number, value: (row: number) => number) {
  return ndArray(
    "float32",
    [numRows, dim],
    Float32Array.from({ length: numRows * dim }, (_, i) => value(Math.floor(i / dim))),
  );
}

test("embeddings in every direction alike have a spread of about one", () => {
  const random = randomFor(1, "spread");
  const spread = embeddingSpread(directions(4000, 64, () => random.normal()));
  assert.ok(Math.abs(spread - 1) < 0.01, `got ${spread}`);
});

test("embeddings that differ in length alone have collapsed: their spread is zero", () => {
  const spread = embeddingSpread(directions(50, 8, (row) => row + 1));
  assert.ok(spread < 1e-6, `got ${spread}`);
});

test("embeddings at either end of one line have a spread of one", () => {
  // Unit rows +-u with u = (1, 1, 1, 1) / 2: a standard deviation of 1/2 in each of 4 dimensions, times sqrt(4).
  const spread = embeddingSpread(directions(10, 4, (row) => (row % 2 === 0 ? 3 : -3)));
  assert.ok(Math.abs(spread - 1) < 1e-6, `got ${spread}`);
});

test("the spread does not touch the embeddings that it measures", () => {
  const embeddings = directions(3, 2, (row) => row + 1);
  embeddingSpread(embeddings);
  assert.deepEqual([...embeddings.data], [1, 1, 2, 2, 3, 3]);
});

test("the length of (3, 4) is 5", () => {
  assert.equal(lengthOf(ndArray("float32", [2], Float32Array.of(3, 4))), 5);
});

test("biases and norms are not decayed; class token, positions and matrices are; the prototypes are a group of their own", () => {
  const specs = networkParameters(dinoConfigSchema.parse({}));
  const groups = new Map(specs.map((spec) => [spec.name, groupOf(spec)]));
  for (const name of ["cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.3.attn.qkv.weight", "head.mlp.4.weight"]) {
    assert.equal(groups.get(name), "decayed", name);
  }
  for (const name of [
    "patch_embed.proj.bias",
    "blocks.0.norm1.weight",
    "blocks.0.norm1.bias",
    "norm.weight",
    "head.mlp.0.bias",
  ]) {
    assert.equal(groups.get(name), "undecayed", name);
  }
  assert.deepEqual(
    [...groups].filter(([, group]) => group === "prototypes").map(([name]) => name),
    ["head.last_layer.weight_v"],
  );
  assert.equal(specs.length, 4 + 12 * 12 + 2 + 7);
});
