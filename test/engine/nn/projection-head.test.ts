// The projection head's laws; its values are compared with PyTorch's in the whole step (test/learn/dino).
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { type HostTensor, named } from "#engine/graph";
import { headParameters, PROTOTYPES, projectionHead, unitRows } from "#engine/nn";
import { assertClose, lengthOf } from "../../compare.ts";
import { evaluated, hostTensor } from "../host-tensors.ts";

const sizes = { hiddenDim: 6, bottleneckDim: 4, numPrototypes: 9 };
const random = randomFor(8, "head test");
const draws = (shape: readonly number[]) =>
  hostTensor(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
  );
const feeds: Record<string, HostTensor> = { embeddings: draws([3, 5]) };
for (const { name, shape } of headParameters(5, sizes)) feeds[name] = draws(shape);

const logits = (values: Readonly<Record<string, HostTensor>>) =>
  evaluated(values, (inputs) => ({
    logits: projectionHead(named(inputs["embeddings"]!, "R D", "head"), new Map(Object.entries(inputs))).logits,
  })).get("logits")!;

const scaled = (tensor: HostTensor, factor: number) =>
  hostTensor(
    tensor.shape,
    tensor.data.map((value) => value * factor),
  );

test("logits are cosines: none leaves [-1, 1], and they differ", () => {
  const { shape, data } = logits(feeds);
  assert.deepEqual(shape, [3, 9]);
  assert.ok(data.every((value) => Math.abs(value) <= 1 + 1e-12));
  assert.ok(Math.max(...data) - Math.min(...data) > 0.1);
});

test("the length of a prototype's direction changes no logit", () => {
  assertClose(logits({ ...feeds, [PROTOTYPES]: scaled(feeds[PROTOTYPES]!, 7) }).data, logits(feeds).data, 1e-12, "logits");
});

test("the length of the bottleneck changes no logit", () => {
  const last = {
    "head.mlp.4.weight": scaled(feeds["head.mlp.4.weight"]!, 0.1),
    "head.mlp.4.bias": scaled(feeds["head.mlp.4.bias"]!, 0.1),
  };
  assertClose(logits({ ...feeds, ...last }).data, logits(feeds).data, 1e-12, "logits");
});

test("unit rows have length one, and a row of zeros stays zero", () => {
  const rows = hostTensor([2, 3], [3, 0, 4, 0, 0, 0]);
  const { data } = evaluated({ rows }, (inputs) => ({ unit: unitRows(named(inputs["rows"]!, "R D", "rows")) })).get("unit")!;
  assert.ok(Math.abs(lengthOf(data.subarray(0, 3)) - 1) < 1e-12);
  assert.deepEqual([...data.subarray(3)], [0, 0, 0]);
});
