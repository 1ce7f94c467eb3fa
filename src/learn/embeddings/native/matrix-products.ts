// Matrix products too large for loops in JavaScript: small graphs on a device, opened once for each shape.
import { type NdArray, ndArray, type TypedData } from "#base/array";
import { fusedMatMul, Graph, matMul, type Tensor, transpose } from "#engine/graph";
import { type Device, openDevice, type Session } from "#engine/runtime/native";
import type { Matrix } from "../matrix.ts";

/** Row-major [numRows, numColumns] in float32. */
export interface FloatMatrix {
  readonly numRows: number;
  readonly numColumns: number;
  readonly data: Float32Array;
}

/** Products on the CPU's own thread pool. Must be closed. */
export class MatrixProducts {
  readonly #device: Device;
  readonly #sessions = new Map<string, Session>();

  constructor(options: { readonly numThreads?: number } = {}) {
    this.#device = openDevice({ device: "cpu", ...options });
  }

  /** a b in float64. */
  async times({ numRows, numColumns, data }: Matrix, b: Matrix): Promise<Matrix> {
    const feeds = [ndArray("float64", [numRows, numColumns], data), ndArray("float64", [b.numRows, b.numColumns], b.data)];
    const result = await this.run("times", feeds, (_, [x, y]) => matMul(x!, y!));
    return { numRows, numColumns: b.numColumns, data: result as Float64Array }; // the graph's element type is that of its feeds
  }

  /** aᵀ b in float64. */
  async transposedTimes(a: Matrix, b: Matrix): Promise<Matrix> {
    const feeds = [ndArray("float64", [a.numRows, a.numColumns], a.data), ndArray("float64", [b.numRows, b.numColumns], b.data)];
    const result = await this.run("transposedTimes", feeds, (_, [x, y]) => matMul(transpose(x!, [1, 0]), y!));
    return { numRows: a.numColumns, numColumns: b.numColumns, data: result as Float64Array }; // as above
  }

  /** a bᵀ in float32, into `out` where it is given. */
  async timesTransposed(a: FloatMatrix, b: FloatMatrix, out?: Float32Array): Promise<FloatMatrix> {
    const shape = [a.numRows, b.numRows] as const;
    const feeds = [ndArray("float32", [a.numRows, a.numColumns], a.data), ndArray("float32", [b.numRows, b.numColumns], b.data)];
    const result = await this.run("timesTransposed", feeds, (_, [x, y]) => fusedMatMul(x!, y!, { transB: true }), out);
    return { numRows: shape[0], numColumns: shape[1], data: result as Float32Array }; // as above
  }

  /** One graph with one output over arrays of these shapes; `kind` and the shapes name it, so that it is built once. */
  async run(
    kind: string,
    feeds: readonly NdArray[],
    build: (graph: Graph, inputs: readonly Tensor[]) => Tensor,
    out?: TypedData,
  ): Promise<TypedData> {
    const session = this.#sessionFor(kind, feeds, build);
    const results = out ? new Map([["y", { ...session.outputs[0]!, data: out } as NdArray]]) : new Map<string, NdArray>(); // the session checks it
    const outputs = await session.run(new Map(feeds.map((feed, index) => [`x${index}`, feed])), results);
    return outputs.get("y")!.data;
  }

  close(): void {
    this.#device.close();
  }

  #sessionFor(kind: string, feeds: readonly NdArray[], build: (graph: Graph, inputs: readonly Tensor[]) => Tensor): Session {
    const key = `${kind} ${feeds.map(({ shape }) => shape.join("x")).join(" ")}`;
    const known = this.#sessions.get(key);
    if (known) return known;
    const graph = new Graph(kind);
    const inputs = feeds.map(({ shape, dtype }, index) => graph.input(`x${index}`, shape, dtype));
    graph.output("y", build(graph, inputs));
    const session = this.#device.open(graph);
    this.#sessions.set(key, session);
    return session;
  }
}
