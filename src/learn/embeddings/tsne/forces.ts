// The forces of t-SNE on points of a plane: neighbours attract, all points repel (van der Maaten 2014, equations 5 and 8).
import type { Affinities } from "./affinities.ts";
import { quadTree } from "./quad-tree.ts";

/** A square acts as one point where its side is at most this share of its distance. */
const THETA = 0.5;

/** Adds to forces [N, 2] what pulls points [N, 2] towards their neighbours: the sum of p q (y_j - y_i), q = 1 / (1 + |y_i - y_j|²). */
export function attractInPlace(forces: Float64Array, points: Float64Array, { starts, others, values }: Affinities): void {
  const N = starts.length - 1;
  for (let i = 0; i < N; i++) {
    const x = points[2 * i]!;
    const y = points[2 * i + 1]!;
    let forceX = 0;
    let forceY = 0;
    for (let at = starts[i]!, end = starts[i + 1]!; at < end; at++) {
      const j = 2 * others[at]!;
      const dx = points[j]! - x;
      const dy = points[j + 1]! - y;
      const pull = values[at]! / (1 + dx * dx + dy * dy);
      forceX += pull * dx;
      forceY += pull * dy;
      forces[j]! -= pull * dx;
      forces[j + 1]! -= pull * dy;
    }
    forces[2 * i]! += forceX;
    forces[2 * i + 1]! += forceY;
  }
}

/** Writes to forces [N, 2] what drives points apart, the sum of q² (y_i - y_j), and returns Z, the sum of q over all pairs in both orders. */
export function repelInPlace(forces: Float64Array, points: Float64Array): number {
  const { numNodes, centres, counts, squaredSides, skips, order } = quadTree(points);
  const factor = 1 / THETA ** 2;
  let total = 0;
  for (let place = 0; place < order.length; place++) {
    const i = 2 * order[place]!;
    const x = points[i]!;
    const y = points[i + 1]!;
    let forceX = 0;
    let forceY = 0;
    let sum = 0;
    for (let node = 0; node < numNodes; ) {
      const dx = x - centres[2 * node]!;
      const dy = y - centres[2 * node + 1]!;
      const square = dx * dx + dy * dy;
      if (squaredSides[node]! * factor > square) {
        node++;
        continue;
      }
      const q = 1 / (1 + square);
      const weight = counts[node]! * q;
      sum += weight;
      forceX += weight * q * dx;
      forceY += weight * q * dy;
      node = skips[node]!;
    }
    forces[i] = forceX;
    forces[i + 1] = forceY;
    total += sum - 1; // less the point's own
  }
  return total;
}

/** KL divergence of the plane's affinities q / Z from those of the rows, in nats. */
export function divergence(points: Float64Array, { starts, others, values }: Affinities, Z: number): number {
  let sum = 0;
  for (let i = 0; i < starts.length - 1; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      const j = others[at]!;
      const square = (points[2 * i]! - points[2 * j]!) ** 2 + (points[2 * i + 1]! - points[2 * j + 1]!) ** 2;
      if (values[at]! > 0) sum += 2 * values[at]! * Math.log(values[at]! * Z * (1 + square));
    }
  }
  return sum;
}
