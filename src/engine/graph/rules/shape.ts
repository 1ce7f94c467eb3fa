// Rules of the operators that move elements without changing them.
import { sizeOf } from "#base/array";
import type { HostTensor, OpInput, OpRule, RulesOf } from "../op-rule.ts";
import { ShapeError, shapeText } from "../shape-error.ts";
import { axisFromFront, commonType, constantIntegers, expectType, takeOne, takeThree, takeTwo } from "./operands.ts";
import { broadcastShapes, broadcastTo, readStrided, stridesOf, transposed, writeStrided } from "./strided.ts";

const reshape: OpRule<"Reshape"> = {
  domain: "",
  attributes: {},
  outputTypes: (inputs) => {
    const [x, shape] = takeTwo(inputs);
    return [{ dtype: x.dtype, shape: reshaped(x.shape, constantIntegers(shape, "the shape")) }];
  },
  evaluate: (inputs, _, outputs) => [{ shape: outputs[0]!.shape, data: takeTwo(inputs)[0].data }],
};

/** ONNX's words: 0 keeps the size of that axis, one -1 takes what is left. */
function reshaped(from: readonly number[], asked: readonly number[]): readonly number[] {
  const sizes = asked.map((size, axis) => (size === 0 ? (from[axis] ?? 0) : size));
  const known = sizeOf(sizes.filter((size) => size !== -1));
  const numElements = sizeOf(from);
  const isOpen = sizes.includes(-1);
  const fits = isOpen ? known > 0 && numElements % known === 0 : known === numElements;
  if (!fits || sizes.filter((size) => size === -1).length > 1 || sizes.some((size) => size < -1)) {
    throw new ShapeError(`expected a shape of ${numElements} elements, got ${shapeText(asked)}.`);
  }
  return sizes.map((size) => (size === -1 ? numElements / known : size));
}

const transpose: OpRule<"Transpose"> = {
  domain: "",
  attributes: { perm: "ints" },
  outputTypes: (inputs, { perm }) => {
    const { dtype, shape } = takeOne(inputs);
    if (perm.toSorted((a, b) => a - b).some((axis, index) => axis !== index) || perm.length !== shape.length) {
      throw new ShapeError(`expected a permutation of the ${shape.length} axes, got ${shapeText(perm)}.`);
    }
    return [{ dtype, shape: perm.map((axis) => shape[axis]!) }];
  },
  evaluate: (inputs, { perm }) => [transposed(takeOne(inputs), perm)],
};

const concat: OpRule<"Concat"> = {
  domain: "",
  attributes: { axis: "int" },
  outputTypes: (inputs, { axis }) => {
    const first = inputs[0];
    if (!first) throw new ShapeError("expected at least 1 operand, got 0.");
    const dtype = commonType(inputs);
    const along = axisFromFront(axis, first.shape.length);
    const others = (shape: readonly number[]) => shapeText(shape.toSpliced(along, 1));
    for (const { shape } of inputs) {
      if (shape.length !== first.shape.length || others(shape) !== others(first.shape)) {
        throw new ShapeError(
          `expected operands of one shape but for axis ${along}, got ${shapeText(first.shape)} and ${shapeText(shape)}.`,
        );
      }
    }
    return [
      {
        dtype,
        shape: first.shape.with(
          along,
          inputs.reduce((sum, { shape }) => sum + shape[along]!, 0),
        ),
      },
    ];
  },
  evaluate: (inputs, { axis }, outputs) => {
    const { shape } = outputs[0]!;
    const along = axisFromFront(axis, shape.length);
    const strides = stridesOf(shape);
    const data = new Float64Array(sizeOf(shape));
    let start = 0;
    for (const input of inputs) {
      writeStrided(data, input.data, input.shape, strides, start * strides[along]!);
      start += input.shape[along]!;
    }
    return [{ shape, data }];
  },
};

