import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { type CropPixels, DEFAULT_VIEW_CONFIG, sampleViews, type ViewBatch } from "#sky/views";
import { openViewPool } from "#sky/views/disk";

const config = { ...DEFAULT_VIEW_CONFIG, globalViewSize: 24, numLocalViews: 3, localViewSize: 10 };

/** Crops whose pixels are parts of one array, as those of a crop set's file are. */
function noiseCrops(count: number): CropPixels[] {
  const random = randomFor(1, "pool test");
  const file = Float32Array.from({ length: count * 46 * 46 }, () => random.normal());
  return Array.from({ length: count }, (_, index) => ({
    id: `field-a-${index}`,
    index: 10 + index,
    pixels: file.subarray(index * 46 * 46, (index + 1) * 46 * 46),
    size: 46,
    cropSize: 32,
    lowFlux: -2,
    highFlux: 3,
  }));
}

async function batchOf(numThreads: number, crops: readonly CropPixels[], epoch: number): Promise<ViewBatch> {
  const pool = openViewPool({ numThreads, config, seed: 5 });
  try {
    return await pool.sampleBatch(crops, epoch);
  } finally {
    await pool.close();
  }
}

test("0, 1, 2 and 3 threads make the same bytes", async () => {
  const crops = noiseCrops(9);
  const alone = await batchOf(0, crops, 4);
  for (const numThreads of [1, 2, 3]) assert.deepEqual(await batchOf(numThreads, crops, 4), alone);
});

test("a batch is view-major: view v of crop b lies at row v x B + b, whatever the order of the crops", async () => {
  const crops = noiseCrops(4).toReversed();
  const { globalViews, localViews } = await batchOf(2, crops, 1);
  assert.equal(globalViews.length, 2 * 4 * 24 * 24);
  assert.equal(localViews.length, 3 * 4 * 10 * 10);
  crops.forEach((crop, place) => {
    const views = sampleViews(crop, config, { seed: 5, epoch: 1 });
    for (const [batch, own, length] of [
      [globalViews, views.globalViews, 576] as const,
      [localViews, views.localViews, 100] as const,
    ]) {
      for (let view = 0; view < own.length / length; view++) {
        const row = view * 4 + place;
        assert.deepEqual(batch.slice(row * length, (row + 1) * length), own.slice(view * length, (view + 1) * length));
      }
    }
  });
});

test("the crops given to a pool stay usable, and batches may overlap", async () => {
  const crops = noiseCrops(3);
  const before = crops.map(({ pixels }) => pixels.slice());
  const pool = openViewPool({ numThreads: 2, config, seed: 5 });
  const [first, second, again] = await Promise.all([
    pool.sampleBatch(crops, 0),
    pool.sampleBatch(crops, 1),
    pool.sampleBatch(crops, 0),
  ]);
  await pool.close();
  assert.deepEqual(again, first);
  assert.notDeepEqual(second, first);
  assert.deepEqual(
    crops.map(({ pixels }) => pixels),
    before,
  );
});

test("batches are plain memory, which every binding of ONNX Runtime takes, not shared memory", async () => {
  const { globalViews, localViews } = await batchOf(1, noiseCrops(1), 0);
  assert.ok(globalViews.buffer instanceof ArrayBuffer && localViews.buffer instanceof ArrayBuffer);
});

test("a bad crop is named whether threads make the views or not, and the pool lives on", async () => {
  const crops = noiseCrops(3);
  const broken = crops.map((crop, index) => (index === 1 ? { ...crop, highFlux: -2 } : crop));
  for (const numThreads of [0, 2]) {
    const pool = openViewPool({ numThreads, config, seed: 5 });
    await assert.rejects(pool.sampleBatch(broken, 0), {
      name: "RangeError",
      message:
        'views: crop "field-a-1": expected lowFlux below highFlux, got -2 and -2. Prepare the set again with wider percentiles.',
    });
    assert.equal((await pool.sampleBatch(crops, 0)).globalViews.length, 2 * 3 * 576);
    await pool.close();
  }
});

test("closing a pool rejects the batches under way, names a crop, and takes no more", async () => {
  const pool = openViewPool({ numThreads: 1, config, seed: 5 });
  const underWay = assert.rejects(
    pool.sampleBatch(noiseCrops(200), 0),
    /^Error: views: crop "field-a-\d+": its worker thread failed: /,
  );
  await pool.close();
  await underWay;
  await assert.rejects(pool.sampleBatch(noiseCrops(1), 0), { message: "views: the pool of worker threads is closed." });
});

test("a pool refuses views that cannot be and numbers of threads that cannot", () => {
  assert.throws(() => openViewPool({ numThreads: 1.5, config, seed: 5 }), {
    name: "RangeError",
    message: "views: expected 0 or more worker threads, got 1.5.",
  });
  assert.throws(() => openViewPool({ numThreads: 1, config: { ...config, numGlobalViews: 0 }, seed: 5 }), {
    name: "ConfigError",
  });
});
