// Layers from the picture upwards: what fine-tuning freezes from below and gives lower rates to (paper appendix C.1).
import { ShapeError } from "#engine/graph";
import { type BackboneConfig, backboneBuffers, backboneParameters, isResnet } from "./backbone.ts";
import type { BufferSpec, ParameterSpec } from "./parameters.ts";

/** Layers that are frozen or trained together. */
export interface LayerGroup {
  /** Of a ResNet "stem", "layer1.0", ...; of a Vision Transformer "patch_embed", "blocks.0", ... */
  readonly name: string;
  readonly parameters: readonly ParameterSpec[];
  readonly buffers: readonly BufferSpec[];
}

/**
 * A backbone's layer groups, the picture's first: of a ResNet its stem and each residual block (9 of ResNet-18, 17 of ResNet-50),
 * of a Vision Transformer what makes tokens and each block. The normalisation behind the last block belongs to that block.
 */
export function layerGroups(config: BackboneConfig): readonly LayerGroup[] {
  const [parameters, buffers] = [backboneParameters(config), backboneBuffers(config)];
  // PyTorch's order is the picture's.
  const names = new Set(parameters.map(({ name }) => layerGroupOf(name, config)));
  const within = <Spec extends ParameterSpec>(specs: readonly Spec[], group: string) =>
    specs.filter(({ name }) => layerGroupOf(name, config) === group);
  return [...names].map((name) => ({ name, parameters: within(parameters, name), buffers: within(buffers, name) }));
}

function layerGroupOf(name: string, config: BackboneConfig): string {
  const block = /^(layer\d+\.\d+|blocks\.\d+)\./.exec(name)?.[1];
  if (block !== undefined) return block;
  if (isResnet(config)) return "stem";
  return name.startsWith("norm.") ? `blocks.${config.depth - 1}` : "patch_embed";
}

export interface FrozenPrefix {
  readonly frozen: readonly LayerGroup[];
  readonly trained: readonly LayerGroup[];
}

/** The first `numFrozen` groups and the rest. Throws ShapeError where there are not so many. */
export function frozenPrefix(config: BackboneConfig, numFrozen: number): FrozenPrefix {
  const groups = layerGroups(config);
  if (!Number.isInteger(numFrozen) || numFrozen < 0 || numFrozen > groups.length) {
    throw new ShapeError(
      `fine-tuning: expected from 0 to ${groups.length} frozen layer groups (${groups[0]!.name} to ${groups.at(-1)!.name}), got ${numFrozen}.`,
    );
  }
  return { frozen: groups.slice(0, numFrozen), trained: groups.slice(numFrozen) };
}

/** What each parameter's learning rate is multiplied by, by its name: `decay` to the power of how many groups are above its own. */
export function layerwiseDecay(groups: readonly LayerGroup[], decay: number): ReadonlyMap<string, number> {
  return new Map(
    groups.flatMap(({ parameters }, index) =>
      parameters.map(({ name }) => [name, decay ** (groups.length - 1 - index)] as const),
    ),
  );
}
