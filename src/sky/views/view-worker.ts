// What a worker thread of the view pool runs: the views of one crop, handed back without a copy.
import Tinypool from "tinypool";
import type { CropPixels } from "./crop-pixels.ts";
import { sampleViews, type ViewDraw } from "./sample-views.ts";
import type { ViewConfig } from "./view-config.ts";

export interface ViewTask {
  readonly crop: CropPixels;
  readonly config: ViewConfig;
  readonly draw: ViewDraw;
}

/** Both kinds of view in one buffer, global views first: one buffer can be moved between threads, two cannot. */
export default function viewsOfTask({ crop, config, draw }: ViewTask): unknown {
  const { globalViews, localViews } = sampleViews(crop, config, draw);
  const both = new Float32Array(globalViews.length + localViews.length);
  both.set(globalViews);
  both.set(localViews, globalViews.length);
  return Tinypool.move(both);
}
