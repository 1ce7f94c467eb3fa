// How much multiplying a graph does, and how fast this machine multiplies.
import { ndArray } from "#base/array";
import { Graph, type GraphNode, matMul, neededNodes } from "#engine/graph";
import type { Device } from "#engine/runtime/native";

const PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "FusedMatMul", "Gemm"]);

/** Floating-point operations in a graph's matrix products and convolutions: two for each multiply and add. */
export function productFlops(graph: Graph): number {
  let flops = 0;
  for (const node of neededNodes(graph)) {
    flops += convolutionFlops(node);
    if (!PRODUCTS.has(node.op)) continue;
    const { shape } = node.inputs[0]!;
    const isTransposed = "transA" in node.attributes && node.attributes.transA === 1;
    const innerSize = shape.at(isTransposed ? -2 : -1)!;
    flops += 2 * innerSize * node.outputs[0]!.shape.reduce((product, size) => product * size, 1);
  }
  return flops;
}

/** Every pixel of the smaller side (what comes out of Conv, what goes into ConvTranspose) meets every weight of its channel once. */
function convolutionFlops({ op, inputs, outputs }: GraphNode): number {
  if (op !== "Conv" && op !== "ConvTranspose") return 0;
  const images = op === "Conv" ? outputs[0]! : inputs[0]!;
  const [, ...perChannel] = inputs[1]!.shape;
  return 2 * [...images.shape, ...perChannel].reduce((product, size) => product * size, 1);
}

const SIDE = 2048;
const REPEATS = 5;

/** Operations per second of a large float32 matrix product on a device: the best of a few. */
export async function measuredProductRate(device: Device): Promise<number> {
  const graph = new Graph("product-rate");
  graph.output("product", matMul(graph.input("a", [SIDE, SIDE]), graph.input("b", [SIDE, SIDE])));
  const session = device.open(graph);
  const square = ndArray("float32", [SIDE, SIDE], new Float32Array(SIDE * SIDE).fill(0.5));
  const results = new Map([["product", ndArray("float32", [SIDE, SIDE], new Float32Array(SIDE * SIDE))]]);
  let best = Number.POSITIVE_INFINITY;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = performance.now();
    await session.run(
      new Map([
        ["a", square],
        ["b", square],
      ]),
      results,
    );
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  session.close();
  return productFlops(graph) / best;
}
