// Second door of sky/views: worker threads that make the views of batches.
import Tinypool from "tinypool";
import type { CropPixels } from "./crop-pixels.ts";
import { type CropViews, emptyBatch, placeViews, sampleViews, type ViewBatch } from "./sample-views.ts";
import { checkViewConfig, type ViewConfig } from "./view-config.ts";
import type { ViewTask } from "./view-worker.ts";

export interface ViewPoolOptions {
  /** Worker threads; 0 makes the views in the calling thread. */
  readonly numThreads: number;
  readonly config: ViewConfig;
  readonly seed: number;
}

/** Makes views in worker threads. The same bytes come out whatever the number of threads. */
export interface ViewPool {
  /**
   * The views of these crops in this epoch, in the crops' order. The crops are not changed. Rejects with an Error that names
   * the crop which failed. Batches may be asked for while others are under way.
   */
  sampleBatch(crops: readonly CropPixels[], epoch: number): Promise<ViewBatch>;
  /** Ends the threads; batches still under way are rejected. */
  close(): Promise<void>;
}

/** Starts a pool. Throws ConfigError for views that cannot be, RangeError for a number of threads that cannot. */
export function openViewPool({ numThreads, config, seed }: ViewPoolOptions): ViewPool {
  checkViewConfig(config);
  if (!(Number.isInteger(numThreads) && numThreads >= 0)) {
    throw new RangeError(`views: expected 0 or more worker threads, got ${numThreads}.`);
  }
  const threads = numThreads > 0 ? openThreads(numThreads) : undefined;
  let isClosed = false;
  const viewsOf = async (crop: CropPixels, epoch: number): Promise<CropViews> =>
    threads ? viewsFromThread(threads, { crop, config, draw: { seed, epoch } }) : sampleViews(crop, config, { seed, epoch });
  return {
    async sampleBatch(crops, epoch) {
      if (isClosed) throw new Error("views: the pool of worker threads is closed.");
      const batch = emptyBatch(config, crops.length);
      const place = async (crop: CropPixels, index: number) => {
        const { globalViews, localViews } = await viewsOf(crop, epoch);
        placeViews(batch.globalViews, globalViews, config.numGlobalViews, index);
        placeViews(batch.localViews, localViews, config.numLocalViews, index);
      };
      await Promise.all(crops.map(place));
      return batch;
    },
    async close() {
      isClosed = true;
      await threads?.destroy();
    },
  };
}

function openThreads(numThreads: number): Tinypool {
  const filename = new URL("./view-worker.js", import.meta.url).href;
  return new Tinypool({ filename, minThreads: numThreads, maxThreads: numThreads });
}

async function viewsFromThread(threads: Tinypool, task: ViewTask): Promise<CropViews> {
  // A copy, because the moved buffer is gone from this thread, and may be the whole file's.
  const pixels = task.crop.pixels.slice();
  const { numGlobalViews, globalViewSize } = task.config;
  try {
    const both: Float32Array = await threads.run({ ...task, crop: { ...task.crop, pixels } }, { transferList: [pixels.buffer] });
    const numGlobalPixels = numGlobalViews * globalViewSize ** 2;
    return { globalViews: both.subarray(0, numGlobalPixels), localViews: both.subarray(numGlobalPixels) };
  } catch (cause) {
    // Bad crops are RangeErrors that name themselves; anything else befell the thread.
    if (cause instanceof RangeError) throw cause;
    throw new Error(`views: crop "${task.crop.id}": its worker thread failed: ${(cause as Error).message}`, { cause });
  }
}
