// The model card of an exported backbone: one Markdown page for whoever gets the file without its run.
import { sizeOf } from "#base/array";
import { type FrozenConfig, frozenEmbeddingDim, frozenSpecs, isMobilenet, isResnet, isVit, kindName } from "#engine/nn";
import { type ExportFacts, type ExportFormat, METHOD, PAPER, pixelRule, type TrainedRun } from "./export-notes.ts";

/** The file that a card is of. */
export interface ExportedFile {
  /** Its name without folders. */
  readonly fileName: string;
  readonly format: ExportFormat;
  readonly numBytes: number;
  readonly sha256: string;
}

/** Text of the card. */
export function modelCard(facts: ExportFacts, file: ExportedFile): string {
  const sections = [
    [`# ${titleOf(facts)}`, summaryOf(facts)],
    ["## Input", inputOf(facts, file)],
    ["## Output", outputOf(facts)],
    ["## Use", useOf(facts, file)],
    ...(facts.run ? [["## Training", trainingOf(facts.run)]] : []),
    ["## Limits", limitsOf(facts)],
    ["## File", fileOf(facts, file)],
  ];
  return `${sections.map((parts) => parts.join("\n\n")).join("\n\n")}\n`;
}

function titleOf({ config, run }: ExportFacts): string {
  const name = architectureOf(config);
  return run?.info.cropSet ? `${name}, trained on ${run.info.cropSet.name}` : name;
}

/** "ResNet-50", "Vision Transformer (384 wide, 12 blocks, patches of 8 pixels)" */
export function architectureOf(config: FrozenConfig): string {
  if (isMobilenet(config)) return "MobileNetV2";
  if (isResnet(config)) return `ResNet-${config.depth}${config.width === 64 ? "" : `, ${config.width} channels wide`}`;
  return `Vision Transformer (${config.embedDim} wide, ${config.depth} blocks, patches of ${config.patchSize} pixels)`;
}

function summaryOf({ config, run, name, versions, isUntrained }: ExportFacts): string {
  const specs = frozenSpecs(config);
  const numValues = specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const origin = run
    ? `It was trained without labels by ${METHOD}, on ${isOfPictures(run) ? "pictures of radio sources" : "crops of wide-field radio images"}.`
    : isUntrained
      ? "It is not trained: its weights are as they were drawn, for comparison."
      : `It was exported from \`${name}\`, which does not say how it was trained.`;
  const what = kindName(config).replace(/^an? /, "");
  return `A frozen ${what} that turns a crop of a radio image into ${frozenEmbeddingDim(config)} numbers, for a linear probe, a search for similar sources or fine-tuning. ${origin} ${numValues.toLocaleString("en-GB")} values in ${specs.length} tensors. Exported by Suricate ${versions["suricate"] ?? ""}, which follows ${PAPER}.`;
}

/** Whether it learnt from single pictures (MiraBest), not from fields. */
function isOfPictures({ info }: TrainedRun): boolean {
  return info.cropSet?.tiling === "images";
}

function inputOf(facts: ExportFacts, { format }: ExportedFile): string {
  const { inputSize, config } = facts;
  const ofModel = `\`images\`, float32 [batch, 1, ${inputSize}, ${inputSize}]: any number of grey pictures, values in [0, 1]. Mean and spread are inside the model.`;
  const ofTensors = `Float32 [batch, ${config.imageChannels}, ${inputSize}, ${inputSize}], from values in [0, 1]. ${standardisation(facts)}`;
  return `${format === "onnx" ? ofModel : ofTensors}\n\nPixels: ${pixelRule(facts)}. Rows go from the FITS file's first to its last.`;
}

function standardisation({ config, recipe }: ExportFacts): string {
  const [mean, std] = [recipe.mean ?? config.inputMean ?? 0, recipe.std ?? config.inputStd ?? 1];
  if (mean === 0 && std === 1) return "The network takes them as they are.";
  return `The network takes (value - mean) / std, which is no part of the tensors: mean ${[mean].flat().join(", ")}, std ${[std].flat().join(", ")}.`;
}

