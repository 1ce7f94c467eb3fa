// A graph as an ONNX model (onnx.proto3): the bytes that ONNX Runtime, Netron and other tools read.
import { bytesOf, type NdArray } from "#base/array";
import { ProtoWriter } from "#base/files";
import {
  type AttributeKind,
  type Graph,
  type GraphNode,
  neededNodes,
  ONNX_ELEMENT_TYPE,
  OP_RULES,
  OPSET,
  type Tensor,
} from "#engine/graph";
import { type BatchOperands, batchOperands } from "./batch-vectors.ts";
import { type FreeBatch, freeBatchOf } from "./free-batch.ts";
import { loweredGraph } from "./lowered-graph.ts";
import { type OnnxNames, onnxNames } from "./onnx-names.ts";

export interface OnnxOptions {
  /** Free text for people and tools: ModelProto.metadata_props. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** IR version 8 is the one that came with opset 17 (onnx, docs/Versioning.md). */
const IR_VERSION = 8;
const MICROSOFT = "com.microsoft";
const MICROSOFT_OPSET = 1;
/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE: Readonly<Record<AttributeKind, number>> = { float: 1, int: 2, string: 3, ints: 7 };
/** TensorProto.DataLocation. */
const EXTERNAL = 1;
/** From so many bytes on a constant stays out of a lean model: weights do, what shapes and axes are made of does not. */
const LARGE_CONSTANT = 2 ** 16;
/** Outputs from this place on may be left out where nobody reads them; ONNX Runtime then does not compute them. */
const FIRST_OPTIONAL_OUTPUT: Readonly<Record<string, number>> = { LayerNormalization: 1, MaxPool: 1 };

/**
 * The bytes of an ONNX ModelProto. Inputs keep their names and places, read or not; outputs have the names that the graph
 * gives them; nodes that no output needs are left out. Throws ShapeError where an output is named like an input.
 */
export function formatOnnx(graph: Graph, options: OnnxOptions = {}): Uint8Array {
  return modelBytes(graph, options);
}

/** A model whose large constants stay where they are: it knows their types and shapes, and whoever opens it hands them over. */
export interface LeanModel {
  readonly bytes: Uint8Array;
  /** By the names that the model has for them. */
  readonly constants: ReadonlyMap<string, NdArray>;
}

/** The same graph for a session of this process: neither copied into the bytes nor bound by what they can hold (2 GiB). */
export function leanModel(graph: Graph): LeanModel {
  const constants = new Map<string, NdArray>();
  return { bytes: modelBytes(graph, { aside: constants }), constants };
}

/**
 * The same for any number of images ("batch" in the shapes of inputs and outputs), in operators of ai.onnx alone, which every
 * reader of ONNX knows. `build` gives the graph for one number of images. Throws ShapeError where there is no such model.
 */
export function formatOnnxForAnyBatch(build: (numImages: number) => Graph, options: OnnxOptions = {}): Uint8Array {
  const freeBatch = freeBatchOf((numImages) => loweredGraph(build(numImages), "onnx"));
  return modelBytes(freeBatch.graph, { ...options, freeBatch });
}

interface Printing extends OnnxOptions {
  readonly freeBatch?: FreeBatch;
  /** Takes the large constants, which then stay out of the bytes. */
  readonly aside?: Map<string, NdArray>;
}

function modelBytes(graph: Graph, { metadata = {}, ...printing }: Printing): Uint8Array {
  const nodes = neededNodes(graph);
  const model = new ProtoWriter()
    .varint(1, IR_VERSION)
    .string(2, "suricate")
    .message(7, graphMessage(graph, nodes, printing));
  model.message(8, new ProtoWriter().string(1, "").varint(2, OPSET));
  if (nodes.some(({ op }) => OP_RULES[op].domain === MICROSOFT))
    model.message(8, new ProtoWriter().string(1, MICROSOFT).varint(2, MICROSOFT_OPSET));
  for (const [key, value] of Object.entries(metadata)) {
    model.message(14, new ProtoWriter().string(1, key).string(2, value));
  }
  return model.finish();
}

function graphMessage(graph: Graph, nodes: readonly GraphNode[], { freeBatch, aside }: Printing): ProtoWriter {
  const ofBatch = freeBatch && batchOperands(freeBatch, nodes);
  const names = onnxNames(graph, nodes);
  const read = readTensors(graph, nodes, ofBatch);
  const message = new ProtoWriter();
  for (const node of ofBatch?.nodes ?? []) message.message(1, node);
  for (const node of nodes) message.message(1, nodeMessage(node, names, read, ofBatch));
  for (const { from, to } of names.copies) message.message(1, copyMessage(from, to));
  message.string(2, graph.name);
  for (const [name, array] of graph.constants) {
    if (!read.has(name)) continue;
    const isAside = aside !== undefined && array.data.byteLength >= LARGE_CONSTANT;
    if (isAside) aside.set(names.of(name), array);
    message.message(5, isAside ? tensorElsewhere(names.of(name), array) : tensorMessage(names.of(name), array));
  }
  for (const [name, array] of ofBatch?.initializers ?? []) message.message(5, tensorMessage(name, array));
  for (const input of graph.inputs) message.message(11, valueInfo(input.name, input, freeBatch));
  for (const [name, tensor] of graph.outputs) message.message(12, valueInfo(name, tensor, freeBatch));
  return message;
}

/** Names of the tensors that a needed node or an output reads. */
function readTensors(graph: Graph, nodes: readonly GraphNode[], ofBatch: BatchOperands | undefined): ReadonlySet<string> {
  const read = new Set<string>();
  for (const node of nodes) {
    for (const [place, input] of node.inputs.entries()) if (!ofBatch?.nameOf(node, place)) read.add(input.name);
  }
  for (const output of graph.outputs.values()) read.add(output.name);
  return read;
}

/** NodeProto. */
function nodeMessage(
  node: GraphNode,
  names: OnnxNames,
  read: ReadonlySet<string>,
  ofBatch: BatchOperands | undefined,
): ProtoWriter {
  const rule = OP_RULES[node.op];
  const message = new ProtoWriter();
  for (const [place, input] of node.inputs.entries()) message.string(1, ofBatch?.nameOf(node, place) ?? names.of(input.name));
  for (const name of outputNames(node, names, read)) message.string(2, name);
  message.string(3, node.name).string(4, node.op);
  const values = node.attributes as Readonly<Record<string, AttributeValue>>; // the rule's kinds name the same keys
  for (const [name, kind] of Object.entries<AttributeKind>(rule.attributes)) {
    message.message(5, attributeMessage(name, kind, values[name]!));
  }
  return message.string(7, rule.domain);
}

/** Unread optional outputs are named "", ONNX's sign for "not wanted", or dropped at the end of the list. */
function outputNames(node: GraphNode, names: OnnxNames, read: ReadonlySet<string>): readonly string[] {
  const firstOptional = FIRST_OPTIONAL_OUTPUT[node.op] ?? node.outputs.length;
  const all = node.outputs.map(({ name }, place) => (place >= firstOptional && !read.has(name) ? "" : names.of(name)));
  while (all.at(-1) === "") all.pop();
  return all;
}

function copyMessage(from: string, to: string): ProtoWriter {
  return new ProtoWriter().string(1, from).string(2, to).string(3, `copy to ${to}`).string(4, "Identity");
}

type AttributeValue = number | string | readonly number[];

/** AttributeProto. */
function attributeMessage(name: string, kind: AttributeKind, value: AttributeValue): ProtoWriter {
  const message = new ProtoWriter().string(1, name).varint(20, ATTRIBUTE_TYPE[kind]);
  if (kind === "float") return message.float(2, Number(value));
  if (kind === "int") return message.varint(3, Number(value));
  if (kind === "string") return message.bytes(4, new TextEncoder().encode(String(value)));
  return message.packedVarints(8, value as readonly number[]); // the last kind, "ints"
}

/** TensorProto with raw_data, which is little-endian as the arrays are. */
function tensorMessage(name: string, array: NdArray): ProtoWriter {
  return tensorHead(name, array).bytes(9, bytesOf(array));
}

/** TensorProto whose data the session is given: external data that no file is opened for. */
function tensorElsewhere(name: string, array: NdArray): ProtoWriter {
  return tensorHead(name, array).message(13, new ProtoWriter().string(1, "location").string(2, "memory")).varint(14, EXTERNAL);
}

function tensorHead(name: string, { shape, dtype }: NdArray): ProtoWriter {
  return new ProtoWriter().packedVarints(1, shape).varint(2, ONNX_ELEMENT_TYPE[dtype]).string(8, name);
}

/** ValueInfoProto of a tensor. A free axis is called "batch". */
function valueInfo(name: string, { dtype, shape }: Tensor, freeBatch: FreeBatch | undefined): ProtoWriter {
  const shapeMessage = new ProtoWriter();
  for (const [axis, size] of shape.entries()) {
    const dimension = new ProtoWriter();
    shapeMessage.message(1, freeBatch?.isFree(name, axis) ? dimension.string(2, "batch") : dimension.varint(1, size));
  }
  const tensorType = new ProtoWriter().varint(1, ONNX_ELEMENT_TYPE[dtype]).message(2, shapeMessage);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensorType));
}