const split: OpRule<"Split"> = {
  domain: "",
  attributes: { axis: "int" },
  outputTypes: (inputs, { axis }) => {
    const [x, sizesInput] = takeTwo(inputs);
    const sizes = constantIntegers(sizesInput, "the sizes");
    const along = axisFromFront(axis, x.shape.length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== x.shape[along] || sizes.some((size) => size < 1)) {
      throw new ShapeError(`expected sizes above 0 that sum to ${x.shape[along]} (axis ${along}), got ${shapeText(sizes)}.`);
    }
    return sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.with(along, size) }));
  },
  evaluate: (inputs, { axis }, outputs) => {
    const [x] = takeTwo(inputs);
    const along = axisFromFront(axis, x.shape.length);
    const strides = stridesOf(x.shape);
    let start = 0;
    return outputs.map(({ shape }) => {
      const data = readStrided(x.data, shape, strides, start * strides[along]!);
      start += shape[along]!;
      return { shape, data };
    });
  },
};

/** Slice-13 with starts, ends, axes and, where one is not 1, steps. */
const slice: OpRule<"Slice"> = {
  domain: "",
  attributes: {},
  outputTypes: (inputs) => {
    if (inputs.length !== 4 && inputs.length !== 5) {
      throw new ShapeError(`expected 4 or 5 operands (data, starts, ends, axes, steps), got ${inputs.length}.`);
    }
    const [x, ...bounds] = inputs as readonly [OpInput, ...OpInput[]]; // at least four, checked just above
    const [starts, ends, axes, steps] = bounds.map((bound, index) => constantIntegers(bound, SLICE_BOUNDS[index]!));
    const shape = [...x.shape];
    for (const [index, axis] of axes!.entries()) {
      const along = axisFromFront(axis, shape.length);
      const size = x.shape[along]!;
      const [start, end, step] = [starts![index]!, ends![index]!, steps?.[index] ?? 1];
      // ONNX would cut bounds beyond the end in silence; here they are a mistake.
      if (!(start >= 0 && start < end && end <= size)) {
        throw new ShapeError(`expected 0 <= start < end <= ${size} in axis ${along}, got start ${start} and end ${end}.`);
      }
      if (step < 1) throw new ShapeError(`expected steps of 1 or more in axis ${along}, got ${step}.`);
      shape[along] = Math.ceil((end - start) / step);
    }
    return [{ dtype: x.dtype, shape }];
  },
  evaluate: (inputs, _, outputs) => {
    const [x, starts, , axes, steps] = inputs as readonly [HostTensor, HostTensor, HostTensor, HostTensor, HostTensor?]; // outputTypes saw to it
    const { shape } = outputs[0]!;
    const strides = stridesOf(x.shape);
    const offset = axes.data.reduce((sum, axis, index) => sum + starts.data[index]! * strides.at(axis)!, 0);
    const stepped = [...strides];
    for (const [index, axis] of axes.data.entries()) {
      stepped[axisFromFront(axis, stepped.length)]! *= steps?.data[index] ?? 1;
    }
    return [{ shape, data: readStrided(x.data, shape, stepped, offset) }];
  },
};

const SLICE_BOUNDS = ["starts", "ends", "axes", "steps"] as const;

/** Pad-13 with zeros: pads holds the rows to add before each axis, then those after. */
const pad: OpRule<"Pad"> = {
  domain: "",
  attributes: { mode: "string" },
  outputTypes: (inputs, { mode }) => {
    const [x, padsInput] = takeTwo(inputs);
    const pads = constantIntegers(padsInput, "pads");
    const rank = x.shape.length;
    if (mode !== "constant") throw new ShapeError(`expected mode "constant", got "${mode}".`);
    if (pads.length !== 2 * rank || pads.some((size) => size < 0)) {
      throw new ShapeError(`expected ${2 * rank} pads of 0 or more, got ${shapeText(pads)}.`);
    }
    return [{ dtype: x.dtype, shape: x.shape.map((size, axis) => size + pads[axis]! + pads[axis + rank]!) }];
  },
  evaluate: (inputs, _, outputs) => {
    const [x, pads] = takeTwo(inputs);
    const { shape } = outputs[0]!;
    const strides = stridesOf(shape);
    const data = new Float64Array(sizeOf(shape));
    const offset = strides.reduce((sum, stride, axis) => sum + stride * pads.data[axis]!, 0);
    writeStrided(data, x.data, x.shape, strides, offset);
    return [{ shape, data }];
  },
};

