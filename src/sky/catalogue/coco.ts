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
  /** What else is known of it, as of a box. */
  readonly more?: CocoBox["more"];
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

/** Text of a file that says what it holds. */
export interface CocoInfo {
  readonly description: string;
}

/** A COCO file: the pieces of `cocoPieces` in one. */
export function formatCoco(images: readonly CocoImage[], info?: CocoInfo): string {
  return [...cocoPieces(images, info)].join("");
}

/**
 * The text of a COCO file ("Data format" of cocodataset.org) in pieces, one line an image and an annotation: a survey's would be longer than
 * a string may be. Ids are counted from 1, categories in the order in which they come. Boxes have no outline (`segmentation`): it would be
 * one that nobody drew.
 */
export function* cocoPieces(images: readonly CocoImage[], info: CocoInfo = { description: "boxes" }): Generator<string, void> {
  const idOf = new Map<string, number>();
  for (const { boxes } of images) for (const { category } of boxes) if (!idOf.has(category)) idOf.set(category, idOf.size + 1);
  yield `{\n"info": ${JSON.stringify(info)},\n"licenses": [],\n"images": `;
  yield* listPieces(imageRows(images));
  yield ',\n"annotations": ';
  yield* listPieces(annotationRows(images, idOf));
  yield ',\n"categories": ';
  yield* listPieces([...idOf].map(([name, id]) => ({ id, name, supercategory: name })));
  yield "\n}\n";
}

function* imageRows(images: readonly CocoImage[]): Generator<object, void> {
  for (const [index, { file, height, width, more }] of images.entries()) {
    const size = { ...(width === null ? {} : { width }), ...(height === null ? {} : { height }) };
    yield { id: index + 1, file_name: file, ...size, ...more };
  }
}

function* annotationRows(images: readonly CocoImage[], idOf: ReadonlyMap<string, number>): Generator<object, void> {
  let id = 1;
  for (const [index, { boxes }] of images.entries()) {
    for (const { category, box, more } of boxes) {
      const place = { image_id: index + 1, category_id: idOf.get(category)!, bbox: box, area: box[2] * box[3] }; // all are numbered
      yield { id: id++, ...place, iscrowd: 0, ...more };
    }
  }
}

/** Records of one piece. */
const PIECE_ROWS = 1000;

function* listPieces(records: Iterable<object>): Generator<string, void> {
  let lines: string[] = [];
  let isFirst = true;
  const piece = () => {
    const text = `${isFirst ? "[\n" : ",\n"}${lines.join(",\n")}`;
    isFirst = false;
    lines = [];
    return text;
  };
  for (const record of records) {
    lines.push(` ${JSON.stringify(record)}`);
    if (lines.length === PIECE_ROWS) yield piece();
  }
  if (lines.length > 0) yield piece();
  yield isFirst ? "[]" : "\n]";
}
