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

const info = {
  version: z.literal(1),
  name: z.string(),
  fluxUnit: z.enum(["Jy/beam", "arbitrary"]),
  tiling: z.enum(["cover", "paper", "cutouts", "images"]),
  cropSize: z.int().positive(),
  storedSize: z.int().positive(),
  lowPercentile: z.number(),
  highPercentile: z.number(),
  resizeRule: z.string(),
  fields: z.array(fieldRecord),
  catalogue: z.strictObject({ file: z.string(), sha256, sources: z.int().nonnegative() }).nullable(),
};

/** cropset.json: what is known of the set, and the SHA-256 of crops.parquet. */
export const cropSetFile = z.strictObject({ ...info, tableSha256: sha256 });

/** The schema gives what the type asks for, or this line does not compile. */
export type CheckedInfo = z.output<typeof cropSetFile> extends CropSetInfo ? CropSetInfo : never;
