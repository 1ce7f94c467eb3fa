import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndArray, randomFor, sizeOf } from "#base/array";
import { nextName, OPTIMISERS } from "#engine/nn";
import { type DeviceArray, openDevice } from "#engine/runtime/native";
import { buildUpdateGraph, dinoConfigSchema, networkParameters } from "#learn/dino";
import { cutForUpdate, mostElementsOf } from "../../../src/learn/dino/update-arrays.ts";
import { TINY_SETTINGS } from "./training-case.ts";

const config = dinoConfigSchema.parse(TINY_SETTINGS);

/** Numbers between 0 and 1, drawn from the name. */
function drawn(name: string, shape: readonly number[]): NdArray<"float32"> {
  const random = randomFor(1, name);
  return ndArray(
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
  );
}

/** Every array that an AdamW update goes through. */
function updateArrays(): { readonly changed: Map<string, NdArray>; readonly read: Map<string, NdArray> } {
  const specs = networkParameters(config);
  const ofKind = (kind: string) => specs.map(({ name, shape }) => [`${kind}.${name}`, drawn(`${kind}.${name}`, shape)] as const);
  const center = [1, config.head.numPrototypes];
  return {
    changed: new Map([
      ...["student", "teacher", ...OPTIMISERS.adamw.stateNames].flatMap(ofKind),
      ["center", drawn("center", center)],
    ]),
    read: new Map([...ofKind("gradient"), ["batchCenter", drawn("batchCenter", center)]]),
  };
}

/** The state after one update that goes through at most so many elements at a time. */
async function updated(mostElements: number): Promise<ReadonlyMap<string, NdArray>> {
  const device = await openDevice({ device: "cpu", numThreads: 1 });
  try {
    const session = device.open(buildUpdateGraph(config, "adamw", mostElements));
    const { changed, read } = updateArrays();
    const cut = cutForUpdate(changed, mostElements);
    const known = new Map<string, DeviceArray>([...cut, ...cutForUpdate(read, mostElements)]);
    const feeds = new Map(session.inputs.map(({ name, shape }) => [name, known.get(name) ?? drawn(name, shape)]));
    await session.run(feeds, new Map([...cut].map(([name, array]) => [nextName(name), array])));
    return changed;
  } finally {
    device.close();
  }
}

test("an update in pieces gives the bits of the update of whole arrays, where they lie", async () => {
  const before = updateArrays().changed;
  const whole = await updated(Number.POSITIVE_INFINITY);
  const inPieces = await updated(50);
  for (const [name, array] of whole) {
    assert.notDeepEqual(array.data, before.get(name)!.data, `${name} is updated`);
    assert.deepEqual(inPieces.get(name)!.data, array.data, name);
  }
});

test("what one element's update needs of the others is not cut", async () => {
  const device = await openDevice({ device: "cpu", numThreads: 1 });
  assert.equal(mostElementsOf(device, OPTIMISERS.lars), Number.POSITIVE_INFINITY);
  assert.ok(mostElementsOf(device, OPTIMISERS.adamw) < 2 ** 22);
  device.close();
});
