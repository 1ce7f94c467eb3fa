// Door of engine/runtime: graphs as ONNX models. What runs them is behind #engine/runtime/native.
export { loweredGraph } from "./lowered-graph.ts";
export type { LoweringTarget } from "./lowering-rules.ts";
export { formatOnnx, formatOnnxForAnyBatch, type LeanModel, leanModel, type OnnxOptions } from "./onnx-model.ts";
export { type OnnxSummary, type OnnxValue, summariseOnnx } from "./onnx-summary.ts";
export type { ExternalData } from "./onnx-tensor-proto.ts";
export { type OpTime, profileSummary } from "./profile-summary.ts";
