// Gradient rules of convolutions, pooling and batch normalisation. Which form a convolution's gradients take: convolution-forms.ts.
import { float32, sizeOf } from "#base/array";
import {
  add,
  batchNormalization,
  div,
  expand,
  fusedMatMul,
  graphOf,
  mul,
  neg,
  reduceSum,
  reshape,
  scatterSum,
  sqrt,
  sub,
  type Tensor,
} from "#engine/graph";
import { convolutionShape, imageCotangent, weightCotangent } from "../convolution-forms.ts";
import { type GradientRule, type GradientRulesOf, ofOneOutput, once } from "../gradient-rule.ts";

const convolution: GradientRule<"Conv"> = ofOneOutput((dy, node) => {
  const [images, weight, bias] = [node.inputs[0]!, node.inputs[1]!, node.inputs[2]];
  const shape = convolutionShape(node);
  const factors = [() => imageCotangent(dy, weight, shape), () => weightCotangent(dy, images, shape)];
  return bias ? [...factors, () => reduceSum(dy, [0, 2, 3])] : factors;
});

/** The cotangent goes back to where each largest value was found. Windows overlap, so places may repeat: they are summed. */
const largestPooling: GradientRule<"MaxPool"> = ({ name, inputs, outputs }, [dy, ofIndices]) => {
  if (!dy || ofIndices) throw new Error(`internal: autodiff: ${name}: only the first output has a gradient.`);
  const x = inputs[0]!;
  const numPixels = x.shape.reduce((product, size) => product * size, 1);
  return [() => reshape(scatterSum(flat(dy), flat(outputs[1]!), { shape: [numPixels], axis: 0 }), x.shape)];
};

function flat(x: Tensor): Tensor {
  return reshape(x, [-1]);
}

const averagePooling: GradientRule<"GlobalAveragePool"> = ofOneOutput((dy, { inputs }) => {
  const x = inputs[0]!;
  return [() => expand(mul(dy, 1 / (x.shape[2]! * x.shape[3]!)), x.shape)];
});

/**
 * With s = 1 / sqrt(variance + epsilon): dx = dy scale s, and sums over a channel give the rest. Where the statistics are those of
 * x itself, the cotangent that comes back through them is put into dx at once, and none is left for them (Ioffe & Szegedy 2015).
 */
const normalisation: GradientRule<"BatchNormalization"> = ofOneOutput((dy, node) => {
  const [x, scale, , mean, variance] = node.inputs as readonly [Tensor, Tensor, Tensor, Tensor, Tensor]; // five: its rule saw to it
  const inverseDeviation = once(() => div(1, sqrt(add(variance, node.attributes.epsilon))));
  const slope = once(() => mul(scale, inverseDeviation()));
  const sumOfCotangents = once(() => reduceSum(dy, [0, 2, 3]));
  const sumOfCentered = once(() => sub(channelDots(dy, x), mul(mean, sumOfCotangents())));
  const toScale = once(() => mul(sumOfCentered(), inverseDeviation()));
  const ofOthers = [toScale, sumOfCotangents];
  if (isOfBatch(x, mean, variance)) {
    // dx = slope (dy - mean(dy) - z mean(dy z)), z = (x - mean) s: a part in dy, and one in x and 1, which BatchNormalization adds up.
    const numValues = sizeOf(x.shape) / mean.shape[0]!;
    const inX = once(() => mul(mul(slope(), mul(toScale(), inverseDeviation())), -1 / numValues));
    const constant = () => neg(add(mul(slope(), mul(sumOfCotangents(), 1 / numValues)), mul(inX(), mean)));
    const toX = () => add(scaledChannels(dy, slope()), channelLines(x, inX(), constant()));
    return [toX, ...ofOthers, undefined, undefined];
  }
  return [
    () => scaledChannels(dy, slope()),
    ...ofOthers,
    () => neg(mul(sumOfCotangents(), slope())),
    () => mul(mul(sumOfCentered(), scale), mul(cubed(inverseDeviation()), -0.5)),
  ];
});

/** Whether the statistics are what `batchStatistics` made of these very images. */
function isOfBatch(x: Tensor, mean: Tensor, variance: Tensor): boolean {
  const graph = graphOf(x);
  const meanNode = graph.producerOf(mean);
  const difference = graph.producerOf(variance)?.inputs[0];
  const meanSquare = difference && graph.producerOf(difference)?.inputs[0];
  const sumSquare = meanSquare && graph.producerOf(meanSquare)?.inputs[0];
  const squareNode = sumSquare && graph.producerOf(sumSquare);
  return (
    meanNode?.op === "ReduceMean" &&
    meanNode.inputs[0] === x &&
    squareNode?.op === "ReduceSumSquare" &&
    squareNode.inputs[0] === x &&
    graph.producerOf(variance)?.op === "Relu" &&
    mean.shape.length === 1
  );
}

/** Sum of a b over all images and pixels of each channel: [C]. As products nothing of the images' size is written. */
function channelDots(a: Tensor, b: Tensor): Tensor {
  const [N, C, H, W] = a.shape as readonly [number, number, number, number]; // four: the rule saw to it
  const dots = fusedMatMul(reshape(a, [N, C, 1, H * W]), reshape(b, [N, C, 1, H * W]), { transB: true });
  return reduceSum(dots, [0, 2, 3]);
}

function scaledChannels(x: Tensor, scale: Tensor): Tensor {
  return mul(x, reshape(scale, [1, scale.shape[0]!, 1, 1]));
}

/** slope x + constant, channel by channel, in one pass. */
function channelLines(x: Tensor, slope: Tensor, constant: Tensor): Tensor {
  const graph = graphOf(x);
  const filled = (value: number) => graph.constant(float32(slope.shape, new Float32Array(slope.shape[0]!).fill(value)));
  return batchNormalization(x, slope, constant, { mean: filled(0), variance: filled(1) }, { epsilon: 0 });
}

function cubed(x: Tensor): Tensor {
  return mul(x, mul(x, x));
}

export const CONVOLUTION_GRADIENTS: GradientRulesOf<
  "Conv" | "ConvTranspose" | "MaxPool" | "GlobalAveragePool" | "BatchNormalization"
> = {
  Conv: convolution,
  // Only gradients use it.
  ConvTranspose: "none",
  MaxPool: largestPooling,
  GlobalAveragePool: averagePooling,
  BatchNormalization: normalisation,
};
