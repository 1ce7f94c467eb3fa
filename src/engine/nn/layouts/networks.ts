// Which networks a checkpoint holds: their place among its names, and whose names they bear.

/** Whose names a network's tensors bear. "sequential" is torchvision's ResNet as a torch.nn.Sequential of its children. */
export type LayoutName = "vit" | "torchvision-vit" | "resnet" | "sequential-resnet" | "mobilenetv2";

/** A network among a checkpoint's tensors. `prefix` stands before every name of it: "teacher.module.backbone.", or nothing. */
export interface FoundNetwork {
  readonly prefix: string;
  readonly layout: LayoutName;
}

/** Names that only a network of the layout has, all of them. The first one tells where it begins. */
const ANCHORS: Readonly<Record<LayoutName, readonly [string, ...string[]]>> = {
  // DINO, DINOv2, MoCo v3 and timm call them so.
  vit: ["patch_embed.proj.weight", "cls_token"],
  "torchvision-vit": ["conv_proj.weight", "class_token"],
  resnet: ["layer1.0.conv1.weight", "conv1.weight"],
  // conv1, bn1, relu, maxpool, layer1 to layer4: children 0 to 7.
  "sequential-resnet": ["4.0.conv1.weight", "0.weight", "1.running_mean"],
  mobilenetv2: ["l51.weight", "l0.weight"],
};

/** Every network among the names of a checkpoint's tensors, in the order in which they come. */
export function networksIn(names: Iterable<string>): FoundNetwork[] {
  const known = new Set(names);
  const found: FoundNetwork[] = [];
  for (const name of known) {
    for (const [layout, [first, ...others]] of Object.entries(ANCHORS) as [LayoutName, readonly [string, ...string[]]][]) {
      const prefix = name.slice(0, -first.length);
      const isPlace = name.endsWith(first) && (prefix === "" || prefix.endsWith("."));
      if (isPlace && others.every((other) => known.has(prefix + other))) found.push({ prefix, layout });
    }
  }
  return found;
}

/** The networks inside a subtree: "teacher" takes in "teacher.module.backbone." and not "teacher_old.". */
export function networksUnder(found: readonly FoundNetwork[], subtree: string): FoundNetwork[] {
  return found.filter(({ prefix }) => prefix === subtree || prefix.startsWith(`${subtree}.`));
}

/**
 * The networks that evaluation is about, where a checkpoint holds several: DINO's teacher (as in its own evaluation); of
 * contrastive methods the trained network, not its moving average (as in MoCo's and BYOL's own).
 */
export function preferredNetworks(found: readonly FoundNetwork[]): readonly FoundNetwork[] {
  const teachers = found.filter(({ prefix }) => /(^|[._])teacher[._]/.test(prefix));
  if (teachers.length > 0) return teachers;
  const trained = found.filter(({ prefix }) => !/(^|[._])(momentum|target|ema|encoder_k)([._])/.test(prefix));
  return trained.length > 0 ? trained : found;
}
