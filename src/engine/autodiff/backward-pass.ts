// The state of a walk backwards through a graph, and one node of it: from the cotangents of its outputs to those of its inputs.
import {
  add,
  type Composite,
  type Graph,
  type GraphNode,
  gemm,
  graphOf,
  type OpAttributes,
  type OpName,
  shapeText,
  type Tensor,
} from "#engine/graph";
import type { GradientRule, GradientRulesOf, LazyCotangent } from "./gradient-rule.ts";
import { swapped, unswapped } from "./product-forms.ts";
import { COMPOSITE_RULES } from "./rules/composites.ts";
import { geluByDistribution } from "./rules/elementwise.ts";

/** What a walk knows so far. Its maps and sets grow as it goes. */
export interface BackwardPass {
  readonly graph: Graph;
  readonly rules: GradientRulesOf<OpName>;
  /** By tensor name: the sum of what the users met so far gave. */
  readonly cotangents: Map<string, Tensor>;
  /** Names of the tensors through which the loss depends on what it is differentiated by. */
  readonly dependents: Set<string>;
}

/** Adds the nodes that lead the cotangents of a node's outputs to its inputs; nothing where the node is not on the way. */
export function walkBack(pass: BackwardPass, node: GraphNode): void {
  const { graph, cotangents, dependents } = pass;
  const isOnTheWay =
    node.outputs.some((output) => cotangents.has(output.name)) && node.inputs.some((input) => dependents.has(input.name));
  if (isOnTheWay) graph.scope(`gradient/${node.name}`, () => propagate(pass, node));
}

/** Adds a cotangent to what other users of the same tensor gave. */
export function addCotangent({ cotangents }: BackwardPass, tensor: Tensor, cotangent: Tensor): void {
  const earlier = cotangents.get(tensor.name);
  cotangents.set(tensor.name, earlier ? addedTo(earlier, cotangent) : cotangent);
}

/**
 * The sum; where one of both is a product of matrices it is added to the other as it is computed, and never stands by itself: the later
 * one if it can be, so that the operands of the earlier need not wait for it.
 */
export function addedTo(earlier: Tensor, later: Tensor): Tensor {
  const [beforeEarlier, beforeLater] = [unswapped(earlier), unswapped(later)];
  if (beforeEarlier && beforeLater) return swapped(addedTo(beforeEarlier, beforeLater));
  return addedProduct(later, earlier) ?? addedProduct(earlier, later) ?? add(earlier, later);
}

/** `other` and a product, or a sum of products, added up from the first product on; undefined where `product` is none. */
function addedProduct(product: Tensor, other: Tensor): Tensor | undefined {
  const node = graphOf(product).producerOf(product);
  if (node?.op === "FusedMatMul" && node.inputs.every(({ shape }) => shape.length === 2)) {
    const { transA, transB, alpha } = node.attributes as OpAttributes["FusedMatMul"]; // its name was asked just above
    return gemm(node.inputs[0]!, node.inputs[1]!, other, { transA: transA === 1, transB: transB === 1, alpha });
  }
  if (node?.op !== "Gemm" || !node.inputs[2]) return undefined;
  const { transA, transB, alpha, beta } = node.attributes as OpAttributes["Gemm"]; // as above
  const before = beta === 1 ? addedProduct(node.inputs[2], other) : undefined;
  return before && gemm(node.inputs[0]!, node.inputs[1]!, before, { transA: transA === 1, transB: transB === 1, alpha });
}

function propagate(pass: BackwardPass, node: GraphNode): void {
  const { graph, dependents } = pass;
  const composite = graph.compositeOf(node.outputs[0]!); // every operator gives something
  const { name, inputs, toInputs } = composite ? throughComposite(pass, composite) : throughNode(pass, node);
  if (toInputs.length !== inputs.length) {
    throw new Error(`internal: autodiff: "${name}" returned ${toInputs.length} cotangents for ${inputs.length} inputs.`);
  }
  for (const [index, input] of inputs.entries()) {
    const build = toInputs[index];
    if (!build || !dependents.has(input.name)) continue;
    const cotangent = build();
    if (shapeText(cotangent.shape) !== shapeText(input.shape)) {
      const [expected, got] = [shapeText(input.shape), shapeText(cotangent.shape)];
      throw new Error(`internal: autodiff: "${name}" gave input ${index} a cotangent of shape ${got}, expected ${expected}.`);
    }
    addCotangent(pass, input, cotangent);
  }
}

/** What is differentiated at once: by which name, from which inputs, and how their cotangents are built. */
interface Differentiated {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly toInputs: readonly LazyCotangent[];
}

function throughNode<Op extends OpName>({ rules, cotangents }: BackwardPass, node: GraphNode<Op>): Differentiated {
  const rule: GradientRule<Op> | "none" = rules[node.op];
  if (rule === "none") throw new Error(`gradients: ${node.name}: ${node.op} has no gradient, but the loss depends on it.`);
  const ofOutputs = node.outputs.map((output) => cotangents.get(output.name));
  const operands = node.inputs.map(computedBackAgain);
  return { name: node.op, inputs: node.inputs, toInputs: rule({ ...node, inputs: operands }, ofOutputs) };
}

/**
 * What stands for an operand on the way back. A GELU's result is one multiplication away from what its own gradient computes, so it
 * is made again and need not be kept: the largest activation of a Transformer's block but its attention.
 */
function computedBackAgain(operand: Tensor): Tensor {
  const producer = graphOf(operand).producerOf(operand);
  return producer?.op === "Gelu" ? geluByDistribution(producer.inputs[0]!) : operand;
}

function throughComposite({ cotangents }: BackwardPass, composite: Composite): Differentiated {
  const cotangent = cotangents.get(composite.output.name)!; // a composite's last node has one output, which is on the way
  const { kind, inputs } = composite;
  return { name: kind, inputs, toInputs: COMPOSITE_RULES[kind](composite, cotangent) };
}
