// An ONNX model of others as a frozen backbone: its file checked here, run in a process of its own.
import { type NdArray, ndArray } from "#base/array";
import { ConfigError } from "#base/config";
import type { OnnxSummary, OnnxValue } from "#engine/runtime";
import { checkOnnxFile, type DeviceName, openGuestModel } from "#engine/runtime/native";
import { CheckpointError, type InputRecipe, recipeSize } from "#learn/runs";
import type { Backbone } from "../backbone.ts";
import { notedRecipe, notedSeenRows } from "../export-notes.ts";

/** What `--backbone model.onnx#output` leads to. */
export interface FoundModel {
  readonly name: string;
  readonly path: string;
  /** The output's name; null leaves the choice to the model, which must have one alone or one called "embedding". */
  readonly output: string | null;
  /** What the registry says of its input. */
  readonly recipe: InputRecipe | undefined;
}

export interface ModelOptions {
  readonly device?: DeviceName;
  readonly numThreads?: number;
  readonly batchSize: number;
  readonly inputSize?: number | undefined;
}

/** TensorProto.DataType. */
const FLOAT32 = 1;
/** Where nothing says how large pictures are. */
const USUAL_SIZE = 224;
const PREFERRED_OUTPUT = "embedding";

/** What a model's input is: pictures [batch, channels, side, side]. */
interface PictureInput {
  readonly name: string;
  /** null: any number. */
  readonly batchSize: number | null;
  readonly numChannels: number;
  readonly side: number;
}

/**
 * Opens an ONNX model. Grey pictures are repeated in as many channels as it takes, then standardised as the recipe says. Throws
 * FileFormatError for a damaged file, CheckpointError for a model that takes no pictures or gives no vectors, Error where ONNX Runtime fails.
 */
export async function onnxBackbone({ name, path, output, recipe: given }: FoundModel, options: ModelOptions): Promise<Backbone> {
  const summary = checkOnnxFile(path);
  const recipe = given ?? notedRecipe(summary.metadata, path) ?? {};
  const input = pictureInput(summary, recipe, options.inputSize, path);
  const outputName = chosenOutput(summary.outputs, output, path);
  const { device, numThreads } = options;
  const model = await openGuestModel({ path, ...(device ? { device } : {}), ...(numThreads ? { numThreads } : {}) });
  const picturesOf = channelFiller(input, recipe, name);
  const batchSize = input.batchSize ?? options.batchSize;
  const run = async (pictures: Float32Array, count: number): Promise<Float32Array> => {
    const rows = input.batchSize ?? count;
    const images = picturesOf(pictures, count, rows);
    return vectorsOf(await model.run(new Map([[input.name, images]]), outputName), rows, `${path}: output "${outputName}"`);
  };
  try {
    const dim = (await run(new Float32Array(input.side ** 2), 1)).length / (input.batchSize ?? 1);
    return {
      ...{ name, dim, inputSize: input.side, recipe, seenRows: notedSeenRows(summary.metadata, path) },
      async embed(pictures, count) {
        const embeddings = new Float32Array(count * dim);
        const numPixels = input.side ** 2;
        for (let start = 0; start < count; start += batchSize) {
          const rows = Math.min(batchSize, count - start);
          const found = await run(pictures.subarray(start * numPixels, (start + rows) * numPixels), rows);
          embeddings.set(found.subarray(0, rows * dim), start * dim);
        }
        return embeddings;
      },
      close: model.close,
    };
  } catch (error) {
    model.close();
    throw error;
  }
}

