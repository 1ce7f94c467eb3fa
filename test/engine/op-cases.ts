// Every operator's cases, awkward ones on purpose: what the gradient check and the ONNX Runtime comparison loop over.
import { CONVOLUTION_CASES } from "./op-cases/convolution.ts";
import { ELEMENTWISE_CASES } from "./op-cases/elementwise.ts";
import { INFERENCE_CASES } from "./op-cases/inference.ts";
import { LAYER_CASES } from "./op-cases/layers.ts";
import type { OpCase } from "./op-cases/op-case.ts";
import { PRODUCT_CASES } from "./op-cases/products.ts";
import { REDUCTION_CASES } from "./op-cases/reductions.ts";
import { SHAPE_CASES } from "./op-cases/shape.ts";

export { type CaseGraph, graphOfCase, type OpCase } from "./op-cases/op-case.ts";

export const OP_CASES: readonly OpCase[] = [
  ...ELEMENTWISE_CASES,
  ...PRODUCT_CASES,
  ...SHAPE_CASES,
  ...REDUCTION_CASES,
  ...CONVOLUTION_CASES,
  ...LAYER_CASES,
  ...INFERENCE_CASES,
];
