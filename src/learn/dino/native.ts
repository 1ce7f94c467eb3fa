// Second door of learn/dino: training itself, which runs on a device and writes a run folder.

export { type TrainOptions, type TrainSummary, trainDino } from "./trainer.ts";
export { openTrainingStep, type StepBatch, type StepSettings, type TrainingStep } from "./training-step.ts";
