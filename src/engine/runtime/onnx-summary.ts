// What an ONNX model of others says of itself, by a reader of our own: every size is checked before ONNX Runtime sees the file.
import {
  type ByteSource,
  FileFormatError,
  integerOf,
  messageOf,
  type ProtoField,
  type ProtoMessage,
  protoFields,
  protoMessage,
  textOf,
} from "#base/files";
import { type ExternalData, tensorOf } from "./onnx-tensor-proto.ts";

/** An input or output; a size is a number, the name of a free one, or null where nothing is said. */
export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType; null for what is no tensor. */
  readonly elementType: number | null;
  /** null where the number of axes is not said. */
  readonly shape: readonly (number | string | null)[] | null;
}

export interface OnnxSummary {
  readonly irVersion: number;
  /** Version of each operator set, by its domain ("" is ai.onnx). */
  readonly opsets: ReadonlyMap<string, number>;
  readonly producer: string;
  readonly numNodes: number;
  /** How often each operator is used, by its name, with its domain before it where that is not ai.onnx: "com.microsoft.Gelu". */
  readonly operators: ReadonlyMap<string, number>;
  /** Numbers in the initializers, wherever their bytes are. */
  readonly numParameters: number;
  /** Domains of the operators that are used, and of those that the model defines itself. */
  readonly domains: ReadonlySet<string>;
  readonly functionDomains: ReadonlySet<string>;
  /** What is fed: inputs that no initializer gives. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Weights in other files. */
  readonly external: readonly ExternalData[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** More than any model has: a file that declares more is damaged or hostile. */
const MOST_FIELDS = 20_000_000;
const DEEPEST_GRAPH = 16;
const LONGEST_METADATA = 2 ** 28;

interface Scan {
  numFields: number;
  numNodes: number;
  numParameters: number;
  readonly operators: Map<string, number>;
  readonly domains: Set<string>;
  readonly functionDomains: Set<string>;
  readonly external: ExternalData[];
}

/** Reads an ONNX model's description and checks all sizes in it. Throws FileFormatError, naming `where`. */
export function summariseOnnx(source: ByteSource, where: string): OnnxSummary {
  const model = protoMessage(source, where);
  const scan: Scan = {
    ...{ numFields: 0, numNodes: 0, numParameters: 0, operators: new Map() },
    ...{ domains: new Set(), functionDomains: new Set(), external: [] },
  };
  const opsets = new Map<string, number>();
  const metadata = new Map<string, string>();
  let [irVersion, producer] = [0, ""];
  let faces: Pick<OnnxSummary, "inputs" | "outputs"> | undefined;
  for (const field of counted(model, scan)) {
    if (field.number === 1) irVersion = Number(integerOf(model, field));
    else if (field.number === 2) producer = textOf(model, field);
    else if (field.number === 7) faces = facesOfGraph(messageOf(model, field, `${where}: graph`), scan, 0);
    else if (field.number === 8) addOpset(messageOf(model, field, `${where}: opset_import`), scan, opsets);
    else if (field.number === 14) addMetadata(messageOf(model, field, `${where}: metadata_props`), scan, metadata);
    else if (field.number === 25) checkFunction(messageOf(model, field, `${where}: function`), scan);
  }
  if (!faces || irVersion < 1 || opsets.size === 0)
    throw new FileFormatError(
      `${where}: not an ONNX model: expected a graph, an IR version and an operator set, got ${[
        ...(faces ? [] : ["no graph"]),
        ...(irVersion < 1 ? ["no IR version"] : []),
        ...(opsets.size === 0 ? ["no operator set"] : []),
      ].join(", ")}.`,
    );
  const { numFields: _, ...found } = scan;
  return { irVersion, opsets, producer, ...found, ...faces, metadata };
}

function* counted(message: ProtoMessage, scan: Scan): Generator<ProtoField> {
  for (const field of protoFields(message)) {
    scan.numFields += 1;
    if (scan.numFields > MOST_FIELDS)
      throw new FileFormatError(`${message.where}: expected a model of at most ${MOST_FIELDS} fields, got more.`);
    yield field;
  }
}

/** GraphProto. */
function facesOfGraph(graph: ProtoMessage, scan: Scan, depth: number): Pick<OnnxSummary, "inputs" | "outputs"> {
  if (depth > DEEPEST_GRAPH)
    throw new FileFormatError(`${graph.where}: expected graphs at most ${DEEPEST_GRAPH} deep inside each other, got more.`);
  const given = new Set<string>();
  const [inputs, outputs]: [OnnxValue[], OnnxValue[]] = [[], []];
  for (const field of counted(graph, scan)) {
    if (field.number === 1) checkNode(messageOf(graph, field, `${graph.where}: node ${scan.numNodes++}`), scan, depth);
    else if (field.number === 5)
      given.add(addInitializer(messageOf(graph, field, `${graph.where}: initializer ${given.size}`), scan));
    else if (field.number === 11) inputs.push(faceOf(messageOf(graph, field, `${graph.where}: input ${inputs.length}`), scan));
    else if (field.number === 12) outputs.push(faceOf(messageOf(graph, field, `${graph.where}: output ${outputs.length}`), scan));
    else if (field.number === 15) checkSparse(messageOf(graph, field, `${graph.where}: sparse initializer`), scan);
  }
  return { inputs: inputs.filter(({ name }) => !given.has(name)), outputs };
}

/** NodeProto. */
function checkNode(node: ProtoMessage, scan: Scan, depth: number): void {
  let [domain, type] = ["", ""];
  for (const field of counted(node, scan)) {
    if (field.number === 7) domain = textOf(node, field);
    else if (field.number === 4) type = textOf(node, field);
    else if (field.number === 5) checkAttribute(messageOf(node, field, `${node.where}: attribute`), scan, depth);
    else if (field.number <= 3) textOf(node, field);
  }
  scan.domains.add(domain);
  const operator = domain === "" || domain === "ai.onnx" ? type : `${domain}.${type}`;
  scan.operators.set(operator, (scan.operators.get(operator) ?? 0) + 1);
}

/** AttributeProto: tensors and graphs inside it. */
function checkAttribute(attribute: ProtoMessage, scan: Scan, depth: number): void {
  for (const field of counted(attribute, scan)) {
    if (field.number === 5 || field.number === 10) addTensor(messageOf(attribute, field, `${attribute.where}: tensor`), scan);
    else if (field.number === 6 || field.number === 11)
      facesOfGraph(messageOf(attribute, field, `${attribute.where}: graph`), scan, depth + 1);
    else if (field.number === 22 || field.number === 23)
      checkSparse(messageOf(attribute, field, `${attribute.where}: sparse tensor`), scan);
  }
}

/** SparseTensorProto: its values and indices. */
function checkSparse(sparse: ProtoMessage, scan: Scan): void {
  for (const field of counted(sparse, scan)) {
    if (field.number === 1 || field.number === 2) addTensor(messageOf(sparse, field, `${sparse.where}: tensor`), scan);
  }
}

/** FunctionProto: its domain and nodes. */
function checkFunction(body: ProtoMessage, scan: Scan): void {
  for (const field of counted(body, scan)) {
    if (field.number === 7) checkNode(messageOf(body, field, `${body.where}: node ${scan.numNodes++}`), scan, 0);
    else if (field.number === 10) scan.functionDomains.add(textOf(body, field));
  }
}

function addTensor(message: ProtoMessage, scan: Scan): ReturnType<typeof tensorOf> {
  const tensor = tensorOf(message);
  if (tensor.external) scan.external.push(tensor.external);
  return tensor;
}

function addInitializer(message: ProtoMessage, scan: Scan): string {
  const { name, numElements } = addTensor(message, scan);
  scan.numParameters += numElements;
  return name;
}

function addOpset(message: ProtoMessage, scan: Scan, opsets: Map<string, number>): void {
  let [domain, version] = ["", 0];
  for (const field of counted(message, scan)) {
    if (field.number === 1) domain = textOf(message, field);
    else if (field.number === 2) version = Number(integerOf(message, field));
  }
  opsets.set(domain === "ai.onnx" ? "" : domain, version);
}

function addMetadata(message: ProtoMessage, scan: Scan, metadata: Map<string, string>): void {
  let [key, value] = ["", ""];
  for (const field of counted(message, scan)) {
    if (field.number === 1) key = textOf(message, field);
    else if (field.number === 2) value = textOf(message, field, LONGEST_METADATA);
  }
  metadata.set(key, value);
}

/** ValueInfoProto. */
function faceOf(message: ProtoMessage, scan: Scan): OnnxValue {
  let name = "";
  let type: Omit<OnnxValue, "name"> = { elementType: null, shape: null };
  for (const field of counted(message, scan)) {
    if (field.number === 1) name = textOf(message, field);
    else if (field.number === 2) type = typeOf(messageOf(message, field, `${message.where}: type`), scan);
  }
  return { name, ...type };
}

/** TypeProto, of which only tensors are told. */
function typeOf(message: ProtoMessage, scan: Scan): Omit<OnnxValue, "name"> {
  let type: Omit<OnnxValue, "name"> = { elementType: null, shape: null };
  for (const field of counted(message, scan)) {
    if (field.number !== 1) continue;
    const tensor = messageOf(message, field, message.where);
    for (const part of counted(tensor, scan)) {
      if (part.number === 1) type = { ...type, elementType: Number(integerOf(tensor, part)) };
      else if (part.number === 2) type = { ...type, shape: shapeOf(messageOf(tensor, part, `${message.where}: shape`), scan) };
    }
  }
  return type;
}

/** TensorShapeProto. */
function shapeOf(message: ProtoMessage, scan: Scan): (number | string | null)[] {
  const sizes: (number | string | null)[] = [];
  for (const field of counted(message, scan)) {
    if (field.number !== 1) continue;
    const dimension = messageOf(message, field, message.where);
    let size: number | string | null = null;
    for (const part of counted(dimension, scan)) {
      if (part.number === 1) size = Number(integerOf(dimension, part));
      else if (part.number === 2) size = textOf(dimension, part) || null;
    }
    sizes.push(typeof size === "number" && size < 1 ? null : size);
  }
  return sizes;
}
