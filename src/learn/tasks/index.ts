// Door of learn/tasks: what embeddings are judged by, with splits, intervals and floors.
export * from "./binomial-tests.ts";
export * from "./bootstrap.ts";
export * from "./confusion.ts";
export * from "./count-moments.ts";
export { COUNT_LABELS, type CountLabel, type SourceCountOptions } from "./count-problem.ts";
export * from "./evaluation-record.ts";
export * from "./field-blocks.ts";
export * from "./fold-features.ts";
export * from "./knn-vote.ts";
export * from "./linear-sgd.ts";
export * from "./logistic.ts";
export * from "./logistic-sgd.ts";
export * from "./ridge.ts";
export * from "./source-count.ts";
export * from "./splits.ts";
export * from "./stratified.ts";
export * from "./task-result.ts";
