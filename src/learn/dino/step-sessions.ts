// The sessions that a step's gradients come from, and the lanes in which its passes go through.
import { type NdArray, zeros } from "#base/array";
import type { Device, DeviceArray, NamedDeviceArrays, Session } from "#engine/runtime/native";
import type { DinoConfig } from "./config.ts";
import {
  buildPassGraph,
  buildPrototypeGraph,
  buildSquaresGraph,
  buildTargetGraph,
  type GradientMode,
  passParameters,
} from "./gradient-graphs.ts";
import { pairWeights } from "./loss.ts";
import type { NetworkConfig } from "./network.ts";
import { uploaded } from "./step-buffers.ts";
import { numLanesFor, type PassKind, passKinds, type StepShape, stepShape } from "./view-passes.ts";

/** One pass of a batch. */
export interface OpenPass {
  /** Among all passes of a batch. */
  readonly index: number;
  readonly kind: PassKind;
  /** Among those of its kind. */
  readonly pass: number;
  readonly session: Session;
  readonly weights: NdArray<"float32">;
}

/** Passes that go through one after the other and add to the same gradients. */
export interface Lane {
  readonly gradients: NamedDeviceArrays;
  readonly passes: readonly OpenPass[];
}

export interface StepSessions {
  readonly targets: Session;
  readonly lanes: readonly [Lane] | readonly [Lane, Lane];
  readonly prototypes: Session;
  readonly squares: Session;
  /** Whether gradients are added to from the first pass on, so that they must be zero before a step. */
  readonly addsFromTheFirst: boolean;
  close(): void;
}

/**
 * Opens them on a device; the first lane adds to `gradients`. Where the threads can be shared, passes go through in two lanes beside each
 * other with half of the threads and gradients of its own each: operators of half the size wait less for each other than two threads in one do.
 */
export async function openStepSessions(device: Device, config: DinoConfig, gradients: NamedDeviceArrays): Promise<StepSessions> {
  const network: NetworkConfig = { backbone: config.backbone, head: config.head };
  const shape = stepShape(config);
  const numLanes = device.name === "cpu" ? numLanesFor(network, shape, device.numThreads) : 1;
  const kinds = passKinds(network, shape, { numLanes });
  // What comes first in a step writes gradients over without reading them, where its graph serves no other turn.
  const modeOf = (isAlone: boolean): GradientMode => (isAlone && config.numAccumulatedBatches === 1 ? "replace" : "add");
  const firstMode = modeOf(kinds[0]!.numPasses === numLanes); // there are global views

  const targets = device.open(buildTargetGraph(network, shape));
  const numThreads = Math.floor(device.numThreads / numLanes);
  const passes = kinds
    .flatMap((kind, index) => {
      const graph = buildPassGraph(network, shape, kind, index === 0 ? firstMode : "add");
      return passesOf(kind, device.open(graph, { numThreads }), shape, 1 / config.numAccumulatedBatches);
    })
    .map((pass, index) => ({ ...pass, index }));
  const prototypes = device.open(buildPrototypeGraph(network, kinds, modeOf(true)));
  const squares = device.open(buildSquaresGraph(network, numLanes));

  const ofSecondLane = numLanes === 1 ? undefined : await laneGradients(device, network);
  const passesIn = (lane: number) => passes.filter(({ index }) => index % numLanes === lane);
  const first = { gradients, passes: passesIn(0) };
  return {
    targets,
    lanes: ofSecondLane ? [first, { gradients: ofSecondLane, passes: passesIn(1) }] : [first],
    prototypes,
    squares,
    addsFromTheFirst: firstMode === "add",
    close() {
      for (const array of ofSecondLane?.values() ?? []) device.release(array);
      for (const session of new Set([targets, ...passes.map((pass) => pass.session), prototypes, squares])) session.close();
    },
  };
}

/** Gradients of the second lane: all but the prototypes', which come of all passes together. */
function laneGradients(device: Device, network: NetworkConfig): Promise<Map<string, DeviceArray>> {
  return uploaded(
    device,
    new Map(passParameters(network).map(({ name, shape }) => [`gradient.${name}`, zeros("float32", shape)])),
  );
}

/** The passes of one kind; each counts for `share` of a step. */
function passesOf(kind: PassKind, session: Session, shape: StepShape, share: number): Omit<OpenPass, "index">[] {
  return Array.from({ length: kind.numPasses }, (_, pass) => {
    const first = kind.firstRow + pass * kind.numImages;
    return { kind, pass, session, weights: pairWeights(shape, { first, count: kind.numImages, share }) };
  });
}
