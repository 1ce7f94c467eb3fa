// Operators said in other operators.
import {
  add,
  cast,
  erf,
  exp,
  expand,
  type GraphNode,
  graphOf,
  log,
  matMul,
  mul,
  type OpName,
  pow,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  softmax,
  sub,
  type Tensor,
  transpose,
} from "#engine/graph";

/** The node's outputs, said in other operators. `inputs` are the node's operands in the graph that is being built. */
export type Rewriting<Op extends OpName> = (inputs: readonly Tensor[], node: GraphNode<Op>) => readonly Tensor[];

/** x Phi(x) by the error function: ai.onnx has Gelu only from opset 20. */
export const geluByErf: Rewriting<"Gelu"> = ([x]) => [mul(mul(x!, 0.5), add(erf(mul(x!, Math.SQRT1_2)), 1))];

export const productOfTransposes: Rewriting<"FusedMatMul"> = ([a, b], { attributes: { alpha, transA, transB } }) => {
  const product = matMul(transA ? withLastTwoSwapped(a!) : a!, transB ? withLastTwoSwapped(b!) : b!);
  return [alpha === 1 ? product : mul(product, alpha)];
};

function withLastTwoSwapped(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transpose(x, [...x.shape.keys()].slice(0, -2).concat(rank - 1, rank - 2));
}

/** softmax(q k^T / sqrt(d)) v in plain products, all heads at once. */
export const attentionByProducts: Rewriting<"MultiHeadAttention"> = (
  [query, key, value],
  { attributes: { num_heads: numHeads } },
) => {
  const [B, Q, D] = query!.shape as readonly [number, number, number]; // the operator's rule saw to three axes
  const width = D / numHeads;
  const heads = (x: Tensor) => reshape(x, [B, x.shape[1]!, numHeads, width]);
  const scores = matMul(transpose(heads(query!), [0, 2, 1, 3]), transpose(heads(key!), [0, 2, 3, 1]));
  const mixed = matMul(softmax(mul(scores, 1 / Math.sqrt(width))), transpose(heads(value!), [0, 2, 1, 3]));
  return [reshape(transpose(mixed, [0, 2, 1, 3]), [B, Q, D])];
};

/** x less its largest, less the logarithm of the sum of its exponentials. */
export const logSoftmaxBySums: Rewriting<"LogSoftmax"> = ([x], { attributes: { axis } }) => {
  const axes = [axis < 0 ? axis + x!.shape.length : axis];
  const centred = sub(x!, reduceMax(x!, axes, { keepDims: true }));
  return [sub(centred, log(reduceSum(exp(centred), axes, { keepDims: true })))];
};

/** The provider repeats one operand of a power, not both: those are written out first. */
export const powerOfExpanded: Rewriting<"Pow"> = ([base, exponent], { outputs }) => {
  const { shape } = outputs[0]!;
  const isWhole = (x: Tensor) => `${x.shape}` === `${shape}`;
  if (isWhole(base!) || isWhole(exponent!)) return [pow(base!, exponent!)];
  return [pow(expand(base!, shape), expand(exponent!, shape))];
};

/** The provider moves no whole numbers of 64 bits: those that were cast from 32 are cast after the move. */
export const reshapedBeforeCast: Rewriting<"Reshape"> = ([x, shape], { attributes }) => {
  const graph = graphOf(x!);
  const producer = graph.producerOf(x!);
  const original = producer?.op === "Cast" ? producer.inputs[0] : undefined;
  if (x!.dtype !== "int64" || original?.dtype !== "int32") return graph.add("Reshape", [x!, shape!], attributes);
  return [cast(graph.add("Reshape", [original, shape!], attributes)[0]!, "int64")];
};

/** A WebGPU shader has 8 storage buffers for certain (WebGPU, limits: maxStorageBuffersPerShaderStage), and Split takes one for each output. */
const MOST_SPLIT_OUTPUTS = 7;

/** Many pieces are cut out one by one. */
export const splitBySlices: Rewriting<"Split"> = ([x, sizes], { attributes, outputs }) => {
  if (outputs.length <= MOST_SPLIT_OUTPUTS) return graphOf(x!).add("Split", [x!, sizes!], attributes);
  let end = 0;
  return outputs.map(({ shape }) => {
    const start = end;
    end += shape.at(attributes.axis)!; // the operator's rule saw to the axis
    return slice(x!, { axis: attributes.axis, start, end });
  });
};
