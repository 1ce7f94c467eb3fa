import assert from "node:assert/strict";
import { test } from "node:test";
import { checkViewConfig, DEFAULT_VIEW_CONFIG, type ViewConfig } from "#sky/views";

const WRONG: readonly { readonly change: Partial<ViewConfig>; readonly message: string }[] = [
  {
    change: { numGlobalViews: 1, globalBlurProbabilities: [1], numLocalViews: 0 },
    message: "views: expected at least two views of each crop, got 1 global and 0 local; the loss would have no pairs.",
  },
  {
    change: { numGlobalViews: 0, globalBlurProbabilities: [] },
    message: "views: expected at least one global view, got 0; the teacher would see nothing.",
  },
  { change: { numLocalViews: 2.5 }, message: "views: expected whole numbers of views, got 2 global and 2.5 local." },
  { change: { globalViewSize: 0 }, message: "views.globalViewSize: expected a whole number of pixels above 0, got 0." },
  { change: { localViewSize: 9.5 }, message: "views.localViewSize: expected a whole number of pixels above 0, got 9.5." },
  {
    change: { globalViewArea: [0.4, 1.1] },
    message: "views.globalViewArea: expected [low, high] with low above 0, high not below it and at most 1, got [0.4, 1.1].",
  },
  {
    change: { localViewArea: [0, 0.4] },
    message: "views.localViewArea: expected [low, high] with low above 0, high not below it and at most 1, got [0, 0.4].",
  },
  {
    change: { aspectRatio: [2, 1] },
    message: "views.aspectRatio: expected [low, high] with low above 0, high not below it, got [2, 1].",
  },
  {
    change: { blurSigma: [0.1, Number.NaN] },
    message: "views.blurSigma: expected [low, high] with low above 0, high not below it, got [0.1, NaN].",
  },
  {
    change: { powerLawExponent: [-1, 3] },
    message: "views.powerLawExponent: expected [low, high] with low above 0, high not below it, got [-1, 3].",
  },
  { change: { rotationProbability: 1.5 }, message: "views.rotationProbability: expected a probability from 0 to 1, got 1.5." },
  { change: { flipProbability: -0.5 }, message: "views.flipProbability: expected a probability from 0 to 1, got -0.5." },
  {
    change: { localBlurProbability: Number.NaN },
    message: "views.localBlurProbability: expected a probability from 0 to 1, got NaN.",
  },
  { change: { powerLawProbability: 2 }, message: "views.powerLawProbability: expected a probability from 0 to 1, got 2." },
  {
    change: { globalBlurProbabilities: [1, 7] },
    message: "views.globalBlurProbabilities: expected a probability from 0 to 1, got 7.",
  },
  {
    change: { globalBlurProbabilities: [1] },
    message: "views.globalBlurProbabilities: expected one for each of the 2 global views, got 1.",
  },
];

test("the default views are those of the paper's vision transformer, and pass their own check", () => {
  checkViewConfig(DEFAULT_VIEW_CONFIG);
  const { numGlobalViews, globalViewSize, globalViewArea, numLocalViews, localViewSize, localViewArea } = DEFAULT_VIEW_CONFIG;
  assert.deepEqual([numGlobalViews, globalViewSize, globalViewArea], [2, 224, [0.4, 1]]);
  assert.deepEqual([numLocalViews, localViewSize, localViewArea], [8, 96, [0.05, 0.4]]);
});

test("views that cannot be are refused with a ConfigError that names the setting", () => {
  for (const { change, message } of WRONG) {
    const expected = { name: "ConfigError", message: `ConfigError: ${message}` };
    assert.throws(() => checkViewConfig({ ...DEFAULT_VIEW_CONFIG, ...change }), expected);
  }
});

test("the checks name every setting of the views", () => {
  const named = WRONG.flatMap(({ change }) => Object.keys(change));
  assert.deepEqual([...new Set(named)].toSorted(), Object.keys(DEFAULT_VIEW_CONFIG).toSorted());
});
