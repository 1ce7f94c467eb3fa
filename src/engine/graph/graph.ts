// The dataflow graph, in ONNX's own words: inputs, constants, nodes in running order, named outputs.
import { BYTES_PER_ELEMENT, bytesOf, type DType, type NdArray, sizeOf } from "#base/array";
import type { OpAttributes, OpName } from "./op-attributes.ts";
import type { OpRule } from "./op-rule.ts";
import { OP_RULES } from "./rules/index.ts";
import { ShapeError, shapeText } from "./shape-error.ts";
import type { Tensor } from "./tensor.ts";

/** One operator at work. `outputs` are all it gives, used or not. */
export interface GraphNode<Op extends OpName = OpName> {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: OpAttributes[Op];
}

/**
 * Several nodes that are differentiated as one: a rule of autodiff takes the output's cotangent straight to the inputs. `kept` are
 * values on the way that the rule goes back to.
 */
export interface Composite {
  readonly kind: CompositeKind;
  readonly inputs: readonly Tensor[];
  readonly kept: readonly Tensor[];
  readonly output: Tensor;
}

export type CompositeKind = "batchNormalisation";

/** A graph under construction. Nodes are kept in the order they were added, which is an order in which they can run. */
export class Graph {
  readonly name: string;
  readonly inputs: Tensor[] = [];
  readonly nodes: GraphNode[] = [];
  /** Values known while building, by tensor name. */
  readonly constants = new Map<string, NdArray>();
  /** Results by the name a caller asks for them with. */
  readonly outputs = new Map<string, Tensor>();
  readonly #producers = new Map<string, GraphNode>();
  readonly #composites = new Map<string, Composite>();
  readonly #constantsByContent = new Map<string, Tensor>();
  readonly #names = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #scope: string[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** A value that the caller feeds. Its name is taken as it is and must be new. */
  input(name: string, shape: readonly number[], dtype: DType = "float32"): Tensor {
    if (this.#names.has(name)) throw new ShapeError(`graph ${this.name}: the name "${name}" is taken already.`);
    const tensor = this.#tensor(name, dtype, shape);
    this.inputs.push(tensor);
    return tensor;
  }

  /** A value known now. Small equal constants are shared. */
  constant(array: NdArray): Tensor {
    const isSmall = sizeOf(array.shape) * BYTES_PER_ELEMENT[array.dtype] <= 256;
    const content = isSmall ? `${array.dtype}[${array.shape}]${bytesOf(array).join()}` : undefined;
    const known = content === undefined ? undefined : this.#constantsByContent.get(content);
    if (known) return known;
    const tensor = this.#tensor(this.#freshName("constant"), array.dtype, array.shape);
    this.constants.set(tensor.name, array);
    if (content !== undefined) this.#constantsByContent.set(content, tensor);
    return tensor;
  }

  /** Makes `tensor` a result named `name`. */
  output(name: string, tensor: Tensor): void {
    if (this.outputs.has(name)) throw new ShapeError(`graph ${this.name}: there is an output "${name}" already.`);
    this.outputs.set(name, tensor);
  }

  /** Adds an operator; returns all its outputs. Throws ShapeError, with the scope and the operands' shapes, where they do not fit. */
  add<Op extends OpName>(op: Op, inputs: readonly Tensor[], attributes: OpAttributes[Op]): readonly Tensor[] {
    const rule: OpRule<Op> = OP_RULES[op];
    const name = this.#freshName(op);
    for (const input of inputs) {
      if (input.graph !== this)
        throw new ShapeError(`${name}: operand "${input.name}" belongs to graph ${input.graph.name}, not ${this.name}.`);
    }
    const types = this.#placed(name, inputs, () =>
      rule.outputTypes(
        inputs.map((input) => this.#operand(input)),
        attributes,
      ),
    );
    const outputs = types.map((type, index) => this.#tensor(index === 0 ? name : `${name}.${index}`, type.dtype, type.shape));
    const node: GraphNode = { name, op, inputs, outputs, attributes };
    this.nodes.push(node);
    for (const output of outputs) this.#producers.set(output.name, node);
    return outputs;
  }

  /** Has the nodes between `inputs` and `output`, which nothing else may lead a gradient through, differentiated as one. */
  addComposite(composite: Composite): void {
    this.#composites.set(composite.output.name, composite);
  }

  /** The composite that ends in a tensor; `undefined` for any other. */
  compositeOf(tensor: Tensor): Composite | undefined {
    return this.#composites.get(tensor.name);
  }

  /** Runs `build` with `name` in front of every name given inside: layer paths such as "blocks.0.attn". */
  scope<T>(name: string, build: () => T): T {
    this.#scope.push(name);
    try {
      return build();
    } finally {
      this.#scope.pop();
    }
  }

  /** The node that computes a tensor; `undefined` for inputs and constants. */
  producerOf(tensor: Tensor): GraphNode | undefined {
    return this.#producers.get(tensor.name);
  }

  /** The value of a constant tensor; `undefined` for any other. */
  constantOf(tensor: Tensor): NdArray | undefined {
    return this.constants.get(tensor.name);
  }

  #operand(tensor: Tensor) {
    const constant = this.constants.get(tensor.name);
    return { dtype: tensor.dtype, shape: tensor.shape, ...(constant ? { constant } : {}) };
  }

  #placed<T>(name: string, inputs: readonly Tensor[], check: () => T): T {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const operands = inputs.map((input) => `${input.name} ${shapeText(input.shape)}`).join(", ");
      throw new ShapeError(`${name}: ${error.message} Operands: ${operands}.`, { cause: error });
    }
  }

  #freshName(kind: string): string {
    const stem = [...this.#scope, kind].join("/");
    let count = this.#counts.get(stem) ?? 0;
    let name = count === 0 ? stem : `${stem}_${count}`;
    while (this.#names.has(name)) name = `${stem}_${++count}`;
    this.#counts.set(stem, count + 1);
    return name;
  }

  #tensor(name: string, dtype: DType, shape: readonly number[]): Tensor {
    this.#names.add(name);
    return { graph: this, name, dtype, shape };
  }
}

/** The graph a tensor lives in, to add nodes to. */
export function graphOf(tensor: Tensor): Graph {
  return tensor.graph as Graph; // only Graph makes tensors; the interface merely avoids a cycle of imports
}
