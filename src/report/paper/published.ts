// The numbers that the paper printed (Lastufka et al. 2024, A&A 690, A310): Tables 1 to 6.

/** A value with the spread the paper gives; text as printed where it is no number. */
export type Printed = string;

/** Table 1: the data sets. */
export const PUBLISHED_DATA: readonly (readonly [name: string, origin: string, purpose: string, crops: number, side: number])[] =
  [
    ["MGCLS_20k", "MGCLS enhanced images", "Training", 19554, 256],
    ["MGCLS_5k", "MGCLS enhanced images", "Training", 5000, 256],
    ["MIGHTEE", "MIGHTEE COSMOS and XMMLSS images", "Evaluation", 1246, 256],
    ["MIGHTEE_FR", "FRI/FRII galaxies in MIGHTEE fields", "Evaluation", 174, 150],
    ["MiraBest", "VLA NVSS and FIRST survey images", "Evaluation", 1256, 150],
    ["RadioGalaxyDataset", "VLA FIRST survey images", "Evaluation", 2158, 300],
  ];

/** Table 2: the training settings of the two backbones. */
export const PUBLISHED_SETTINGS: readonly (readonly [setting: string, resnet: Printed, vit: Printed])[] = [
  ["architecture", "resnet50", "deit_small"],
  ["patch size", "–", "8"],
  ["batch size per GPU (6 GPUs)", "32", "8"],
  ["learning rate per 256 images", "0.03", "0.00625"],
  ["teacher momentum", "0.996", "0.996"],
  ["weight decay", "1e-4", "0.04"],
];

/** Table 3: the backbones that are compared. */
export const PUBLISHED_BACKBONES: readonly (readonly [
  name: string,
  source: string,
  data: string,
  samples: string,
  method: string,
  network: string,
])[] = [
  ["MGCLS Resnet", "the paper", "MGCLS_20k", "20 K", "DINO", "ResNet-50"],
  ["MGCLS ViTS", "the paper", "MGCLS_5k", "5 K", "DINO", "ViT-S/8"],
  ["RGZ BYOL", "Slijepcevic et al. (2024)", "Radio Galaxy Zoo", "108 K", "BYOL", "ResNet-18"],
  ["GZ2 MoCo", "Hayat et al. (2021)", "Galaxy Zoo 2", "1.2 M", "MoCo v2", "ResNet-50"],
  ["DINO Resnet", "Caron et al. (2021)", "ImageNet", "1.3 M", "DINO", "ResNet-50"],
  ["DINOv2 ViTG", "Oquab et al. (2024)", "DINOv2's", "143 M", "DINOv2", "ViT-g/14"],
  ["DeCALS BYOL", "Mohale & Lochner (2024)", "Galaxy Zoo DECaLS", "270 K", "BYOL", "ResNet-18"],
  ["RGZ VDVAE", "Andrianomena & Tang (2024)", "Radio Galaxy Zoo", "108 K", "VDVAE", "ResNet-34"],
];

/** The columns of Table 4 after the backbone's name, left to right. */
export const RESULT_COLUMNS = ["mgclsMse", "mighteeMse", "mbError", "mbF1", "mfrError", "mfrF1", "rgdAccuracy"] as const;
export type ResultColumn = (typeof RESULT_COLUMNS)[number];

/** Table 4, in the order of RESULT_COLUMNS. */
export const PUBLISHED_RESULTS: readonly (readonly [backbone: string, ...cells: Printed[]])[] = [
  ["DINOv2 ViTG", "59.08 ± 0.07", "32.79 ± 0.00", "0.07", "0.94", "0.33", "0.72 ± 0.00", "–"],
  ["DINO Resnet", "51.34 ± 0.06", "41.39 ± 0.19", "0.11", "0.90", "0.27", "0.75 ± 0.00", "0.76 ± 0.01"],
  ["GZ2 MoCo", "107.98 ± 0.29", "47.10 ± 0.07", "0.06", "0.94", "0.54", "0.48 ± 0.00", "0.70 ± 0.01"],
  ["RGZ BYOL", "76.39 ± 0.21", "47.24 ± 0.08", "0.11", "0.89", "0.42", "0.59 ± 0.00", "0.79 ± 0.02"],
  ["MGCLS Resnet", "49.19 ± 0.06", "37.73 ± 0.01", "0.10", "0.90", "0.22", "0.75 ± 0.01", "0.80 ± 0.00"],
  ["MGCLS ViTS", "39.98 ± 0.05", "23.14 ± 0.01", "0.15", "0.86", "0.32", "0.74 ± 0.00", "0.68 ± 0.01"],
  ["DeCALS BYOL", "–", "–", "0.15", "0.85", "–", "–", "–"],
  ["RGZ VDVAE", "–", "–", "0.27", "–", "–", "–", "–"],
];

