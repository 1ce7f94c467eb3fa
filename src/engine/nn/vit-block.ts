// The pre-norm block of a Vision Transformer: x + attention(norm(x)), then x + mlp(norm(x)).
import { add, cast, gelu, mul, named, reshape, sigmoid, slice, split, type Tensor } from "#engine/graph";
import { attentionParameters, classRows, type TokenLayout } from "./attention.ts";
import { layerNorm, layerNormParameters, linear, linearParameters } from "./linear.ts";
import { type ComputePrecision, type ParameterSpec, type ParameterTensors, parameter } from "./parameters.ts";
import { mlpHiddenDim, type VitConfig } from "./vit-config.ts";

/** In the order of PyTorch's state dict, with DINOv2's names for what DINO does not have. */
export function blockParameters(name: string, config: VitConfig): ParameterSpec[] {
  const { embedDim } = config;
  return [
    ...layerNormParameters(`${name}.norm1`, embedDim),
    ...attentionParameters(`${name}.attn`, config),
    ...layerScaleParameters(`${name}.ls1`, config),
    ...layerNormParameters(`${name}.norm2`, embedDim),
    ...mlpParameters(`${name}.mlp`, config),
    ...layerScaleParameters(`${name}.ls2`, config),
  ];
}

function layerScaleParameters(name: string, { embedDim, layerScale }: VitConfig): ParameterSpec[] {
  if (layerScale === undefined) return [];
  return [{ name: `${name}.gamma`, shape: [embedDim], initial: { kind: "constant", value: layerScale } }];
}

function mlpParameters(name: string, config: VitConfig): ParameterSpec[] {
  const hiddenDim = mlpHiddenDim(config);
  const { embedDim } = config;
  return config.mlp === "swiglu"
    ? [...linearParameters(`${name}.w12`, embedDim, 2 * hiddenDim), ...linearParameters(`${name}.w3`, hiddenDim, embedDim)]
    : [...linearParameters(`${name}.fc1`, embedDim, hiddenDim), ...linearParameters(`${name}.fc2`, hiddenDim, embedDim)];
}

/** Where a block stands and what it is made of. */
export interface BlockPlace {
  readonly parameters: ParameterTensors;
  /** "blocks.3" */
  readonly name: string;
  readonly layout: TokenLayout;
  readonly config: VitConfig;
  /** Of stochastic depth. */
  readonly scales?: BranchScales | undefined;
  /** What attention and the layers between compute in; what they are added to, and normalisations, stay in 32 bits. */
  readonly precision?: ComputePrecision | undefined;
}

/** Scales of a block's two residual branches. */
export type BranchScales = readonly [Tensor<"B one one">, Tensor<"B one one">];

/** All tokens through a block: [B x N, D] -> [B x N, D]. `attend` is the attention inside, from normalised rows to rows. */
export function block(rows: Tensor<"R D">, place: BlockPlace, attend: (rows: Tensor<"R D">) => Tensor<"R D">): Tensor<"R D"> {
  const attended = attend(branchInput(rows, place, "norm1"));
  return branched(rows, attended, place, place.layout);
}

/** The last block, for the class tokens alone, with what `attend` has to say besides its rows: [B x N, D] -> [B, D]. */
export function lastBlock<Attended extends { readonly rows: Tensor<"R D"> }>(
  rows: Tensor<"R D">,
  place: BlockPlace,
  attend: (rows: Tensor<"R D">) => Attended,
): { readonly embedding: Tensor<"R D">; readonly attended: Attended } {
  const attended = attend(branchInput(rows, place, "norm1"));
  const onlyClass = { numImages: place.layout.numImages, numTokens: 1 };
  return { embedding: branched(classRows(rows, place.layout), attended.rows, place, onlyClass), attended };
}

/** Both residual branches, the first of which is computed already. */
function branched(rows: Tensor<"R D">, attended: Tensor<"R D">, place: BlockPlace, layout: TokenLayout): Tensor<"R D"> {
  const { parameters, name, config, scales } = place;
  const middle = residual(rows, layerScaled(inFloat32(attended), parameters, `${name}.ls1`), layout, scales?.[0]);
  const hidden = mlp(branchInput(middle, place, "norm2"), parameters, `${name}.mlp`, config);
  return residual(middle, layerScaled(inFloat32(hidden), parameters, `${name}.ls2`), layout, scales?.[1]);
}

/** Normalised rows, in the type that the branch computes in. */
function branchInput(rows: Tensor<"R D">, { parameters, name, precision }: BlockPlace, norm: string): Tensor<"R D"> {
  const normalised = layerNorm(rows, parameters, `${name}.${norm}`);
  return precision === "float16" ? cast(normalised, "float16") : normalised;
}

function inFloat32(rows: Tensor<"R D">): Tensor<"R D"> {
  return rows.dtype === "float16" ? cast(rows, "float32") : rows;
}

/** Two linear layers with a GELU between, or the gate silu(a) b with a and b from one layer (Shazeer 2020). */
function mlp(rows: Tensor<"R D">, parameters: ParameterTensors, name: string, config: VitConfig): Tensor<"R D"> {
  if (config.mlp !== "swiglu") return linear(gelu(linear(rows, parameters, `${name}.fc1`)), parameters, `${name}.fc2`);
  const hiddenDim = mlpHiddenDim(config);
  const [gate, value] = split(linear(rows, parameters, `${name}.w12`), [hiddenDim, hiddenDim], 1) as [Tensor, Tensor]; // two sizes were asked for
  return linear(named(mul(mul(gate, sigmoid(gate)), value), "R D", name), parameters, `${name}.w3`);
}

/** Channel by channel times its learnt factor, where the network has one (Touvron et al. 2021, CaiT). */
function layerScaled(rows: Tensor<"R D">, parameters: ParameterTensors, name: string): Tensor<"R D"> {
  const gamma = `${name}.gamma`;
  return parameters.has(gamma) ? named(mul(rows, parameter(parameters, gamma)), "R D", name) : rows;
}

/** A block's two rows of the drop-path scales [2 x depth, B]. */
export function blockScales(dropPathScales: Tensor<"R B">, index: number, B: number): BranchScales {
  const branch = (row: number) =>
    named(reshape(slice(dropPathScales, { axis: 0, start: row, end: row + 1 }), [B, 1, 1]), "B one one", "dropPathScales");
  return [branch(2 * index), branch(2 * index + 1)];
}

/** The rows with a branch added, each image's share of it scaled by stochastic depth. */
function residual(
  rows: Tensor<"R D">,
  branch: Tensor<"R D">,
  { numImages, numTokens }: TokenLayout,
  scale: BranchScales[0] | undefined,
) {
  const D = rows.shape[1]!;
  const scaled = scale ? reshape(mul(reshape(branch, [numImages, numTokens, D]), scale), [numImages * numTokens, D]) : branch;
  return named(add(rows, scaled), "R D", "residual");
}