function outputOf({ config }: ExportFacts): string {
  const kept = isVit(config) ? "the class token after the last normalisation" : "the mean of each channel of the last stage";
  return `\`embedding\`, float32 [batch, ${frozenEmbeddingDim(config)}]: ${kept}. Lengths carry no meaning of their own; compare by cosine, or standardise on training rows.`;
}

function useOf(facts: ExportFacts, { fileName, format }: ExportedFile): string {
  const { inputSize } = facts;
  const suricate = `\`\`\`sh\nsuricate embed CROPSET --backbone ${fileName} --out embeddings.parquet\n\`\`\``;
  const python =
    format === "onnx"
      ? [
          "import numpy, onnxruntime",
          `session = onnxruntime.InferenceSession("${fileName}")`,
          `pictures = numpy.zeros((4, 1, ${inputSize}, ${inputSize}), numpy.float32)  # your crops, in [0, 1]`,
          '(embedding,) = session.run(["embedding"], {"images": pictures})',
        ]
      : [
          "from safetensors.torch import load_file",
          `state = load_file("${fileName}")`,
          `network.load_state_dict(state, strict=True)  # ${networkOf(facts.config)}`,
          "network.eval()",
        ];
  return `${suricate}\n\n\`\`\`python\n${python.join("\n")}\n\`\`\``;
}

/** Whose network takes the tensors. */
function networkOf(config: FrozenConfig): string {
  if (isMobilenet(config)) return "layers l0 to l51, batch normalisation folded";
  if (isResnet(config))
    return `torchvision's resnet${config.depth}, conv1 for ${config.imageChannels} channel(s), fc = torch.nn.Identity()`;
  return "DINO's VisionTransformer (or timm's, with DINO's names)";
}

function trainingOf({ info, epoch, step, seenRows }: TrainedRun): string {
  const { cropSet } = info;
  const seen = seenRows.map(
    ({ cropSetName, cropSetSha256, ids }) => `- ${ids.length} crops of \`${cropSetName}\` (SHA-256 ${cropSetSha256})`,
  );
  const flux = cropSet
    ? `\n\nThe set has ${cropSet.crops} crops of ${cropSet.cropSize} x ${cropSet.cropSize} pixels from ${cropSet.fields} fields (tiling \`${cropSet.tiling}\`, flux in ${cropSet.fluxUnit}, limits at ${cropSet.lowPercentile} and ${cropSet.highPercentile} % of each ${cropSet.tiling === "images" ? "picture" : "field"}). Crops of its test split were not shown.`
    : "";
  const versions = Object.entries(info.versions).map(([name, version]) => `${name} ${version}`);
  return `After ${epoch} epochs (${step} optimiser steps), seed ${info.seed}, begun ${info.createdAt}, by ${versions.join(", ") || "an unknown version"}. Seen in training, and so no test rows for this backbone:\n\n${seen.join("\n")}${flux}\n\nAll settings are in the file's metadata under \`settings\`, the ids of the crops under \`seenRows\`.`;
}

function limitsOf({ run, isUntrained }: ExportFacts): string {
  if (isUntrained) return "It has learnt nothing: what it tells apart is what any such network tells apart.";
  return run
    ? "Learnt from the telescope, band, resolution and pixel scale of its crops alone: other surveys shift the embeddings. Crops overlap on the sky; test on fields that none of its crops is of. Flux is lost in the scaling to [0, 1] of each field: embeddings tell shapes and crowding, not janskys."
    : "Nothing is known here of its training: look for overlap with your test rows where it comes from.";
}

function fileOf({ name }: ExportFacts, { fileName, numBytes, sha256 }: ExportedFile): string {
  return `\`${fileName}\`, ${numBytes} bytes, SHA-256 \`${sha256}\`, exported from \`${name}\`.`;
}
