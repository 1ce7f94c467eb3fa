// Suricate's side of bench prepare-gzip and prepare-rice: unpacking one plane of a cube into float32, no more.
import { loadFieldImage } from "#sky/fits/disk";
import { serveTurns } from "./turns.ts";

const { field } = JSON.parse(process.argv[2]!) as { readonly field: string }; // written by bench/prepare.ts

const WARM_TIMES = 6;

/** The plane's memory is used again, as prepare does from field to field. */
let plane: SharedArrayBuffer | undefined;
const memory = (numBytes: number) => {
  plane ??= new SharedArrayBuffer(numBytes);
  return plane;
};

const unpack = () => loadFieldImage(field, { memory });

await serveTurns({
  warm: async () => {
    for (let time = 0; time < WARM_TIMES; time++) await unpack();
  },
  turn: async () => {
    const { pixels } = await unpack();
    return { first: pixels[0]!, middle: pixels[pixels.length >> 1]!, last: pixels.at(-1)! };
  },
});
