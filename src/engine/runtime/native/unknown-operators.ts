// Which operators of a graph a device does not know: ONNX Runtime only says that there are some.
import type { DType } from "#base/array";
import { Graph, type GraphNode, neededNodes, type OpName } from "#engine/graph";
import { formatOnnx } from "../onnx-model.ts";
import type { Environment } from "./environment.ts";
import type { Provider } from "./provider.ts";
import { createSessionHandle } from "./session-handle.ts";

/** What ONNX Runtime says where a node would have to run on the CPU and may not (inference_session.cc). */
const FALLBACK = /fallback to CPU EP has been explicitly disabled/;

/** An error of opening a graph, in words that name the operators where ONNX Runtime's own do not. */
export function fallbackError(error: Error, graph: Graph | undefined, environment: Environment, provider: Provider): Error {
  if (!FALLBACK.test(error.message)) return error;
  const unknown = graph ? unknownNodes(graph, environment, provider) : [];
  const names = unknown.map((node) => `${node.op} of ${typesOf(node).join(", ")} ("${node.name}")`);
  const listed = names.length > 0 ? names.join("; ") : "some of its operators";
  return new Error(
    `expected operators that ${provider.name} knows, got ${listed}. Nothing runs on the CPU in silence: use --device cpu.`,
    { cause: error },
  );
}

/** The first node of every kind that the device refuses, when it is asked for that node alone. */
function unknownNodes(graph: Graph, environment: Environment, provider: Provider): readonly GraphNode[] {
  const firstOfKind = new Map<string, GraphNode>();
  for (const node of neededNodes(graph)) {
    const kind = `${node.op} ${typesOf(node)}`;
    if (!firstOfKind.has(kind)) firstOfKind.set(kind, node);
  }
  return [...firstOfKind.values()].filter((node) => !isKnown(node, graph, environment, provider));
}

function isKnown(node: GraphNode, graph: Graph, environment: Environment, provider: Provider): boolean {
  try {
    const { handle } = createSessionHandle(environment, formatOnnx(graphOfNode(node, graph)), { provider });
    environment.api.release("ReleaseSession", handle);
    return true;
  } catch {
    return false;
  }
}

function graphOfNode<Op extends OpName>(node: GraphNode<Op>, graph: Graph): Graph {
  const alone = new Graph(node.name);
  const inputs = node.inputs.map((input, place) => {
    const constant = graph.constantOf(input);
    return constant ? alone.constant(constant) : alone.input(`x${place}`, input.shape, input.dtype);
  });
  for (const [place, output] of alone.add(node.op, inputs, node.attributes).entries()) alone.output(`y${place}`, output);
  return alone;
}

function typesOf({ inputs }: GraphNode): readonly DType[] {
  return inputs.map(({ dtype }) => dtype);
}
