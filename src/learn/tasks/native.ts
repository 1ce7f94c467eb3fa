// Second door of learn/tasks: what trains networks.
export { checkReplicas, evaluateFinetune, type FinetuneOptions } from "./finetune/native/evaluate-finetune.ts";
export { type ScratchLearnerOptions, scratchLearner } from "./finetune/native/scratch-learner.ts";
export { type FinetuneSession, type LabelledPictures, openFinetuneSession } from "./finetune/native/session.ts";
