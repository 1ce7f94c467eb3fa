// What of fine-tuning needs no device.
export type { FinetuneNetwork } from "./graphs.ts";
export { type CropPictures, cropPictures, epochBatches } from "./pictures.ts";
export * from "./settings.ts";
export * from "./validation.ts";
