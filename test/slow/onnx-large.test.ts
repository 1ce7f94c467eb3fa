// Weights above two gibibytes, more than an ONNX file can hold: in a file beside the model, and constants of a graph.
import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { int64, ndArray } from "#base/array";
import { ProtoWriter } from "#base/files";
import { concat, Graph, gather } from "#engine/graph";
import { openDevice } from "#engine/runtime/native";
import { openBackbone } from "#learn/embeddings/native";
import { assertClose } from "../compare.ts";
import { externalTensor, node, rawTensor, valueInfo } from "../engine/runtime/foreign-models.ts";

/** A table of 2.2 GB: one row a level of grey. */
const [NUM_ROWS, ROW_LENGTH] = [550_000, 1024];
const NUM_BYTES = NUM_ROWS * ROW_LENGTH * 4;

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-onnx-large-"));
  // Sparse on the disk: only the two rows that are looked up hold anything.
  const path = join(folder, "table.bin");
  writeFileSync(path, "");
  truncateSync(path, NUM_BYTES);
  const file = openSync(path, "r+");
  for (const row of [1, NUM_ROWS - 1]) {
    const values = Float32Array.from({ length: ROW_LENGTH }, (_, index) => Math.sin(index + row));
    writeSync(file, new Uint8Array(values.buffer), 0, ROW_LENGTH * 4, row * ROW_LENGTH * 4);
  }
  closeSync(file);
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** The row of the table that a picture's largest value, times the number of rows, names. */
function lookUpModel(): Uint8Array {
  const scale = Float32Array.of(NUM_ROWS - 1);
  const graph = new ProtoWriter()
    .message(1, node("GlobalMaxPool", ["pictures"], "largest"))
    .message(1, node("Mul", ["largest", "scale"], "scaled"))
    .message(1, node("Cast", ["scaled"], "place").message(5, new ProtoWriter().string(1, "to").varint(3, 7).varint(20, 2)))
    .message(1, node("Reshape", ["place", "vector"], "places"))
    .message(1, node("Gather", ["table", "places"], "embedding"))
    .string(2, "look up")
    .message(5, rawTensor("scale", [1], new Uint8Array(scale.buffer)))
    .message(5, rawTensor("vector", [1], new Uint8Array(BigInt64Array.of(-1n).buffer), 7))
    .message(5, externalTensor("table", [NUM_ROWS, ROW_LENGTH], { location: "table.bin", offset: "0", length: `${NUM_BYTES}` }))
    .message(11, valueInfo("pictures", ["n", 1, 2, 2]))
    .message(12, valueInfo("embedding", ["n", ROW_LENGTH]));
  const model = new ProtoWriter().varint(1, 8).message(7, graph);
  return model.message(8, new ProtoWriter().string(1, "").varint(2, 17)).finish();
}

test("weights of 2.2 GB are used from the file beside the model", async () => {
  assert.ok(NUM_BYTES > 2 ** 31);
  writeFileSync(join(folder, "large.onnx"), lookUpModel());
  const backbone = await openBackbone(join(folder, "large.onnx"), { cropSize: 2, numThreads: 2 });
  try {
    const pictures = Float32Array.of(0, 0, 0, 1.5 / (NUM_ROWS - 1), 0, 1, 0, 0);
    const wanted = [1, NUM_ROWS - 1].flatMap((row) => Array.from({ length: ROW_LENGTH }, (_, index) => Math.sin(index + row)));
    assertClose(await backbone.embed(pictures, 2), wanted, 1e-6, "rows of the table");
  } finally {
    backbone.close();
  }
});

test("a graph with constants of 2.4 GB is opened and run", async () => {
  const [numTables, numRows] = [3, 200_000];
  const tables = Array.from({ length: numTables }, (_, index) =>
    ndArray("float32", [numRows, ROW_LENGTH], new Float32Array(numRows * ROW_LENGTH).fill(index + 1)),
  );
  assert.ok(tables.reduce((sum, { data }) => sum + data.byteLength, 0) > 2 ** 31);
  const graph = new Graph("tables");
  const place = graph.input("place", [1], "int64");
  const rows = tables.map((table) => gather(graph.constant(table), place, 0));
  graph.output("rows", concat(rows, 0));
  const device = openDevice({ numThreads: 2 });
  const session = device.open(graph);
  try {
    const output = (await session.run(new Map([["place", int64([1], [numRows - 1])]]))).get("rows")!;
    assert.deepEqual(
      Array.from(output.data, Number),
      [1, 2, 3].flatMap((value) => new Array<number>(ROW_LENGTH).fill(value)),
    );
  } finally {
    session.close();
    device.close();
  }
});
