// Door of sky/views: global and local views of a crop.
export * from "./crop-pixels.ts";
export * from "./render-view.ts";
export { type CropViews, sampleViews, type ViewBatch, type ViewDraw } from "./sample-views.ts";
export * from "./view-config.ts";
export * from "./view-parameters.ts";
