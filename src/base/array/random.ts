// Seeded, counter-based random numbers (Philox4x32-10, Salmon et al. 2011): a draw depends on its key alone, never on order.

/** A source of draws. Two sources made from the same seed and key give the same draws, on every machine and thread. */
export interface Random {
  /** Uniform in [0, 1), with 32 random bits. */
  uniform(): number;
  /** Uniform in [low, high). */
  uniformBetween(low: number, high: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** A whole number in [0, end). */
  integer(end: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A shuffled [0, length). */
  permutation(length: number): Uint32Array;
}

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** One Philox4x32-10 block: a 128-bit counter and a 64-bit key to four random words. Writes into `out`. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  out: Uint32Array,
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Upper 32 bits of a 32 x 32 bit product. Products of halves fit into 32 bits, so that imul keeps them whole. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // At most (2^16 - 1)^2 + 2^16 - 1: no carry is lost.
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) >>> 0;
  const cross = (Math.imul(aLow, bHigh) + (middle & 0xffff)) >>> 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (cross >>> 16)) >>> 0;
}

/**
 * The random source of one purpose. `purpose` names the use ("rotation", "init"), `key` what it belongs to
 * (epoch, crop, view, ...): whole numbers in [0, 2^32). No two keys of up to three numbers share draws; longer ones are
 * folded and rarely do. A purpose has keys of one length: (1, 2) and (1, 2, 0) are the same key.
 */
export function randomFor(seed: number, purpose: string, ...key: readonly number[]): Random {
  const words = [hashWord(purpose), ...key];
  // More than four words are folded pairwise; the first stays apart, so purposes never share draws.
  while (words.length > 4) words.splice(1, 2, foldWords(words[1]!, words[2]!));
  return philoxRandom([seed >>> 0, words[0]!], [words[3] ?? 0, words[1] ?? 0, words[2] ?? 0]);
}

/** The draws of one stream: blocks of the counter [0, 2^32) beside the stream's three words. */
function philoxRandom(key: readonly [number, number], stream: readonly [number, number, number]): Random {
  const block = new Uint32Array(4);
  const counter: [number, number, number, number] = [0, ...stream];
  let next = 4;
  let spareNormal: number | undefined;
  const word = (): number => {
    if (next === 4) {
      philox4x32(counter, key, block);
      counter[0] += 1;
      next = 0;
    }
    return block[next++]!;
  };
  const uniform = () => word() / 2 ** 32;
  const integer = (end: number) => Math.floor(uniform() * end);
  const normal = () => {
    if (spareNormal !== undefined) {
      const value = spareNormal;
      spareNormal = undefined;
      return value;
    }
    // 1 - u lies in (0, 1], so the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const permutation = (length: number) => {
    // Plain loops: probes shuffle twenty thousand rows hundreds of times.
    const order = new Uint32Array(length);
    for (let index = 0; index < length; index++) order[index] = index;
    for (let last = length - 1; last > 0; last--) {
      const other = integer(last + 1);
      const moved = order[last]!;
      order[last] = order[other]!;
      order[other] = moved;
    }
    return order;
  };
  return {
    uniform,
    uniformBetween: (low, high) => low + (high - low) * uniform(),
    normal,
    integer,
    chance: (p) => uniform() < p,
    permutation,
  };
}

/** FNV-1a, 32 bits. */
function hashWord(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

function foldWords(a: number, b: number): number {
  const out = new Uint32Array(4);
  philox4x32([a >>> 0, b >>> 0, 0, 0], [0x5eed, 0xf01d], out);
  return out[0]!;
}
