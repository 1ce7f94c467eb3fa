// COCO annotations: boxes of sources in pictures, in and out. Boxes are [x, y, width, height] in pixels from the first pixel's corner.
import { checkConfig, z } from "#base/config";

/** One box in a picture. */
export interface CocoBox {
  readonly category: string;
  /** Left, top, width and height; a pixel reaches from its index to the next. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** What else is known of it: written beside the box, as COCO's readers leave it alone. */
  readonly more?: Readonly<Record<string, string | number | boolean | null>>;
}

/** A picture and its boxes. */
export interface CocoImage {
  readonly file: string;
  readonly height: number | null;
  readonly width: number | null;
  readonly boxes: readonly CocoBox[];
}

const cocoFile = z.object({
  images: z.array(
    z.object({
      id: z.union([z.number(), z.string()]),
      file_name: z.string(),
      height: z.number().positive().optional(),
      width: z.number().positive().optional(),
    }),
  ),
  annotations: z.array(
    z.object({
      image_id: z.union([z.number(), z.string()]),
      category_id: z.number(),
      bbox: z.tuple([z.number(), z.number(), z.number().nonnegative(), z.number().nonnegative()]),
    }),
  ),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
});

/**
 * The pictures of a COCO file, in its order. Throws Error for text that is not JSON and for an annotation of no picture, ConfigError
 * for JSON of another form.
 */
export function parseCoco(text: string, where: string): readonly CocoImage[] {
  const { images, annotations, categories } = checkConfig(cocoFile, parseJson(text, where), where);
  const nameOf = new Map(categories.map(({ id, name }) => [id, name]));
  const boxesOf = new Map<number | string, CocoBox[]>(images.map(({ id }) => [id, []]));
  for (const [index, { image_id, category_id, bbox }] of annotations.entries()) {
    const boxes = boxesOf.get(image_id);
    const category = nameOf.get(category_id);
    if (boxes === undefined)
      throw new Error(
        `${where}: annotation ${index}: expected image_id to be one of the ${images.length} images, got ${image_id}.`,
      );
    if (category === undefined)
      throw new Error(`${where}: annotation ${index}: expected category_id to be one of the categories, got ${category_id}.`);
    boxes.push({ category, box: bbox });
  }
  return images.map(({ id, file_name, height, width }) => ({
    file: file_name,
    height: height ?? null,
    width: width ?? null,
    boxes: boxesOf.get(id)!,
  }));
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${where}: is not JSON: ${cause instanceof Error ? cause.message.replaceAll(/\s+/g, " ") : cause}.`, {
      cause,
    });
  }
}

/** A COCO file. Ids are counted from 1, categories in the order in which they come. */
export function formatCoco(images: readonly CocoImage[]): string {
  const names = [...new Set(images.flatMap(({ boxes }) => boxes.map(({ category }) => category)))];
  const annotations = images.flatMap(({ boxes }, image) =>
    boxes.map(({ category, box, more }) => ({
      ...more,
      image_id: image + 1,
      category_id: names.indexOf(category) + 1,
      bbox: box,
      area: box[2] * box[3],
      iscrowd: 0,
    })),
  );
  const file = {
    images: images.map(({ file, height, width }, index) => ({
      id: index + 1,
      file_name: file,
      ...(height === null ? {} : { height }),
      ...(width === null ? {} : { width }),
    })),
    annotations: annotations.map((annotation, index) => ({ id: index + 1, ...annotation })),
    categories: names.map((name, index) => ({ id: index + 1, name })),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}
