// Whether a device computes in 16 bits: asked of the device itself, before a training begins.
import { ndArray } from "#base/array";
import { ConfigError } from "#base/config";
import { cast, Graph, matMul } from "#engine/graph";
import type { Device } from "#engine/runtime/native";

/** Throws ConfigError, with the device's own words, where a product in 16 bits does not run on it. */
export async function expectHalfPrecision(device: Device): Promise<void> {
  const graph = new Graph("half precision");
  const x = cast(graph.input("x", [2, 2]), "float16");
  graph.output("y", cast(matMul(x, x), "float32"));
  try {
    const session = device.open(graph);
    await session.run(new Map([["x", ndArray("float32", [2, 2], Float32Array.of(1, 2, 3, 4))]]));
    session.close();
  } catch (cause) {
    throw new ConfigError(
      `precision: expected a device that computes in 16 bits, got ${device.name}, which says: ${(cause as Error).message} Set precision=float32.`, // sessions throw nothing but Error
      { cause },
    );
  }
}
