// Cases of the matrix products.
import { fusedMatMul, gemm, matMul } from "#engine/graph";
import { normals, type OpCase, opCase } from "./op-case.ts";

/** Operands of an odd product [5, 3] x [3, 7], stored with their axes swapped where asked. */
function factors({ transA = false, transB = false, batchA = [] as readonly number[], batchB = [] as readonly number[] }) {
  return {
    a: normals(...batchA, ...(transA ? [3, 5] : [5, 3])),
    b: normals(...batchB, ...(transB ? [7, 3] : [3, 7])),
  };
}

const FLAGS = [false, true].flatMap((transA) => [false, true].map((transB) => ({ transA, transB })));
const BATCHES = [
  { what: "matrices", batchA: [], batchB: [] },
  { what: "a batch with one matrix", batchA: [2, 4], batchB: [] },
  { what: "one matrix with a batch", batchA: [], batchB: [2] },
  { what: "two batches that repeat each other", batchA: [2, 1], batchB: [1, 3] },
];

const FUSED_CASES = FLAGS.flatMap(({ transA, transB }) =>
  BATCHES.map(({ what, batchA, batchB }) => {
    const swapped = [transA ? "A" : "", transB ? "B" : ""].join("");
    return opCase(
      "FusedMatMul",
      `${what}, swapped ${swapped || "none"}`,
      factors({ transA, transB, batchA, batchB }),
      ({ a, b }) => fusedMatMul(a, b, { transA, transB, alpha: 0.5 }),
    );
  }),
);

const GEMM_CASES = FLAGS.map(({ transA, transB }) =>
  opCase(
    "Gemm",
    `scaled, swapped ${transA ? "A" : ""}${transB ? "B" : ""}`,
    { ...factors({ transA, transB }), c: normals(7) },
    ({ a, b, c }) => gemm(a, b, c, { transA, transB, alpha: 0.5, beta: 2 }),
  ),
);

export const PRODUCT_CASES: readonly OpCase[] = [
  ...BATCHES.map(({ what, batchA, batchB }) => opCase("MatMul", what, factors({ batchA, batchB }), ({ a, b }) => matMul(a, b))),
  opCase("MatMul", "square, where a forgotten transpose would fit", { a: normals(4, 4), b: normals(4, 4) }, ({ a, b }) =>
    matMul(a, b),
  ),
  opCase("MatMul", "one row, one column", { a: normals(1, 9), b: normals(9, 1) }, ({ a, b }) => matMul(a, b)),
  opCase("MatMul", "a matrix with itself", { a: normals(3, 3) }, ({ a }) => matMul(a, a)),
  opCase("MatMul", "batch of one", { a: normals(1, 3, 4), b: normals(1, 4, 2) }, ({ a, b }) => matMul(a, b)),
  ...FUSED_CASES,
  ...GEMM_CASES,
  opCase("Gemm", "without a third operand", factors({}), ({ a, b }) => gemm(a, b)),
  opCase("Gemm", "a bias column", { ...factors({}), c: normals(5, 1) }, ({ a, b, c }) => gemm(a, b, c)),
  opCase("Gemm", "a bias scalar", { ...factors({}), c: normals() }, ({ a, b, c }) => gemm(a, b, c)),
  opCase("Gemm", "a whole bias", { ...factors({}), c: normals(5, 7) }, ({ a, b, c }) => gemm(a, b, c)),
];
