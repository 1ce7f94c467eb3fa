// Door of sky/simulator to the disk: a whole sky of fields, or labelled cutouts, in a folder.

export * from "./disk/write-cutouts.ts";
export * from "./disk/write-sky.ts";
