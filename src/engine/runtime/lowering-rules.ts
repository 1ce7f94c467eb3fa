// How each operator is said to readers that lack it: a table of rewritings, one row an operator, one column a target.
import { type OpName, ShapeError } from "#engine/graph";
import { maxPoolWithPlaces } from "./max-pool-places.ts";
import {
  attentionByProducts,
  geluByErf,
  logSoftmaxBySums,
  powerOfExpanded,
  productOfTransposes,
  type Rewriting,
  reshapedBeforeCast,
  splitBySlices,
} from "./rewritings.ts";

/** Who reads the graph: other programs that know ai.onnx alone, or ONNX Runtime's WebGPU provider. */
export type LoweringTarget = "onnx" | "webgpu";

/** "as it is" where the target knows the operator. */
export type LoweringRule<Op extends OpName> = "as it is" | Rewriting<Op>;

type LoweringTable = { readonly [Op in OpName]: Readonly<Record<LoweringTarget, LoweringRule<Op>>> };

const KNOWN = { onnx: "as it is", webgpu: "as it is" } as const;

/** Where there is no other way to say it. */
function refused(why: string): Rewriting<OpName> {
  return (_, { name, op }) => {
    throw new ShapeError(`loweredGraph: ${name}: ${op} ${why}.`);
  };
}

const IN_EIGHT_BITS =
  "has no equal in the operators of this reader: expected weights in float32, got int8. Leave out the quantisation";

const NO_NAN = "cannot be told there: WebGPU's shading language may take it that no value is NaN (WGSL, 15.7.2). Look on the CPU";

export const LOWERING_RULES: LoweringTable = {
  Add: KNOWN,
  Sub: KNOWN,
  Mul: KNOWN,
  Div: KNOWN,
  Pow: { onnx: "as it is", webgpu: powerOfExpanded },
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
  HardSigmoid: KNOWN,
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
  IsNaN: { onnx: "as it is", webgpu: refused(NO_NAN) },
  MatMul: KNOWN,
  Gemm: KNOWN,
  FusedMatMul: { onnx: productOfTransposes, webgpu: productOfTransposes },
  Reshape: { onnx: "as it is", webgpu: reshapedBeforeCast },
  Transpose: KNOWN,
  Concat: KNOWN,
  Split: { onnx: "as it is", webgpu: splitBySlices },
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
  MaxPool: { onnx: "as it is", webgpu: maxPoolWithPlaces },
  GlobalAveragePool: KNOWN,
  Softmax: KNOWN,
  LogSoftmax: { onnx: "as it is", webgpu: logSoftmaxBySums },
  LayerNormalization: KNOWN,
  BatchNormalization: KNOWN,
  // The provider's own is wrong for 300 tokens and right for few (1.30.0).
  MultiHeadAttention: { onnx: attentionByProducts, webgpu: attentionByProducts },
  DynamicQuantizeMatMul: { onnx: refused(IN_EIGHT_BITS), webgpu: refused(IN_EIGHT_BITS) },
};
