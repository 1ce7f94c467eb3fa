// The part of scran.js (WebAssembly, no types of its own) that projections use.
declare module "scran.js" {
  /** Neighbours on the WebAssembly heap. */
  export class FindNearestNeighborsResults {
    static unserialize(numbers: Int32Array, indices: Int32Array, distances: Float64Array): FindNearestNeighborsResults;
    free(): void;
  }
  interface Coordinates {
    readonly x: Float64Array;
    readonly y: Float64Array;
  }
  interface UmapStatus {
    run(options: { readonly runTime: number | null }): void;
    currentEpoch(): number;
    totalEpochs(): number;
    extractCoordinates(): Coordinates;
    free(): void;
  }
  export function initialize(options: { readonly numberOfThreads: number }): Promise<boolean>;
  export function terminate(): void;
  export function initializeUmap(
    neighbours: FindNearestNeighborsResults,
    options: {
      readonly neighbors: number;
      readonly epochs: number;
      readonly minDist: number;
      readonly numberOfThreads: number;
    },
  ): UmapStatus;
}
