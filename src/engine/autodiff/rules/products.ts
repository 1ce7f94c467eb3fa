// Gradient rules of the matrix products. FusedMatMul swaps second operands inside the product; first operands: product-forms.ts.
import { fusedMatMul, mul, reshape, type Tensor } from "#engine/graph";
import { type GradientRulesOf, type LazyCotangent, ofOneOutput, sumTo } from "../gradient-rule.ts";
import { swappedProduct } from "../product-forms.ts";

interface Product {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

/** For y = alpha A B (A, B: operands with their axes swapped where asked): dA = alpha dy B', dB = alpha A' dy. */
function productVjp(dy: Tensor, a: Tensor, b: Tensor, product: Product): readonly [LazyCotangent, LazyCotangent] {
  return [() => sumTo(toFirst(dy, b, product), a.shape), () => toSecond(dy, a, b, product)];
}

function toFirst(dy: Tensor, b: Tensor, { transA, transB, alpha }: Product): Tensor {
  return transA ? fusedMatMul(b, dy, { transA: transB, transB: true, alpha }) : fusedMatMul(dy, b, { transB: !transB, alpha });
}

function toSecond(dy: Tensor, a: Tensor, b: Tensor, { transA, transB, alpha }: Product): Tensor {
  // A weight shared by a whole batch: one product over all its rows, not one a matrix and a sum.
  const isShared = b.shape.length === 2 && a.shape.length > 2 && !transA;
  const rows = isShared ? reshape(a, [-1, a.shape.at(-1)!]) : a;
  const rowCotangents = isShared ? reshape(dy, [-1, dy.shape.at(-1)!]) : dy;
  const [first, second] = transB ? [rowCotangents, rows] : [rows, rowCotangents];
  if (!transA) return sumTo(swappedProduct(first, second, { alpha }), b.shape);
  return sumTo(fusedMatMul(first, second, { transA: transB, transB, alpha }), b.shape);
}

export const PRODUCT_GRADIENTS: GradientRulesOf<"MatMul" | "Gemm" | "FusedMatMul"> = {
  MatMul: ofOneOutput((dy, { inputs }) => productVjp(dy, inputs[0]!, inputs[1]!, { transA: false, transB: false, alpha: 1 })),
  FusedMatMul: ofOneOutput((dy, { inputs, attributes: { transA, transB, alpha } }) =>
    productVjp(dy, inputs[0]!, inputs[1]!, { transA: transA === 1, transB: transB === 1, alpha }),
  ),
  Gemm: ofOneOutput((dy, { inputs, attributes: { transA, transB, alpha, beta } }) => {
    const factors = productVjp(dy, inputs[0]!, inputs[1]!, { transA: transA === 1, transB: transB === 1, alpha });
    const bias = inputs[2];
    if (!bias) return factors;
    const toBias = () => sumTo(dy, bias.shape);
    return [...factors, beta === 1 ? toBias : () => mul(toBias(), beta)];
  }),
};
