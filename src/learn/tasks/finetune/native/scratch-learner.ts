// A network trained from scratch on few labels: what stands beside the probes of a pre-trained one (paper appendix C.2).
import { embeddingDimOf, layerGroups } from "#engine/nn";
import type { TrainableBackbone } from "#learn/embeddings/native";
import type { CropSet } from "#sky/survey";
import type { FewLabelsLearner } from "../../few-labels-predictions.ts";
import { cropPictures } from "../pictures.ts";
import { checkFinetuneSettings, scratchRule } from "../settings.ts";
import { type FinetuneWork, fitNetwork, updateSize } from "./fit-network.ts";
import { untrained } from "./score-networks.ts";

export interface ScratchLearnerOptions extends Pick<FinetuneWork, "device" | "settings" | "onUpdate" | "signal"> {
  readonly cropSet: CropSet;
  /** Its shape and input are taken, not its weights. */
  readonly backbone: TrainableBackbone;
}

/** Throws ConfigError for settings that do not fit the network or the crops. */
export function scratchLearner(options: ScratchLearnerOptions): FewLabelsLearner {
  const { cropSet, backbone, settings } = options;
  const { config } = backbone;
  checkFinetuneSettings(settings, config, cropSet.info.cropSize);
  const pictures = cropPictures(cropSet, settings);
  return {
    name: `${backbone.name} from scratch`,
    dim: embeddingDimOf(config),
    async classes({ train, test, problem, draw }) {
      const work: FinetuneWork = { ...options, pictures, classOf: problem.classOf, numClasses: problem.classes.length };
      const start = {
        backbone: untrained(backbone, draw),
        numLayers: layerGroups(config).length,
        rule: scratchRule(updateSize(settings, train.length)),
        seed: draw,
      };
      return (await fitNetwork(work, start, { train, valid: [] }, test)).predictions;
    },
  };
}
