// The bit planes of an HCOMPRESS_1 tile: each a quadtree of four-bit nodes, Huffman coded (White, Postman & Lattanzi 1992).
import { FitsError } from "../fits-error.ts";
import type { BitReader } from "./bit-reader.ts";

/** A part of the coefficients: `height` x `width` from element `start` of rows `stride` long. */
export interface Quadrant {
  readonly start: number;
  readonly stride: number;
  readonly height: number;
  readonly width: number;
}

const DIRECT = 0;
const CODED = 0xf;

/** Add the quadrant's magnitudes to `coefficients`, highest bit plane first, as far as there are data. Throws FitsError for a plane of unknown coding. */
export function readQuadrant(
  bits: BitReader,
  coefficients: Float64Array,
  quadrant: Quadrant,
  numBitPlanes: number,
  where: string,
): void {
  const { height, width } = quadrant;
  const nodes = new Uint8Array(height * width + height + width + 1);
  for (let plane = numBitPlanes - 1; plane >= 0; plane--) {
    // Beyond the end there are zeros, which would be read to no end: the caller refuses the tile.
    if (bits.isPastEnd) return;
    const coding = bits.read(4);
    if (coding === DIRECT) readDirect(bits, nodes, ((height + 1) >> 1) * ((width + 1) >> 1));
    else if (coding === CODED) readTree(bits, nodes, height, width);
    else throw new FitsError(`${where}: HCOMPRESS_1: expected a bit plane coded as 0 or 15, got ${coding}. The file is damaged.`);
    addPlane(nodes, coefficients, quadrant, 2 ** plane);
  }
}

function readDirect(bits: BitReader, nodes: Uint8Array, numNodes: number): void {
  for (let index = 0; index < numNodes; index++) nodes[index] = bits.read(4);
}

/** The tree from its root on: each level twice as high and wide as the one before, less what the quadrant does not reach. */
function readTree(bits: BitReader, nodes: Uint8Array, height: number, width: number): void {
  const numLevels = levelsOf(Math.max(height, width));
  nodes[0] = readNode(bits);
  for (let level = numLevels - 1; level >= 1; level--) {
    const levelHeight = Math.ceil(height / 2 ** level);
    const levelWidth = Math.ceil(width / 2 ** level);
    expandNodes(nodes, levelHeight, levelWidth);
    for (let index = levelHeight * levelWidth - 1; index >= 0; index--) if (nodes[index] !== 0) nodes[index] = readNode(bits);
  }
}

/** The least number of halvings that brings `size` to 1. */
export function levelsOf(size: number): number {
  let levels = 0;
  while (2 ** levels < size) levels += 1;
  return levels;
}

/** Each node of a level becomes the four (at the edge: two or one) flags of its children, in place; [height, width] is the new level. */
function expandNodes(nodes: Uint8Array, height: number, width: number): void {
  const parentWidth = (width + 1) >> 1;
  // From the end on: no parent is written over before it is read.
  for (let y = ((height + 1) >> 1) - 1; y >= 0; y--) {
    for (let x = parentWidth - 1; x >= 0; x--) {
      const node = nodes[y * parentWidth + x]!;
      const upper = 2 * y * width + 2 * x;
      const hasRight = 2 * x + 1 < width;
      if (2 * y + 1 < height) {
        if (hasRight) nodes[upper + width + 1] = node & 1;
        nodes[upper + width] = (node >> 1) & 1;
      }
      if (hasRight) nodes[upper + 1] = (node >> 2) & 1;
      nodes[upper] = (node >> 3) & 1;
    }
  }
}

/** The last nodes are the bits of 2 x 2 coefficients. */
function addPlane(nodes: Uint8Array, coefficients: Float64Array, quadrant: Quadrant, bit: number): void {
  const { start, stride, height, width } = quadrant;
  let index = 0;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const node = nodes[index++]!;
      if (node === 0) continue;
      const upper = start + y * stride + x;
      const hasRight = x + 1 < width;
      if (node & 8) coefficients[upper]! += bit;
      if (node & 4 && hasRight) coefficients[upper + 1]! += bit;
      if (y + 1 === height) continue;
      if (node & 2) coefficients[upper + stride]! += bit;
      if (node & 1 && hasRight) coefficients[upper + stride + 1]! += bit;
    }
  }
}

/** A node's Huffman code: 3 bits for one flag of four, 4 for the likely pairs and all four, 5 and 6 for the rest. */
const NODE_OF_CODE: readonly (readonly [length: number, code: number, node: number])[] = [
  [3, 0b000, 1],
  [3, 0b001, 2],
  [3, 0b010, 4],
  [3, 0b011, 8],
  [4, 0b1000, 3],
  [4, 0b1001, 5],
  [4, 0b1010, 10],
  [4, 0b1011, 12],
  [4, 0b1100, 15],
  [5, 0b11010, 6],
  [5, 0b11011, 7],
  [5, 0b11100, 9],
  [5, 0b11101, 11],
  [5, 0b11110, 13],
  [6, 0b111110, 0],
  [6, 0b111111, 14],
];

const LONGEST_CODE = 6;
const NODES = new Uint8Array(1 << LONGEST_CODE);
const CODE_LENGTHS = new Uint8Array(1 << LONGEST_CODE);
for (const [length, code, node] of NODE_OF_CODE) {
  const first = code << (LONGEST_CODE - length);
  NODES.fill(node, first, first + (1 << (LONGEST_CODE - length)));
  CODE_LENGTHS.fill(length, first, first + (1 << (LONGEST_CODE - length)));
}

function readNode(bits: BitReader): number {
  const code = bits.peek(LONGEST_CODE);
  bits.skip(CODE_LENGTHS[code]!);
  return NODES[code]!;
}
