// Every operator's gradient rule against finite differences, and the check itself against wrong rules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GRADIENT_RULES, type GradientRule } from "#engine/autodiff";
import { fusedMatMul, mul, neg, type OpName } from "#engine/graph";
import { graphOfCase, OP_CASES } from "../op-cases.ts";
import { assertGradients, differentiatedCase } from "./gradient-check.ts";

for (const opCase of OP_CASES.filter((candidate) => differentiatedCase(candidate))) {
  test(`the gradient agrees with finite differences for ${opCase.name}`, () => assertGradients(opCase));
}

test("every operator has a case, and every one with a gradient rule is checked", () => {
  for (const op of Object.keys(GRADIENT_RULES) as OpName[]) {
    const cases = OP_CASES.filter((candidate) => candidate.op === op);
    assert.ok(cases.length > 0, `${op} has no case`);
    const isChecked = cases.some((candidate) => differentiatedCase(candidate));
    assert.equal(isChecked, GRADIENT_RULES[op] !== "none", `${op}: a rule without a checked case, or the other way round`);
  }
});

test("every case uses the operator it is named after, under a name of its own", () => {
  assert.equal(new Set(OP_CASES.map((opCase) => opCase.name)).size, OP_CASES.length);
  for (const opCase of OP_CASES) {
    const used = graphOfCase(opCase).graph.nodes.map((node) => node.op);
    assert.ok(used.includes(opCase.op), `${opCase.name}: uses ${used}`);
  }
});

type Wrong = { readonly op: OpName; readonly what: string; readonly rule: GradientRule<OpName> };

/** The right rule with the cotangent of its first input changed. */
function changed(op: OpName, what: string, change: (cotangent: ReturnType<typeof neg>) => ReturnType<typeof neg>): Wrong {
  const right = GRADIENT_RULES[op] as GradientRule<OpName>; // the tests below name operators with a rule
  const rule: GradientRule<OpName> = (node, cotangents) => {
    const [first, ...rest] = right(node, cotangents);
    return [first && (() => change(first())), ...rest];
  };
  return { op, what, rule };
}

const forgotTranspose: GradientRule<OpName> = ({ inputs }, [dy]) => [
  () => fusedMatMul(dy!, inputs[1]!),
  () => fusedMatMul(inputs[0]!, dy!, { transA: true }),
];

const WRONG_RULES: readonly Wrong[] = [
  changed("Mul", "0.1 % too large", (cotangent) => mul(cotangent, 1.001)),
  changed("Softmax", "0.1 % too large", (cotangent) => mul(cotangent, 1.001)),
  changed("Gelu", "0.1 % too small", (cotangent) => mul(cotangent, 0.999)),
  changed("Sub", "of the wrong sign", neg),
  changed("LayerNormalization", "of the wrong sign", neg),
  { op: "MatMul", what: "without its transpose", rule: forgotTranspose },
];

for (const { op, what, rule } of WRONG_RULES) {
  test(`the gradient check finds a rule of ${op} that is ${what}`, () => {
    const square = op === "MatMul" ? (name: string) => name.includes("square") : () => true;
    const opCase = OP_CASES.find((candidate) => candidate.op === op && square(candidate.name))!;
    assert.throws(
      () => assertGradients(opCase, { ...GRADIENT_RULES, [op]: rule }),
      new RegExp(`${op}: .*expected the derivative`),
    );
  });
}
