// Second door of learn/embeddings: backbones that compute, opened by name, and what a transformer looks at.
export { type AttentionMaps, attentionMaps } from "./native/attention-maps.ts";
export { type BackboneOptions, openBackbone } from "./native/open-backbone.ts";
