// Matrix products.
import type { Tensor } from "../tensor.ts";
import { addOne } from "./add-node.ts";

export interface ProductOptions {
  /** Swap the last two axes of the first operand. */
  readonly transA?: boolean;
  /** Swap the last two axes of the second operand. */
  readonly transB?: boolean;
  /** Factor of the product (default 1). */
  readonly alpha?: number;
}

/** a [..., M, K] times b [..., K, N]: [..., M, N]. The axes in front broadcast; both have at least two axes. */
export function matMul(a: Tensor, b: Tensor): Tensor {
  return addOne("MatMul", [a, b], {});
}

/** alpha a b, with the last two axes of either swapped where asked: no transposed copy is made on the CPU. */
export function fusedMatMul(a: Tensor, b: Tensor, { transA = false, transB = false, alpha = 1 }: ProductOptions = {}): Tensor {
  return addOne("FusedMatMul", [a, b], { alpha, transA: Number(transA), transB: Number(transB) });
}

/** alpha a b + beta c with 2-D a and b; c broadcasts to the product. */
export function gemm(a: Tensor, b: Tensor, c?: Tensor, options: ProductOptions & { readonly beta?: number } = {}): Tensor {
  const { transA = false, transB = false, alpha = 1, beta = 1 } = options;
  return addOne("Gemm", c ? [a, b, c] : [a, b], { alpha, beta, transA: Number(transA), transB: Number(transB) });
}
