// Gradient rules of convolutions, pooling and batch normalisation. Which form a convolution's gradients take: convolution-forms.ts.
import {
  add,
  channelDots,
  div,
  expand,
  mul,
  neg,
  ofChannels,
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

/** With s = 1 / sqrt(variance + epsilon): dx = dy scale s; sums over a channel give the rest. */
const normalisation: GradientRule<"BatchNormalization"> = ofOneOutput((dy, node) => {
  const [x, scale, , mean, variance] = node.inputs as readonly [Tensor, Tensor, Tensor, Tensor, Tensor]; // five: its rule saw to it
  const inverseDeviation = once(() => div(1, sqrt(add(variance, node.attributes.epsilon))));
  const sumOfCotangents = once(() => reduceSum(dy, [0, 2, 3]));
  const sumOfCentered = once(() => channelDots(dy, sub(x, ofChannels(mean))));
  return [
    () => mul(dy, ofChannels(mul(scale, inverseDeviation()))),
    () => mul(sumOfCentered(), inverseDeviation()),
    sumOfCotangents,
    () => neg(mul(sumOfCotangents(), mul(scale, inverseDeviation()))),
    () => mul(mul(sumOfCentered(), scale), mul(cubed(inverseDeviation()), -0.5)),
  ];
});

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
