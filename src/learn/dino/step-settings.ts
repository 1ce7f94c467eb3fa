// The schedules of a run, put together: what holds at each optimiser step.
import { cosineSchedule, warmupSchedule } from "#engine/nn";
import { type DinoConfig, peakLearningRate } from "./config.ts";
import type { StepSettings } from "./training-step.ts";

/** Learning rate, weight decay, teacher momentum, teacher temperature and freezing at each step of a run (DINO's schedules). */
export function stepSettingsOf(config: DinoConfig, stepsPerEpoch: number): (step: number) => StepSettings {
  const numSteps = config.numEpochs * stepsPerEpoch;
  const learningRate = cosineSchedule({
    start: peakLearningRate(config),
    end: config.finalLearningRate,
    numSteps,
    numWarmupSteps: Math.min(Math.round(config.numWarmupEpochs * stepsPerEpoch), numSteps),
  });
  const weightDecay = cosineSchedule({ start: config.weightDecay, end: config.finalWeightDecay, numSteps });
  const teacherMomentum = cosineSchedule({ start: config.teacherMomentum, end: 1, numSteps });
  const teacherTemperature = warmupSchedule({
    start: config.warmupTeacherTemperature,
    end: config.teacherTemperature,
    numWarmupEpochs: config.numTeacherTemperatureWarmupEpochs,
    stepsPerEpoch,
  });
  return (step) => ({
    learningRate: learningRate(step),
    weightDecay: weightDecay(step),
    teacherMomentum: teacherMomentum(step),
    teacherTemperature: teacherTemperature(step),
    arePrototypesFrozen: Math.floor(step / stepsPerEpoch) < config.numFrozenPrototypeEpochs,
  });
}
