// Fully connected layers and layer normalisation, with PyTorch's parameter names and layouts.
import { gemm, layerNormalization, named, type Tensor } from "#engine/graph";
import { type ParameterSpec, type ParameterTensors, parameter } from "./parameters.ts";

/** DINO's first values of a linear layer: normal, sigma 0.02 (its truncation at +-2 is a hundred sigma away), zero bias. */
export function linearParameters(name: string, inputDim: number, outputDim: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [outputDim, inputDim], initial: { kind: "normal", std: 0.02 } },
    { name: `${name}.bias`, shape: [outputDim], initial: { kind: "zeros" } },
  ];
}

/** x W^T + b over rows: [R, inputDim] -> [R, outputDim]. A layer without a bias among the parameters has none. */
export function linear(rows: Tensor<"R D">, parameters: ParameterTensors, name: string): Tensor<"R D"> {
  const weight = parameter(parameters, `${name}.weight`);
  return named(gemm(rows, weight, parameters.get(`${name}.bias`), { transB: true }), "R D", name);
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