const gather: OpRule<"Gather"> = {
  domain: "",
  attributes: { axis: "int" },
  outputTypes: (inputs, { axis }) => {
    const [x, indices] = takeTwo(inputs);
    const along = axisFromFront(axis, x.shape.length);
    expectType(indices, "int64", "the indices");
    for (const index of indices.constant?.data ?? []) expectIndex(Number(index), x.shape[along]!, along);
    return [{ dtype: x.dtype, shape: x.shape.toSpliced(along, 1, ...indices.shape) }];
  },
  evaluate: (inputs, { axis }, outputs) => {
    const [x, indices] = takeTwo(inputs);
    const along = axisFromFront(axis, x.shape.length);
    const size = x.shape[along]!;
    const numOuter = sizeOf(x.shape.slice(0, along));
    const numInner = sizeOf(x.shape.slice(along + 1));
    const { shape } = outputs[0]!;
    const data = new Float64Array(sizeOf(shape));
    let target = 0;
    for (let outer = 0; outer < numOuter; outer++) {
      for (const index of indices.data) {
        expectIndex(index, size, along);
        const source = (outer * size + (index < 0 ? index + size : index)) * numInner;
        data.set(x.data.subarray(source, source + numInner), target);
        target += numInner;
      }
    }
    return [{ shape, data }];
  },
};

function expectIndex(index: number, size: number, axis: number): void {
  if (index < -size || index >= size)
    throw new ShapeError(`expected indices in [${-size}, ${size - 1}] for axis ${axis}, got ${index}.`);
}

/** ScatterElements-16 with reduction "add": the updates are added to the data at the indices along one axis. */
const scatterElements: OpRule<"ScatterElements"> = {
  domain: "",
  attributes: { axis: "int", reduction: "string" },
  outputTypes: (inputs, { axis, reduction }) => {
    const [x, indices, updates] = takeThree(inputs);
    axisFromFront(axis, x.shape.length);
    commonType([x, updates]);
    expectType(indices, "int64", "the indices");
    if (reduction !== "add") throw new ShapeError(`expected reduction "add", got "${reduction}".`);
    if (shapeText(indices.shape) !== shapeText(updates.shape)) {
      throw new ShapeError(
        `expected indices and updates of one shape, got ${shapeText(indices.shape)} and ${shapeText(updates.shape)}.`,
      );
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  evaluate: (inputs, { axis }) => {
    const [x, indices, updates] = takeThree(inputs);
    const along = axisFromFront(axis, x.shape.length);
    const size = x.shape[along]!;
    const numInner = sizeOf(x.shape.slice(along + 1));
    const data = x.data.slice();
    // Where each update would go if every index were its own position.
    const strides = stridesOf(x.shape).with(along, 0);
    const positions = Float64Array.from({ length: data.length }, (_, position) => position);
    const targets = readStrided(positions, updates.shape, strides);
    for (const [update, value] of updates.data.entries()) {
      const index = indices.data[update]!;
      expectIndex(index, size, along);
      data[targets[update]! + (index < 0 ? index + size : index) * numInner]! += value;
    }
    return [{ shape: x.shape, data }];
  },
};

const expand: OpRule<"Expand"> = {
  domain: "",
  attributes: {},
  outputTypes: (inputs) => {
    const [x, shape] = takeTwo(inputs);
    return [{ dtype: x.dtype, shape: broadcastShapes([x.shape, constantIntegers(shape, "the shape")]) }];
  },
  evaluate: (inputs, _, outputs) => {
    const { shape } = outputs[0]!;
    return [{ shape, data: broadcastTo(takeTwo(inputs)[0], shape) }];
  },
};

export const SHAPE_RULES: RulesOf<
  "Reshape" | "Transpose" | "Concat" | "Split" | "Slice" | "Pad" | "Gather" | "ScatterElements" | "Expand"
> = {
  Reshape: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Gather: gather,
  ScatterElements: scatterElements,
  Expand: expand,
};
