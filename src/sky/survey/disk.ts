// Door of sky/survey to the disk: preparing, writing and opening crop sets.
export * from "./disk/change-crop-set.ts";
export { isFitsImageName, isSourceListName } from "./disk/find-fits.ts";
export * from "./disk/import-images.ts";
export * from "./disk/import-mightee-fr.ts";
export * from "./disk/import-mirabest.ts";
export * from "./disk/import-protege.ts";
export * from "./disk/import-radiogalaxynet.ts";
export * from "./disk/import-rgd.ts";
export * from "./disk/open-crop-set.ts";
export * from "./disk/open-transfer-set.ts";
export type { PictureLabelSource } from "./disk/picture-labels.ts";
export { fitsPicture, pngPicture } from "./disk/picture-readers.ts";
export type { PictureProgress, PictureSetSummary } from "./disk/picture-set.ts";
export * from "./disk/prepare.ts";
export * from "./disk/prepare-options.ts";
export * from "./disk/write-crop-set.ts";
