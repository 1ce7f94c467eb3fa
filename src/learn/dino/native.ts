// Second door of learn/dino: training itself, which runs on a device and writes a run folder.

export type { Probe, ProbedTeacher, ProbeScore } from "./progress.ts";
export { type GradientsAt, lossScaler } from "./scaled-gradients.ts";
export { openBuffers } from "./step-buffers.ts";
export { openStepGradients } from "./step-gradients.ts";
export { type TrainOptions, type TrainSummary, trainDino } from "./trainer.ts";
export { type GradientReport, openTrainingStep, type StepSettings, type TrainingStep } from "./training-step.ts";
