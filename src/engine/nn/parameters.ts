// Parameters of a network: their names (PyTorch's), shapes and first values; and how they enter a graph.
import { type NdArray, ndArray, randomFor, sizeOf } from "#base/array";
import { cast, type Graph, type Tensor } from "#engine/graph";

/** How a parameter begins. `bound` and `std` are in the parameter's own unit. */
export type Initial =
  | { readonly kind: "zeros" }
  | { readonly kind: "ones" }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "uniform"; readonly bound: number };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
}

/** What a network keeps but does not train. */
export type BufferSpec = ParameterSpec;

/** What products and convolutions compute in. Parameters, sums over many values and residuals stay in 32 bits. */
export type ComputePrecision = "float32" | "float16";

/** Parameters in a graph, by name; with them the buffers, where a network reads its own. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/** Parameters on the host, by name: a state dict. */
export type ParameterArrays = ReadonlyMap<string, NdArray<"float32">>;

/** First values of every parameter, drawn from (seed, parameter's name): adding a layer changes no other layer's draws. */
export function sampleParameters(specs: readonly ParameterSpec[], seed: number): Map<string, NdArray<"float32">> {
  return new Map(specs.map((spec) => [spec.name, sampleParameter(spec, seed)]));
}

function sampleParameter({ name, shape, initial }: ParameterSpec, seed: number): NdArray<"float32"> {
  const data = new Float32Array(sizeOf(shape));
  if (initial.kind === "ones") data.fill(1);
  if (initial.kind === "constant") data.fill(initial.value);
  if (initial.kind === "normal") {
    const random = randomFor(seed, `initial ${name}`);
    for (let i = 0; i < data.length; i++) data[i] = initial.std * random.normal();
  }
  if (initial.kind === "uniform") {
    const random = randomFor(seed, `initial ${name}`);
    for (let i = 0; i < data.length; i++) data[i] = random.uniformBetween(-initial.bound, initial.bound);
  }
  return ndArray("float32", shape, data);
}

/** Graph inputs for every parameter, named `prefix` + its name. */
export function parameterInputs(graph: Graph, specs: readonly ParameterSpec[], prefix: string): Map<string, Tensor> {
  return new Map(specs.map(({ name, shape }) => [name, graph.input(`${prefix}${name}`, shape)]));
}

/** The parameters as graph constants, for networks that only look: ONNX Runtime folds and pre-packs them. */
export function parameterConstants(graph: Graph, arrays: ParameterArrays): Map<string, Tensor> {
  return new Map([...arrays].map(([name, array]) => [name, graph.constant(array)]));
}

/** One parameter by name, in the element type of what it meets: a network may compute in 16 bits with parameters of 32. */
export function parameterFor(x: Tensor, parameters: ParameterTensors, name: string): Tensor {
  return inTypeOf(x, parameter(parameters, name));
}

/** `value` in the element type of `x`. */
export function inTypeOf(x: Tensor, value: Tensor): Tensor {
  return value.dtype === x.dtype ? value : cast(value, x.dtype);
}

/** One parameter by name. Throws where the map lacks it: a layer and its parameter list disagree. */
export function parameter(parameters: ParameterTensors, name: string): Tensor {
  const tensor = parameters.get(name);
  if (!tensor) throw new Error(`internal: nn: there is no parameter "${name}" among the ${parameters.size} given.`);
  return tensor;
}
