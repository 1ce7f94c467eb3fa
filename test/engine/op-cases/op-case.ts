// One example of an operator at work, with values: the gradient check and the ONNX Runtime comparison loop over the same list.
import { type DType, type NdArray, ndArray, type Random, randomFor, sizeOf, typedData } from "#base/array";
import { Graph, type OpName, type Tensor } from "#engine/graph";

/** An input of a case: its type and how its values are drawn. */
export interface CaseInput {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly draw: (random: Random, index: number) => number;
}

export interface OpCase {
  readonly op: OpName;
  /** Unique: the operator, then what is awkward about the case. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, CaseInput>>;
  /** "unchecked" where no gradient passes although the operator has a rule. */
  readonly gradient: "checked" | "unchecked";
  build(inputs: Readonly<Record<string, Tensor>>): readonly Tensor[];
}

export interface CaseGraph {
  readonly graph: Graph;
  /** Values by input name; floats are float32, so that every evaluator starts from the very same numbers. */
  readonly feeds: ReadonlyMap<string, NdArray>;
  /** Also the graph's outputs, named y0, y1, ... */
  readonly outputs: readonly Tensor[];
}

/** A case whose `build` gets its inputs by name. */
export function opCase<Names extends string>(
  op: OpName,
  what: string,
  inputs: Readonly<Record<Names, CaseInput>>,
  build: (inputs: Readonly<Record<Names, Tensor>>) => Tensor | readonly Tensor[],
): OpCase {
  return {
    op,
    name: `${op}: ${what}`,
    inputs,
    gradient: "checked",
    // The graph of a case has an input for every name in `inputs`.
    build: (tensors) => [build(tensors as Readonly<Record<Names, Tensor>>)].flat() as readonly Tensor[],
  };
}

/** The same case for comparing values alone: its outputs have no gradient. */
export function valuesOnly(opCase: OpCase): OpCase {
  return { ...opCase, gradient: "unchecked" };
}

/** The case as a graph, with its values: always the same for the same case. */
export function graphOfCase({ name, inputs, build }: OpCase): CaseGraph {
  const graph = new Graph("case");
  const feeds = new Map<string, NdArray>();
  const tensors: Record<string, Tensor> = {};
  for (const [inputName, input] of Object.entries(inputs)) {
    tensors[inputName] = graph.input(inputName, input.shape, input.dtype);
    feeds.set(inputName, drawn(input, randomFor(1, `${name}/${inputName}`)));
  }
  const outputs = build(tensors);
  for (const [index, output] of outputs.entries()) graph.output(`y${index}`, output);
  return { graph, feeds, outputs };
}

function drawn({ dtype, shape, draw }: CaseInput, random: Random): NdArray {
  const length = sizeOf(shape);
  const data = typedData(dtype, new ArrayBuffer(length * 8), 0, length);
  for (let index = 0; index < length; index++) {
    const value = draw(random, index);
    data[index] = data instanceof BigInt64Array ? BigInt(value) : value;
  }
  return ndArray(dtype, shape, data);
}

/** Standard normal. */
export function normals(...shape: readonly number[]): CaseInput {
  return { dtype: "float32", shape, draw: (random) => random.normal() };
}

/** Uniform in [0.5, 2). */
export function positives(...shape: readonly number[]): CaseInput {
  return { dtype: "float32", shape, draw: (random) => random.uniformBetween(0.5, 2) };
}

/** Of either sign, at least 0.1 away from 0: nothing near a pole or a kink. */
export function awayFromZero(...shape: readonly number[]): CaseInput {
  return { dtype: "float32", shape, draw: (random) => (random.chance(0.5) ? -1 : 1) * random.uniformBetween(0.1, 2) };
}

/** Multiples of 0.1 in a scrambled order, shifted by `offset`: no two equal, so maxima have no ties. */
export function distinct(shape: readonly number[], offset = 0): CaseInput {
  const length = sizeOf(shape);
  // Seven shares no factor with the lengths in use, so the steps meet every position once.
  return { dtype: "float32", shape, draw: (_, index) => (((index * 7 + 3) % length) - Math.floor(length / 2)) * 0.1 + offset };
}

/** 0 or 1. */
export function booleans(...shape: readonly number[]): CaseInput {
  return { dtype: "bool", shape, draw: (random) => Number(random.chance(0.5)) };
}

/** Whole numbers in [start, end). */
export function wholeNumbers(shape: readonly number[], start: number, end: number): CaseInput {
  return { dtype: "int64", shape, draw: (random) => start + random.integer(end - start) };
}

/** These very values. */
export function given(dtype: DType, shape: readonly number[], values: readonly number[]): CaseInput {
  return { dtype, shape, draw: (_, index) => values[index]! };
}
