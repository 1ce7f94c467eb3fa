// What of fine-tuning needs no device.
export * from "./finetune-record.ts";
export * from "./finetune-score.ts";
export { buildFinetuneGradients, buildFinetunePredictions, type FinetuneNetwork } from "./graphs.ts";
export { type CropPictures, cropPictures, epochBatches } from "./pictures.ts";
export * from "./settings.ts";
export * from "./validation.ts";
