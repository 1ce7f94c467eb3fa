// Rules of the fused operators that only networks without a gradient use (ONNX Runtime's com.microsoft, ContribOperators.md).
import type { HostTensor, OpInput, OpRule, RulesOf } from "../op-rule.ts";
import { ShapeError, shapeText } from "../shape-error.ts";
import { commonType, expectFloat, expectType, takeThree } from "./operands.ts";

/** Query [B, Q, D], key and value [B, N, D] -> [B, Q, D]. ONNX Runtime's default scale is 1 / sqrt(D / num_heads). */
const multiHeadAttention: OpRule<"MultiHeadAttention"> = {
  domain: "com.microsoft",
  attributes: { num_heads: "int" },
  outputTypes: (inputs, { num_heads: numHeads }) => {
    const [query, key, value] = takeThree(inputs);
    expectFloat(inputs);
    const dtype = commonType(inputs);
    const [B, , D] = query.shape;
    const fits = ({ shape }: OpInput) => shape.length === 3 && shape[0] === B && shape[2] === D && shape[1] === key.shape[1];
    if (query.shape.length !== 3 || !fits(key) || !fits(value)) {
      const got = inputs.map(({ shape }) => shapeText(shape)).join(", ");
      throw new ShapeError(`expected a query [B, Q, D], key and value [B, N, D], got ${got}.`);
    }
    if (numHeads < 1 || D! % numHeads !== 0) {
      throw new ShapeError(`expected a width that ${numHeads} heads divide, got ${D}.`);
    }
    return [{ dtype, shape: query.shape }];
  },
  evaluate: (inputs, { num_heads: numHeads }, outputs) => {
    const [query, key, value] = takeThree(inputs);
    const { shape } = outputs[0]!;
    const [B, Q, D] = shape as readonly [number, number, number];
    const data = new Float64Array(B * Q * D);
    for (let row = 0; row < B * Q; row++) {
      const image = Math.floor(row / Q);
      for (let head = 0; head < numHeads; head++) mixHead(data, { query, key, value }, { row, image, head, numHeads });
    }
    return [{ shape, data }];
  },
};

interface Head {
  readonly row: number;
  readonly image: number;
  readonly head: number;
  readonly numHeads: number;
}

/** One query's share of one head: the values, weighed by the softmax of its products with the keys. */
function mixHead(
  data: Float64Array,
  { query, key, value }: { readonly query: HostTensor; readonly key: HostTensor; readonly value: HostTensor },
  { row, image, head, numHeads }: Head,
): void {
  const [N, D] = key.shape.slice(1) as [number, number];
  const width = D / numHeads;
  const from = row * D + head * width;
  const start = (token: number) => (image * N + token) * D + head * width;
  const scores = Array.from({ length: N }, (_, token) => {
    let score = 0;
    for (let i = 0; i < width; i++) score += query.data[from + i]! * key.data[start(token) + i]!;
    return score / Math.sqrt(width);
  });
  const top = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const sum = scores.reduce((total, score) => total + Math.exp(score - top), 0);
  for (const [token, score] of scores.entries()) {
    const weight = Math.exp(score - top) / sum;
    for (let i = 0; i < width; i++) data[from + i]! += weight * value.data[start(token) + i]!;
  }
}

/** A [..., K], B int8 [K, N], b_scale [N], b_zero_point [1], optional bias [N] -> [..., N]. A is quantised to uint8 by its own range. */
const dynamicQuantizeMatMul: OpRule<"DynamicQuantizeMatMul"> = {
  domain: "com.microsoft",
  attributes: {},
  outputTypes: (inputs) => {
    const [x, weight, scale, zeroPoint, bias] = inputs;
    if (!x || !weight || !scale || !zeroPoint || inputs.length > 5) {
      throw new ShapeError(`expected 4 or 5 operands (A, B, b_scale, b_zero_point, bias), got ${inputs.length}.`);
    }
    expectFloat(bias ? [x, scale, bias] : [x, scale]);
    expectType(weight, "int8", "the weight");
    expectType(zeroPoint, "int8", "the zero point");
    const [depth, width] = weight.shape;
    if (weight.shape.length !== 2 || x.shape.length < 2 || x.shape.at(-1) !== depth) {
      throw new ShapeError(`expected [..., K] and a weight [K, N], got ${shapeText(x.shape)} and ${shapeText(weight.shape)}.`);
    }
    for (const [what, operand] of Object.entries({ scale, bias })) {
      if (operand && shapeText(operand.shape) !== shapeText([width!])) {
        throw new ShapeError(`expected ${what} of shape [${width}], got ${shapeText(operand.shape)}.`);
      }
    }
    return [{ dtype: x.dtype, shape: x.shape.with(-1, width!) }];
  },
  evaluate: (inputs, _, outputs) => {
    const [x, weight, scale, zeroPoint, bias] = inputs as readonly [HostTensor, HostTensor, HostTensor, HostTensor, HostTensor?]; // outputTypes saw to it
    const { shape } = outputs[0]!;
    const [K, N] = weight.shape as readonly [number, number];
    const { values, step } = quantised(x.data);
    const data = new Float64Array((x.data.length / K) * N);
    for (let row = 0; row < x.data.length / K; row++) {
      for (let column = 0; column < N; column++) {
        let sum = 0;
        for (let k = 0; k < K; k++) sum += values[row * K + k]! * (weight.data[k * N + column]! - zeroPoint.data[0]!);
        data[row * N + column] = sum * step * scale.data[column]! + (bias?.data[column] ?? 0);
      }
    }
    return [{ shape, data }];
  },
};

/** DynamicQuantizeLinear-11: 256 steps over the range of the values and 0; `values` count steps from 0. */
function quantised(data: Float64Array): { readonly values: Float64Array; readonly step: number } {
  const low = data.reduce((least, value) => Math.min(least, value), 0);
  const high = data.reduce((most, value) => Math.max(most, value), 0);
  const step = high === low ? 1 : (high - low) / 255;
  const zeroPoint = Math.min(Math.max(roundHalfEven(-low / step), 0), 255);
  const values = data.map((value) => Math.min(Math.max(roundHalfEven(value / step) + zeroPoint, 0), 255) - zeroPoint);
  return { values, step };
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

export const INFERENCE_RULES: RulesOf<"MultiHeadAttention" | "DynamicQuantizeMatMul"> = {
  MultiHeadAttention: multiHeadAttention,
  DynamicQuantizeMatMul: dynamicQuantizeMatMul,
};