/** One backbone's curve: [x, error, its spread, F1, its spread]. */
export interface PublishedCurve {
  readonly backbone: string;
  readonly points: readonly (readonly [x: number, error: number, errorSpread: number, f1: number, f1Spread: number])[];
}

/** Table 5: MiraBest with 0 to 9 layers fine-tuned. The spread is over the last ten epochs of one training. */
export const PUBLISHED_FINE_TUNING: readonly PublishedCurve[] = [
  curve(
    "DINO Resnet",
    "0:.09±.01,.92±.01 1:.07±.01,.93±.01 2:.08±.01,.92±.01 3:.09±.01,.92±.01 4:.07±.00,.93±.00 5:.08±.01,.92±.01 6:.09±.00,.91±.01 7:.08±.00,.93±.00 8:.07±.00,.93±.00 9:.09±.01,.92±.01",
  ),
  curve(
    "GZ2 MoCo",
    "0:.09±.00,.91±.00 1:.08±.00,.93±.00 2:.09±.01,.92±.01 3:.10±.00,.91±.00 4:.09±.01,.92±.00 5:.09±.01,.92±.00 6:.09±.00,.92±.00 7:.08±.01,.93±.01 8:.08±.00,.93±.00 9:.08±.01,.93±.01",
  ),
  curve(
    "RGZ BYOL",
    "0:.06±.00,.95±.00 1:.06±.01,.94±.00 2:.06±.00,.95±.00 3:.06±.00,.94±.00 4:.07±.01,.94±.01 5:.07±.01,.94±.01 6:.06±.00,.95±.00 7:.06±.01,.94±.01 8:.06±.00,.95±.00 9:.06±.00,.94±.00",
  ),
  curve(
    "MGCLS Resnet",
    "0:.08±.01,.93±.01 1:.07±.01,.94±.01 2:.09±.01,.92±.01 3:.09±.00,.92±.00 4:.08±.01,.93±.01 5:.07±.00,.94±.00 6:.06±.01,.94±.01 7:.08±.00,.93±.00 8:.08±.01,.92±.01 9:.07±.00,.94±.00",
  ),
];

/** Table 6: MiraBest with 36 to 729 labels. */
export const PUBLISHED_FEW_LABELS: readonly PublishedCurve[] = [
  curve(
    "DINO Resnet",
    "36:.29±.01,.76±.01 72:.15±.00,.87±.00 145:.11±.01,.90±.01 291:.11±.01,.90±.01 437:.08±.01,.93±.01 583:.05±.01,.95±.01 656:.07±.01,.93±.01 729:.09±.01,.92±.01",
  ),
  curve(
    "GZ2 MoCo",
    "36:.29±.00,.77±.00 72:.17±.01,.85±.00 145:.15±.01,.86±.01 291:.13±.02,.88±.01 437:.12±.01,.89±.01 583:.09±.01,.92±.01 656:.09±.01,.92±.01 729:.08±.00,.93±.00",
  ),
  curve(
    "RGZ BYOL",
    "36:.22±.01,.82±.01 72:.14±.01,.88±.01 145:.12±.01,.89±.01 291:.12±.01,.89±.01 437:.09±.01,.91±.01 583:.08±.01,.93±.01 656:.09±.01,.91±.01 729:.07±.01,.93±.01",
  ),
  curve(
    "MGCLS Resnet",
    "36:.20±.02,.81±.02 72:.18±.01,.84±.01 145:.14±.01,.86±.01 291:.11±.02,.90±.02 437:.09±.01,.91±.01 583:.09±.02,.92±.02 656:.11±.01,.90±.01 729:.06±.01,.94±.01",
  ),
];

/** "x:error±spread,F1±spread", with blanks between points. */
function curve(backbone: string, text: string): PublishedCurve {
  const points = text.split(" ").map((point) => point.split(/[:±,]/).map(Number) as [number, number, number, number, number]); // the form above
  return { backbone, points };
}
