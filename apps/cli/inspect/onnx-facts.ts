// What an ONNX model says of itself: inputs, outputs, operators, parameters, notes.
import type { OnnxSummary, OnnxValue } from "#engine/runtime";
import type { Fact } from "./fact-lines.ts";

/** TensorProto.DataType by number. */
const TYPES: Readonly<Record<number, string>> = {
  ...{ 1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool" },
  ...{ 10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 16: "bfloat16" },
};

/** For --json: maps as plain objects. */
export function onnxReport(summary: OnnxSummary) {
  const { irVersion, producer, numNodes, numParameters, inputs, outputs, external } = summary;
  return {
    ...{ irVersion, producer, numNodes, numParameters },
    opsets: Object.fromEntries([...summary.opsets].map(([domain, version]) => [domain || "ai.onnx", version])),
    operators: Object.fromEntries(byNumber(summary.operators)),
    inputs: inputs.map(valueReport),
    outputs: outputs.map(valueReport),
    externalFiles: [...new Set(external.map(({ location }) => location))],
    metadata: Object.fromEntries(summary.metadata),
  };
}

/** Longer notes, such as lists of all crops seen, are cut for a person. */
const LONGEST_NOTE = 120;

export function onnxFacts(summary: OnnxSummary): readonly Fact[] {
  const { opsets, operators, inputs, outputs, externalFiles, metadata, ...numbers } = onnxReport(summary);
  const versions = Object.entries(opsets).map(([domain, version]) => `${domain} ${version}`);
  return [
    ["ONNX model", `IR ${numbers.irVersion}, ${versions.join(", ")}${numbers.producer ? `, by ${numbers.producer}` : ""}`],
    ...inputs.map((value) => ["input", valueText(value)] as const),
    ...outputs.map((value) => ["output", valueText(value)] as const),
    ["parameters", `${numbers.numParameters}${externalFiles.length > 0 ? `, in ${externalFiles.join(", ")}` : ""}`],
    [
      "operators",
      `${numbers.numNodes}: ${Object.entries(operators)
        .map(([name, count]) => `${name} ${count}`)
        .join(", ")}`,
    ],
    ...Object.entries(metadata).map(
      ([name, value]) => [name, value.length > LONGEST_NOTE ? `${value.slice(0, LONGEST_NOTE)}...` : value] as const,
    ),
  ];
}

function byNumber(operators: ReadonlyMap<string, number>): [string, number][] {
  return [...operators].toSorted(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
}

function valueReport({ name, elementType, shape }: OnnxValue) {
  return { name, type: elementType === null ? null : (TYPES[elementType] ?? `type ${elementType}`), shape };
}

function valueText({ name, type, shape }: ReturnType<typeof valueReport>): string {
  const sizes = shape === null ? "any shape" : `[${shape.map((size) => size ?? "?").join(", ")}]`;
  return `${name}: ${type ?? "no tensor"} ${sizes}`;
}
