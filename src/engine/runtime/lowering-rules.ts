// How each operator is said to readers that lack it: a table of rewritings, one row an operator, one column a target.
import {
  add,
  erf,
  exp,
  type GraphNode,
  log,
  matMul,
  mul,
  type OpName,
  reduceMax,
  reduceSum,
  reshape,
  ShapeError,
  softmax,
  sub,
  type Tensor,
  transpose,
} from "#engine/graph";

/** Who reads the graph: other programs that know ai.onnx alone, or ONNX Runtime's WebGPU provider. */
export type LoweringTarget = "onnx" | "webgpu";

/** The node's outputs, said in other operators. `inputs` are the node's operands in the graph that is being built. */
export type Rewriting<Op extends OpName> = (inputs: readonly Tensor[], node: GraphNode<Op>) => readonly Tensor[];

/** "as it is" where the target knows the operator. */
export type LoweringRule<Op extends OpName> = "as it is" | Rewriting<Op>;

type LoweringTable = { readonly [Op in OpName]: Readonly<Record<LoweringTarget, LoweringRule<Op>>> };

const KNOWN = { onnx: "as it is", webgpu: "as it is" } as const;

/** x Phi(x) by the error function: ai.onnx has Gelu only from opset 20. */
const geluByErf: Rewriting<"Gelu"> = ([x]) => [mul(mul(x!, 0.5), add(erf(mul(x!, Math.SQRT1_2)), 1))];

const productOfTransposes: Rewriting<"FusedMatMul"> = ([a, b], { attributes: { alpha, transA, transB } }) => {
  const product = matMul(transA ? withLastTwoSwapped(a!) : a!, transB ? withLastTwoSwapped(b!) : b!);
  return [alpha === 1 ? product : mul(product, alpha)];
};

function withLastTwoSwapped(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transpose(x, [...x.shape.keys()].slice(0, -2).concat(rank - 1, rank - 2));
}

/** softmax(q k^T / sqrt(d)) v in plain products, all heads at once. */
const attentionByProducts: Rewriting<"MultiHeadAttention"> = ([query, key, value], { attributes: { num_heads: numHeads } }) => {
  const [B, Q, D] = query!.shape as readonly [number, number, number]; // the operator's rule saw to three axes
  const width = D / numHeads;
  const heads = (x: Tensor) => reshape(x, [B, x.shape[1]!, numHeads, width]);
  const scores = matMul(transpose(heads(query!), [0, 2, 1, 3]), transpose(heads(key!), [0, 2, 3, 1]));
  const mixed = matMul(softmax(mul(scores, 1 / Math.sqrt(width))), transpose(heads(value!), [0, 2, 1, 3]));
  return [reshape(transpose(mixed, [0, 2, 1, 3]), [B, Q, D])];
};

/** x less its largest, less the logarithm of the sum of its exponentials. */
const logSoftmaxBySums: Rewriting<"LogSoftmax"> = ([x], { attributes: { axis } }) => {
  const axes = [axis < 0 ? axis + x!.shape.length : axis];
  const centred = sub(x!, reduceMax(x!, axes, { keepDims: true }));
  return [sub(centred, log(reduceSum(exp(centred), axes, { keepDims: true })))];
};

/** Where there is no other way to say it. */
function refused(why: string): Rewriting<OpName> {
  return (_, { name, op }) => {
    throw new ShapeError(`loweredGraph: ${name}: ${op} ${why}.`);
  };
}

const IN_EIGHT_BITS =
  "has no equal in the operators of this reader: expected weights in float32, got int8. Leave out the quantisation";

export const LOWERING_RULES: LoweringTable = {
  Add: KNOWN,
  Sub: KNOWN,
  Mul: KNOWN,
  Div: KNOWN,
  Pow: KNOWN,
  Max: KNOWN,
  Min: KNOWN,
  Neg: KNOWN,
  Abs: KNOWN,
  Sqrt: KNOWN,
  Reciprocal: KNOWN,
  Exp: KNOWN,
  Log: KNOWN,
  Erf: KNOWN,
  Tanh: KNOWN,
  Sigmoid: KNOWN,
  Relu: KNOWN,
  Gelu: { onnx: geluByErf, webgpu: "as it is" },
  Identity: KNOWN,
  Cast: KNOWN,
  Equal: KNOWN,
  Less: KNOWN,
  Greater: KNOWN,
  Not: KNOWN,
  And: KNOWN,
  Where: KNOWN,
  Clip: KNOWN,
  IsNaN: KNOWN,
  MatMul: KNOWN,
  Gemm: KNOWN,
  FusedMatMul: { onnx: productOfTransposes, webgpu: productOfTransposes },
  Reshape: KNOWN,
  Transpose: KNOWN,
  Concat: KNOWN,
  Split: KNOWN,
  Slice: KNOWN,
  Pad: KNOWN,
  Gather: KNOWN,
  ScatterElements: KNOWN,
  Expand: KNOWN,
  ReduceSum: KNOWN,
  ReduceMean: KNOWN,
  ReduceMax: KNOWN,
  ReduceSumSquare: KNOWN,
  Conv: KNOWN,
  ConvTranspose: KNOWN,
  MaxPool: KNOWN,
  GlobalAveragePool: KNOWN,
  Softmax: KNOWN,
  LogSoftmax: { onnx: "as it is", webgpu: logSoftmaxBySums },
  LayerNormalization: KNOWN,
  BatchNormalization: KNOWN,
  MultiHeadAttention: { onnx: attentionByProducts, webgpu: "as it is" },
  DynamicQuantizeMatMul: { onnx: refused(IN_EIGHT_BITS), webgpu: refused(IN_EIGHT_BITS) },
};
