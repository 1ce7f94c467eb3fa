// A graph as text: one line a node, the same text for the same graph, for golden files and for reading.
import { type NdArray, sizeOf } from "#base/array";
import type { Graph, GraphNode } from "./graph.ts";
import { shapeText } from "./shape-error.ts";
import type { Tensor } from "./tensor.ts";

/** Constants up to this many elements are printed with their values. */
const MAX_PRINTED_ELEMENTS = 8;
/** float32 holds about seven digits; six hide its rounding. */
const PRINTED_DIGITS = 6;

/** The whole graph, dead nodes too. */
export function printGraph(graph: Graph): string {
  const constants = [...graph.constants].map(
    ([name, array]) => `  %${name}: ${array.dtype}${shapeText(array.shape)}${valueText(array)}`,
  );
  const lines = [
    `graph ${graph.name}`,
    "inputs",
    ...graph.inputs.map((input) => `  ${declared(input)}`),
    "constants",
    ...constants,
    "nodes",
    ...graph.nodes.map((node) => `  ${nodeText(node)}`),
    "outputs",
    ...[...graph.outputs].map(([name, tensor]) => `  ${name} = %${tensor.name}`),
  ];
  return `${lines.join("\n")}\n`;
}

function declared({ name, dtype, shape }: Tensor): string {
  return `%${name}: ${dtype}${shapeText(shape)}`;
}

function nodeText({ op, inputs, outputs, attributes }: GraphNode): string {
  const operands = inputs.map((input) => `%${input.name}`).join(", ");
  const settings = Object.entries(attributes).map(([name, value]) => `${name}=${attributeText(value)}`);
  return `${outputs.map(declared).join(", ")} = ${op}(${operands})${settings.length > 0 ? ` {${settings.join(", ")}}` : ""}`;
}

function attributeText(value: number | string | readonly number[]): string {
  if (typeof value === "number") return numberText(value);
  return typeof value === "string" ? value : shapeText(value);
}

function valueText(array: NdArray): string {
  const numElements = sizeOf(array.shape);
  if (numElements > MAX_PRINTED_ELEMENTS || array.dtype === "float16") return "";
  const values = Array.from(array.data, Number).map(numberText);
  return array.shape.length === 0 ? ` = ${values[0]}` : ` = [${values.join(", ")}]`;
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(PRINTED_DIGITS)));
}
