// The form of cropset.json.
import { z } from "#base/config";
import type { CropSetInfo } from "../crop-set.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits");

const fieldRecord = z.strictObject({
  name: z.string(),
  file: z.string(),
  height: z.int().positive(),
  width: z.int().positive(),
  lowFlux: z.number(),
  highFlux: z.number(),
  pixelScaleDeg: z.number().nullable(),
  beamMajorDeg: z.number().nullable(),
  beamMinorDeg: z.number().nullable(),
  beamPositionAngleDeg: z.number().nullable(),
  sha256,
});

const readTable = z.strictObject({ file: z.string(), sha256, sources: z.int().nonnegative() });

const labels = z.strictObject({
  keepSources: z.enum(["all", "single-gaussian"]),
  minCoverage: z.number(),
  excludeAround: z.strictObject({ fluxJy: z.number(), radiusArcmin: z.number() }).nullable(),
  footprints: z.array(z.strictObject({ raDeg: z.number(), decDeg: z.number(), radiusDeg: z.number() })),
});

const split = z.strictObject({
  by: z.enum(["crop", "field", "label"]).nullable(),
  testFraction: z.number().nullable(),
  seed: z.int(),
  drawnFrom: z.string().nullable(),
});

const info = {
  version: z.literal(1),
  name: z.string(),
  collection: z.string().exactOptional(),
  fluxUnit: z.enum(["Jy/beam", "arbitrary"]),
  tiling: z.enum(["cover", "paper", "cutouts", "images"]),
  cropSize: z.int().positive(),
  storedSize: z.int().positive(),
  lowPercentile: z.number(),
  highPercentile: z.number(),
  resizeRule: z.string(),
  fields: z.array(fieldRecord),
  catalogue: readTable.nullable(),
  labels: labels.exactOptional(),
  centres: readTable.exactOptional(),
  fieldTable: readTable.exactOptional(),
  split: split.exactOptional(),
  sourcesSha256: sha256.exactOptional(),
};

/** cropset.json: what is known of the set, and the SHA-256 of crops.parquet. */
export const cropSetFile = z.strictObject({ ...info, tableSha256: sha256 });

/** The schema gives what the type asks for, or this line does not compile. */
export type CheckedInfo = z.output<typeof cropSetFile> extends CropSetInfo ? CropSetInfo : never;
