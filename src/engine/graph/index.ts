// Door of engine/graph: the dataflow graph, in ONNX's own words - build, infer shapes, print, evaluate slowly in float64.
export { elementTypeOf, isFloat, ONNX_ELEMENT_TYPE } from "./element-type.ts";
export { type EvaluatedTensors, evaluateGraph, hostTensorOf } from "./evaluate-graph.ts";
export { Graph, type GraphNode, graphOf } from "./graph.ts";
export { neededNodes } from "./needed-nodes.ts";
export { ELEMENTWISE_OPS, type ElementwiseOp, type OpAttributes, type OpName } from "./op-attributes.ts";
export { type AttributeKind, type HostTensor, OPSET, type OpInput, type OpRule, type TensorType } from "./op-rule.ts";
export { type Operand, scalar } from "./ops/add-node.ts";
export * from "./ops/convolution.ts";
export * from "./ops/elementwise.ts";
export * from "./ops/inference.ts";
export * from "./ops/layers.ts";
export * from "./ops/products.ts";
export * from "./ops/reductions.ts";
export * from "./ops/shape.ts";
export { printGraph } from "./print-graph.ts";
export { OP_RULES } from "./rules/index.ts";
export { ShapeError, shapeText } from "./shape-error.ts";
export { dims, named, type Tensor } from "./tensor.ts";
