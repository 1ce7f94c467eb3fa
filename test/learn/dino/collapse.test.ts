// The collapse monitor on made-up histories of metrics, shaped as trainings on real crops were seen to go.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CollapseSigns,
  DINO_PRESETS,
  type DinoConfig,
  dinoConfigSchema,
  NOTHING_WATCHED,
  withWatchedStep,
} from "#learn/dino";

const LN_K = Math.log(4096);

/** The advice given over a history, with the step at which it was given. */
function adviceOver(
  config: DinoConfig,
  numSteps: number,
  at: (step: number) => Pick<CollapseSigns, "teacherEntropy" | "embeddingSpread">,
): readonly (readonly [step: number, advice: string])[] {
  let watch = NOTHING_WATCHED;
  const given: [number, string][] = [];
  for (let step = 1; step <= numSteps; step++) {
    const after = withWatchedStep(watch, { step, lnK: LN_K, ...at(step) }, { config, stepsPerEpoch: 26 });
    watch = after.watch;
    if (after.advice !== undefined) given.push([step, after.advice]);
  }
  return given;
}

const small = dinoConfigSchema.parse({ ...DINO_PRESETS["small"], numWarmupEpochs: 2 });
const plain = dinoConfigSchema.parse({ numWarmupEpochs: 2 });
/** Scatter from batch to batch. */
const scatter = (step: number) => 0.01 * Math.sin(12.9898 * step);

test("a teacher that rises to ln K and stays is called flat once, after warm-up and a window of steps, with the settings to change", () => {
  const given = adviceOver(small, 300, (step) => ({
    teacherEntropy: Math.min(8.3, 4 + step / 10) + scatter(step),
    embeddingSpread: 0.12,
  }));
  assert.equal(given.length, 1);
  const [step, advice] = given[0]!;
  assert.equal(step, 2 * 26 + 40);
  assert.match(
    advice,
    /^Collapsed, by the last 40 steps up to step 92: the teacher is flat: its entropy is 8\.30 of ln K = 8\.32 /,
  );
  assert.match(advice, /Begin another run with --standardise \(radio crops are dark/);
  assert.match(advice, /--set 'views\.localViewArea=\[0\.2, 0\.5\]' \(now \[0\.05, 0\.4\]/);
  // The preset has these already.
  assert.doesNotMatch(advice, /centerMomentum|teacherTemperature/);
});

test("DINO's own settings are told to take a quicker centre and a sharper teacher", () => {
  const [[, advice]] = adviceOver(plain, 100, () => ({ teacherEntropy: 8.31, embeddingSpread: 0.3 })) as [[number, string]];
  assert.match(advice, /--set centerMomentum=0\.5 \(now 0\.9: /);
  assert.match(advice, /--set teacherTemperature=0\.02 --set warmupTeacherTemperature=0\.02 \(now 0\.04: /);
});

test("a training that learns is left alone, also while its teacher leaves ln K slowly", () => {
  const learns = adviceOver(small, 676, (step) => ({
    teacherEntropy: 7.66 + 0.5 * Math.exp(-step / 200) + scatter(step),
    embeddingSpread: 0.12 + Math.min(0.32, step / 1000) + scatter(step),
  }));
  assert.deepEqual(learns, []);
  const leaves = adviceOver(small, 200, (step) => ({
    teacherEntropy: Math.min(8.32, 8.32 - (step - 60) * 0.002),
    embeddingSpread: 0.2,
  }));
  assert.deepEqual(leaves, []);
});

test("embeddings that shrink to one direction are told, and one prototype for all crops is told apart from it", () => {
  const shrinks = adviceOver(small, 200, (step) => ({ teacherEntropy: 6, embeddingSpread: 0.5 * Math.exp(-step / 30) }));
  assert.equal(shrinks.length, 1);
  assert.match(
    shrinks[0]![1],
    /all embeddings point the same way: their spread is 0\.0\d\d \(1 would be every direction alike\) and does not rise/,
  );
  assert.match(shrinks[0]![1], /--set learningRatePer256=0\.0007 \(now 0\.002\)/);
  const chooses = adviceOver(small, 200, () => ({ teacherEntropy: 0.02, embeddingSpread: 0.01 }));
  assert.equal(chooses.length, 1);
  assert.match(chooses[0]![1], /the teacher has chosen one prototype for all crops: its entropy is 0\.02 of ln K = 8\.32/);
  assert.match(chooses[0]![1], /--set teacherTemperature=0\.07/);
  // A prototype a crop: sure of itself, but embeddings differ.
  assert.deepEqual(
    adviceOver(small, 200, () => ({ teacherEntropy: 0.02, embeddingSpread: 0.6 })),
    [],
  );
});

test("a teacher that is flat before the first judged step only is not told", () => {
  const given = adviceOver(small, 300, (step) => ({ teacherEntropy: step < 60 ? 8.32 : 7.5, embeddingSpread: 0.3 }));
  assert.deepEqual(given, []);
});

test("where every remedy is in use already, another seed is what is left", () => {
  const config = dinoConfigSchema.parse({
    ...DINO_PRESETS["small"],
    numWarmupEpochs: 2,
    backbone: { inputMean: 0.1, inputStd: 0.2 },
    views: { localViewArea: [0.2, 0.5] },
  });
  const [[, advice]] = adviceOver(config, 120, () => ({ teacherEntropy: 8.31, embeddingSpread: 0.3 })) as [[number, string]];
  assert.match(
    advice,
    /Settings that usually help are in use already: begin another run with another seed or more crops a step\.$/,
  );
});
