// What a tensor of somebody else's checkpoint is called here: DINO's names for transformers, torchvision's for ResNets.
import type { LayoutName } from "./networks.ts";

/** A pattern and what takes its place. */
type Renaming = readonly [RegExp, string];

/** Parts of a checkpoint that are no part of the backbone: classifiers, projections, counters, masks for training. */
const BESIDE_THE_BACKBONE =
  /^((fc|heads?|head_dist|classifier|linear|predictor|projector|projection_head|prediction_head|dino_head|ibot_head)\.|mask_token$)|(^|\.)num_batches_tracked$/;

const RENAMINGS: Readonly<Record<LayoutName, readonly Renaming[]>> = {
  vit: [
    // DINOv2's training checkpoints keep their blocks in chunks: chunk, then the block's own number.
    [/^blocks\.\d+\.(\d+)\./, "blocks.$1."],
    [/^reg_token$/, "register_tokens"],
    [/\.attn\.([qkv])_proj\./, ".attn.$1."],
  ],
  "torchvision-vit": [
    [/^class_token$/, "cls_token"],
    [/^conv_proj\./, "patch_embed.proj."],
    [/^encoder\.pos_embedding$/, "pos_embed"],
    [/^encoder\.ln\./, "norm."],
    [/^encoder\.layers\.encoder_layer_(\d+)\./, "blocks.$1."],
    [/\.ln_([12])\./, ".norm$1."],
    [/\.self_attention\.in_proj_(weight|bias)$/, ".attn.qkv.$1"],
    [/\.self_attention\.out_proj\./, ".attn.proj."],
    [/\.mlp\.(?:0|linear_1)\./, ".mlp.fc1."],
    [/\.mlp\.(?:3|linear_2)\./, ".mlp.fc2."],
  ],
  resnet: [],
  "sequential-resnet": [
    [/^0\./, "conv1."],
    [/^1\./, "bn1."],
    [/^4\./, "layer1."],
    [/^5\./, "layer2."],
    [/^6\./, "layer3."],
    [/^7\./, "layer4."],
  ],
  mobilenetv2: [],
};

/** A tensor's name here, from its name behind the network's prefix; undefined for what is no part of a backbone. */
export function ownName(layout: LayoutName, name: string): string | undefined {
  if (BESIDE_THE_BACKBONE.test(name)) return undefined;
  return RENAMINGS[layout].reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), name);
}
