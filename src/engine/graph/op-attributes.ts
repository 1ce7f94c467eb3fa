// Every operator that a graph may hold, by its ONNX name, with its attributes. One line here, a rule in rules/, a gradient in autodiff/.

type None = Readonly<Record<never, never>>;
type Axis = { readonly axis: number };
type KeepDims = { readonly keepdims: number };
type Axes = { readonly axes: readonly number[] };
/** Windows over rows and columns; `pads` are top, left, bottom, right. */
type Window = { readonly pads: readonly number[]; readonly strides: readonly number[] };
type Convolution = Window & { readonly dilations: readonly number[]; readonly group: number };
/** `transA`, `transB` (0 or 1) swap the last two axes of an operand; `alpha` scales the product. */
type FusedMatMul = { readonly alpha: number; readonly transA: number; readonly transB: number };

export interface OpAttributes {
  // Element by element, with broadcasting where there are two operands.
  Add: None;
  Sub: None;
  Mul: None;
  Div: None;
  Pow: None;
  Max: None;
  Min: None;
  Neg: None;
  Abs: None;
  Sqrt: None;
  Reciprocal: None;
  Exp: None;
  Log: None;
  Erf: None;
  Tanh: None;
  Sigmoid: None;
  HardSigmoid: { readonly alpha: number; readonly beta: number };
  Relu: None;
  Gelu: None;
  Identity: None;
  Cast: { readonly to: number };
  Equal: None;
  Less: None;
  Greater: None;
  Not: None;
  And: None;
  Where: None;
  Clip: None;
  IsNaN: None;
  // Products.
  MatMul: None;
  Gemm: FusedMatMul & { readonly beta: number };
  FusedMatMul: FusedMatMul;
  // Shape.
  Reshape: None;
  Transpose: { readonly perm: readonly number[] };
  Concat: Axis;
  Split: Axis;
  Slice: None;
  Pad: { readonly mode: string };
  Gather: Axis;
  ScatterElements: Axis & { readonly reduction: string };
  Expand: None;
  // Reductions. ReduceSum takes its axes as an input, the others (opset 17) as an attribute.
  ReduceSum: KeepDims;
  ReduceMean: Axes & KeepDims;
  ReduceMax: Axes & KeepDims;
  ReduceSumSquare: Axes & KeepDims;
  // Windows over images.
  Conv: Convolution;
  ConvTranspose: Convolution & { readonly output_padding: readonly number[] };
  MaxPool: Window & { readonly kernel_shape: readonly number[] };
  GlobalAveragePool: None;
  // Layers that ONNX Runtime fuses.
  Softmax: Axis;
  LogSoftmax: Axis;
  LayerNormalization: Axis & { readonly epsilon: number };
  BatchNormalization: { readonly epsilon: number };
  // Fused kernels for networks that only look.
  MultiHeadAttention: { readonly num_heads: number };
  DynamicQuantizeMatMul: None;
}

export type OpName = keyof OpAttributes;

/** Operators whose every output element comes from the elements at its own place, after broadcasting. */
export const ELEMENTWISE_OPS = [
  ...(["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Neg", "Abs", "Sqrt", "Reciprocal", "Exp", "Log", "Erf"] as const),
  ...([
    "Tanh",
    "Sigmoid",
    "HardSigmoid",
    "Relu",
    "Gelu",
    "Identity",
    "Cast",
    "Equal",
    "Less",
    "Greater",
    "Not",
    "And",
    "Where",
    "Clip",
    "IsNaN",
  ] as const),
] as const;

export type ElementwiseOp = (typeof ELEMENTWISE_OPS)[number];
