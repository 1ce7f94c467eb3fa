// One field of the survey of bench/survey.ts, in a process of its own, so that its memory is not counted as prepare's.
import { writeFieldImage } from "#sky/fits/disk";
import { MGCLS_SKY, simulateField } from "#sky/simulator";

/** What the first argument says, as JSON. */
export interface FieldTask {
  readonly path: string;
  readonly fieldSize: number;
  readonly seed: number;
  readonly fieldIndex: number;
}

const { path, fieldSize, seed, fieldIndex } = JSON.parse(process.argv[2]!) as FieldTask; // written by bench/survey.ts
writeFieldImage(path, simulateField({ ...MGCLS_SKY, fieldSize }, seed, fieldIndex));
