// Fully connected layers and layer normalisation, with PyTorch's parameter names and layouts.
import { gemm, layerNormalization, named, quantisedMatMul, type Tensor } from "#engine/graph";
import { inTypeOf, type ParameterSpec, type ParameterTensors, parameter } from "./parameters.ts";

/** DINO's first values of a linear layer: normal, sigma 0.02 (its truncation at +-2 is a hundred sigma away), zero bias. */
export function linearParameters(name: string, inputDim: number, outputDim: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [outputDim, inputDim], initial: { kind: "normal", std: 0.02 } },
    { name: `${name}.bias`, shape: [outputDim], initial: { kind: "zeros" } },
  ];
}

/**
 * x W^T + b over rows: [R, inputDim] -> [R, outputDim]. A layer without a bias among the parameters has none. A weight of type
 * int8 is taken as `quantisedWeight` made it, with its scale beside it under `<name>.weight_scale`.
 */
export function linear(rows: Tensor<"R D">, parameters: ParameterTensors, name: string): Tensor<"R D"> {
  const weight = parameter(parameters, `${name}.weight`);
  if (weight.dtype === "int8") {
    const scale = parameter(parameters, `${name}.weight_scale`);
    return named(quantisedMatMul(rows, weight, scale, parameters.get(`${name}.bias`)), "R D", name);
  }
  const bias = parameters.get(`${name}.bias`);
  return named(gemm(rows, inTypeOf(rows, weight), bias && inTypeOf(rows, bias), { transB: true }), "R D", name);
}

export function layerNormParameters(name: string, dim: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [dim], initial: { kind: "ones" } },
    { name: `${name}.bias`, shape: [dim], initial: { kind: "zeros" } },
  ];
}

/** Normalises each row to mean 0 and variance 1, then scales and shifts. The Vision Transformer's epsilon. */
export function layerNorm(rows: Tensor<"R D">, parameters: ParameterTensors, name: string): Tensor<"R D"> {
  return layerNormalization(rows, parameter(parameters, `${name}.weight`), parameter(parameters, `${name}.bias`), {
    epsilon: 1e-6,
  });
}
