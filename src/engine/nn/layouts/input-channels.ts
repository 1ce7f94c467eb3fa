// A first layer for pictures of another number of channels, with the same answer for grey pictures.
import { type NdArray, ndArray } from "#base/array";

/**
 * Kernels [M, C, kh, kw] for pictures of `numChannels` channels. The kernels of all channels are summed, which is exactly what the
 * network makes of a grey picture repeated in every channel; for more channels than one the sum is then shared out equally among
 * them, so that the repeated grey picture still gives the same. As many channels as there are: the very kernels.
 */
export function kernelsForChannels(kernels: NdArray<"float32">, numChannels: number): NdArray<"float32"> {
  const [numOutputs, numKernelChannels, height, width] = kernels.shape as [number, number, number, number]; // a convolution's
  if (numKernelChannels === numChannels) return kernels;
  const size = height * width;
  const data = new Float32Array(numOutputs * numChannels * size);
  for (let output = 0; output < numOutputs; output++) {
    for (let tap = 0; tap < size; tap++) {
      let sum = 0;
      for (let channel = 0; channel < numKernelChannels; channel++) {
        sum += kernels.data[(output * numKernelChannels + channel) * size + tap]!;
      }
      for (let channel = 0; channel < numChannels; channel++) {
        data[(output * numChannels + channel) * size + tap] = sum / numChannels;
      }
    }
  }
  return ndArray("float32", [numOutputs, numChannels, height, width], data);
}
