import assert from "node:assert/strict";
import { test } from "node:test";
import { philox4x32, randomFor } from "#base/array";

type Four = [number, number, number, number];

/** Random123's kat_vectors, rows "philox4x32 10": counter, key, result. */
const KNOWN_ANSWERS: readonly { readonly counter: Four; readonly key: [number, number]; readonly result: Four }[] = [
  { counter: [0, 0, 0, 0], key: [0, 0], result: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    result: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    result: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

function block(counter: Four, key: [number, number]): number[] {
  const words = new Uint32Array(4);
  philox4x32(counter, key, words);
  return [...words];
}

/** Philox4x32-10 straight from the paper's definition (Salmon et al. 2011, section 3.3), in whole numbers without bounds. */
function plainPhilox(counter: Four, key: [number, number]): number[] {
  const word = (value: bigint) => value & 0xffffffffn;
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const first = 0xd2511f53n * c0;
    const second = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(second >> 32n) ^ c1 ^ k0, word(second), (first >> 32n) ^ c3 ^ k1, word(first)];
    [k0, k1] = [word(k0 + 0x9e3779b9n), word(k1 + 0xbb67ae85n)];
  }
  return [c0, c1, c2, c3].map(Number);
}

/** FNV-1a, 32 bits, of ASCII text (Fowler, Noll, Vo). */
function plainHash(text: string): number {
  const hash = [...text].reduce((h, letter) => ((h ^ BigInt(letter.charCodeAt(0))) * 0x01000193n) & 0xffffffffn, 0x811c9dc5n);
  return Number(hash);
}

test("Philox4x32-10 gives the known answers of Random123", () => {
  for (const { counter, key, result } of KNOWN_ANSWERS) assert.deepEqual(block(counter, key), result);
});

test("Philox4x32-10 equals its definition in unbounded whole numbers", () => {
  const random = randomFor(1, "counters");
  const word = () => random.integer(2 ** 32);
  for (let repeat = 0; repeat < 300; repeat++) {
    const counter: Four = [word(), word(), word(), word()];
    const key: [number, number] = [word(), word()];
    assert.deepEqual(block(counter, key), plainPhilox(counter, key));
  }
});

test("a stream's draws are the Philox blocks of its seed, purpose and key, so keys of three numbers never share them", () => {
  const random = randomFor(42, "views", 7, 19553, 9);
  for (const counter of [0, 1, 2]) {
    for (const word of plainPhilox([counter, 9, 7, 19553], [42, plainHash("views")]))
      assert.equal(random.uniform(), word / 2 ** 32);
  }
  const short = randomFor(42, "views");
  for (const word of plainPhilox([0, 0, 0, 0], [42, plainHash("views")])) assert.equal(short.uniform(), word / 2 ** 32);
});