function pictureInput({ inputs }: OnnxSummary, recipe: InputRecipe, wanted: number | undefined, path: string): PictureInput {
  const [input] = inputs;
  const [batch, channels, rows, columns] = input?.shape ?? [];
  const isPictures = inputs.length === 1 && input?.elementType === FLOAT32 && input.shape?.length === 4;
  if (!isPictures || (typeof rows === "number" && typeof columns === "number" && rows !== columns)) {
    throw new CheckpointError(
      `${path}: expected one input of square float32 pictures [batch, channels, rows, columns], got ${inputs.map(valueText).join(" and ") || "none"}.`,
    );
  }
  const fixed = [rows, columns].find((size) => typeof size === "number");
  const asked = wanted ?? recipeSize(recipe);
  if (typeof fixed === "number" && asked !== undefined && asked !== fixed)
    throw new ConfigError(`${path}: expected pictures of ${fixed} x ${fixed} pixels, as it takes, got a recipe for ${asked}.`);
  const side = typeof fixed === "number" ? fixed : (asked ?? USUAL_SIZE);
  const numChannels = typeof channels === "number" ? channels : (recipe.channels ?? 3);
  if (recipe.channels !== undefined && recipe.channels !== numChannels)
    throw new ConfigError(
      `${path}: expected pictures of ${numChannels} channels, as it takes, got a recipe for ${recipe.channels}.`,
    );
  return { name: input.name, batchSize: typeof batch === "number" ? batch : null, numChannels, side };
}

function chosenOutput(outputs: readonly OnnxValue[], asked: string | null, path: string): string {
  const names = outputs.map(({ name }) => name);
  const name = asked ?? (names.length === 1 ? names[0] : names.find((one) => one === PREFERRED_OUTPUT));
  if (name !== undefined && names.includes(name)) return name;
  const listed = outputs.map(valueText).join(", ");
  throw new CheckpointError(
    asked === null
      ? `${path}: expected one output, or one called "${PREFERRED_OUTPUT}", got ${listed}. Name one: --backbone ${path}#${names.at(-1)}.`
      : `${path}#${asked}: expected an output of that name, got ${listed}.`,
  );
}

/** "pixel_values float32 [batch, 3, 224, 224]" */
function valueText({ name, elementType, shape }: OnnxValue): string {
  const type = elementType === FLOAT32 ? "float32" : `of element type ${elementType ?? "none"}`;
  return `"${name}" ${type} [${shape?.map((size) => size ?? "?").join(", ") ?? "any shape"}]`;
}

/** Grey pictures to the model's input; missing rows of a fixed batch repeat the first picture. */
function channelFiller({ numChannels, side }: PictureInput, recipe: InputRecipe, name: string) {
  const mean = perChannel(recipe.mean ?? 0, numChannels, `${name}: input: mean`);
  const std = perChannel(recipe.std ?? 1, numChannels, `${name}: input: std`);
  const numPixels = side * side;
  return (pictures: Float32Array, count: number, rows: number): NdArray<"float32"> => {
    const data = new Float32Array(rows * numChannels * numPixels);
    for (let row = 0; row < rows; row++) {
      const first = (row < count ? row : 0) * numPixels;
      for (let channel = 0; channel < numChannels; channel++) {
        const place = (row * numChannels + channel) * numPixels;
        for (let pixel = 0; pixel < numPixels; pixel++) {
          data[place + pixel] = (pictures[first + pixel]! - mean[channel]!) / std[channel]!;
        }
      }
    }
    return ndArray("float32", [rows, numChannels, side, side], data);
  };
}

function perChannel(values: number | readonly number[], numChannels: number, where: string): readonly number[] {
  const list = typeof values === "number" ? [values] : values;
  if (list.length !== 1 && list.length !== numChannels)
    throw new ConfigError(`backbone ${where}: expected one number or ${numChannels}, one a channel, got ${list.length}.`);
  return Array.from({ length: numChannels }, (_, channel) => list[channel] ?? list[0]!); // one at least, as the recipe's schema says
}

/** One vector a picture: [rows, D], or channel means that kept their axes [rows, D, 1, 1]. */
function vectorsOf({ dtype, shape, data }: NdArray, rows: number, where: string): Float32Array {
  const [first, dim = 0, ...rest] = shape;
  if (dtype === "float32" && shape.length >= 2 && first === rows && dim > 0 && rest.every((size) => size === 1)) {
    return data as Float32Array; // its type was just looked at
  }
  throw new CheckpointError(`${where}: expected one float32 vector a picture, [${rows}, length], got ${dtype} [${shape}].`);
}
