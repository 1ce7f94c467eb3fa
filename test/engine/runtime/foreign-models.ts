// Small ONNX models as others make them, written field by field: right ones, and ones with one thing wrong.
import { ProtoWriter } from "#base/files";

/** A model of one Gemm-free layer: pooled = GlobalAveragePool(Conv(pictures, kernels)), with and without its axes. */
export interface ForeignModel {
  readonly irVersion?: number;
  /** TensorProto of the kernels [4, 3, 1, 1]. */
  readonly kernels?: ProtoWriter;
  readonly extraNodes?: readonly ProtoWriter[];
  readonly domain?: string;
  readonly inputShape?: readonly (number | string)[];
  readonly outputs?: readonly { readonly name: string; readonly shape: readonly (number | string)[] }[];
}

export const KERNEL_VALUES = Float32Array.from({ length: 12 }, (_, index) => index / 10 - 0.4);

/** TensorProto with raw_data. */
export function rawTensor(name: string, dims: readonly number[], bytes: Uint8Array, type = 1): ProtoWriter {
  return new ProtoWriter().packedVarints(1, dims).varint(2, type).string(8, name).bytes(9, bytes);
}

/** TensorProto whose data are elsewhere. */
export function externalTensor(name: string, dims: readonly number[], notes: Readonly<Record<string, string>>): ProtoWriter {
  const tensor = new ProtoWriter().packedVarints(1, dims).varint(2, 1).string(8, name);
  for (const [key, value] of Object.entries(notes)) tensor.message(13, new ProtoWriter().string(1, key).string(2, value));
  return tensor.varint(14, 1);
}

/** NodeProto. */
export function node(op: string, inputs: readonly string[], output: string, domain = ""): ProtoWriter {
  const message = new ProtoWriter();
  for (const input of inputs) message.string(1, input);
  return message.string(2, output).string(4, op).string(7, domain);
}

/** ValueInfoProto of float32. */
export function valueInfo(name: string, shape: readonly (number | string)[]): ProtoWriter {
  const sizes = new ProtoWriter();
  for (const size of shape) {
    sizes.message(1, typeof size === "number" ? new ProtoWriter().varint(1, size) : new ProtoWriter().string(2, size));
  }
  const tensor = new ProtoWriter().varint(1, 1).message(2, sizes);
  return new ProtoWriter().string(1, name).message(2, new ProtoWriter().message(1, tensor));
}

export const KERNELS = () => rawTensor("kernels", [4, 3, 1, 1], new Uint8Array(KERNEL_VALUES.buffer));

/** Colour pictures to `maps` [n, 4, h, w], `pooled` [n, 4, 1, 1] and `vector` [n, 4]. */
export function foreignModel({
  irVersion = 8,
  kernels = KERNELS(),
  extraNodes = [],
  domain = "",
  inputShape = ["n", 3, "h", "w"],
  outputs = [
    { name: "maps", shape: ["n", 4, "h", "w"] },
    { name: "pooled", shape: ["n", 4, 1, 1] },
    { name: "vector", shape: ["n", 4] },
  ],
}: ForeignModel = {}): Uint8Array {
  const graph = new ProtoWriter();
  graph.message(1, node("Conv", ["pictures", "kernels"], "maps", domain));
  graph.message(1, node("GlobalAveragePool", ["maps"], "pooled"));
  graph.message(1, node("Flatten", ["pooled"], "vector"));
  for (const extra of extraNodes) graph.message(1, extra);
  graph.string(2, "foreign").message(5, kernels).message(11, valueInfo("pictures", inputShape));
  for (const { name, shape } of outputs) graph.message(12, valueInfo(name, shape));
  const model = new ProtoWriter().varint(1, irVersion).string(2, "another").message(7, graph);
  return model.message(8, new ProtoWriter().string(1, "").varint(2, 17)).finish();
}
