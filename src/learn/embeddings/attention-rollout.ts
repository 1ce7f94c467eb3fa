// What the class token has seen by the last block, through all blocks (Abnar & Zuidema 2020, attention rollout).

/**
 * Attention of the class token [N] rolled back through the blocks: each block's attention, averaged over its heads, mixes tokens by
 * (A + I) / 2, the residual branch counting as much as the attention. `blocks` [N, N] in order, without the last, whose class row is
 * `lastRow` [N].
 */
export function attentionRollout(blocks: readonly ArrayLike<number>[], lastRow: ArrayLike<number>): Float64Array {
  const N = lastRow.length;
  let row = Float64Array.from(lastRow, (value, token) => (value + (token === 0 ? 1 : 0)) / 2);
  for (const block of blocks.toReversed()) {
    const next = new Float64Array(N);
    for (let token = 0; token < N; token++) {
      const weight = row[token]! / 2;
      next[token]! += weight;
      for (let other = 0, index = token * N; other < N; other++, index++) next[other]! += weight * block[index]!;
    }
    row = next;
  }
  return row;
}
