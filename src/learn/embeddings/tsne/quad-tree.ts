// Points of a plane in squares of squares, so that far ones act as one (Barnes & Hut 1986; for t-SNE van der Maaten 2014).

/** Squares of a tree in depth-first order; a square that holds one place is a leaf. */
export interface QuadTree {
  readonly numNodes: number;
  /** Mean of the points of each square: x and y in turn. */
  readonly centres: Float64Array;
  readonly counts: Float64Array;
  /** The squared side of each square; below zero for leaves. */
  readonly squaredSides: Float64Array;
  /** The square that comes after all that lie within this one. */
  readonly skips: Int32Array;
  /** The points by the square they lie in, so that neighbours of the plane come one after another. */
  readonly order: Int32Array;
}

/** Bits of a place along each axis: points in one square of so many halvings count as being at one place. */
const BITS = 16;
/** Point numbers below this fit beside a code into the 53 bits that a float64 keeps. */
const MAX_POINTS = 2 ** (53 - 2 * BITS);

/** The tree of points [N, 2], x and y in turn. Throws RangeError for more than two million points. */
export function quadTree(points: Float64Array): QuadTree {
  const N = points.length / 2;
  if (N > MAX_POINTS) throw new RangeError(`t-SNE: expected at most ${MAX_POINTS} points, got ${N}. Give a part of them.`);
  const { codes, order, side } = sortedCodes(points, N);
  const [centres, counts, squaredSides, skips] = [
    new Float64Array(4 * N),
    new Float64Array(2 * N),
    new Float64Array(2 * N),
    new Int32Array(2 * N),
  ];
  let numNodes = 0;

  /** Adds the square that just holds the sorted points from `start` to `end`. */
  const addSquare = (start: number, end: number): void => {
    const node = numNodes++;
    const [first, last] = [codes[start]!, codes[end - 1]!];
    let [x, y] = [0, 0];
    if (first === last) {
      for (let place = start; place < end; place++) {
        x += points[2 * order[place]!]!;
        y += points[2 * order[place]! + 1]!;
      }
      squaredSides[node] = -1;
    } else {
      // The highest pair of bits in which the codes differ tells the quarter they part in.
      const shift = (31 - Math.clz32(first ^ last)) & ~1;
      squaredSides[node] = (side * 2 ** (shift / 2 + 1 - BITS)) ** 2;
      for (let from = start; from < end; ) {
        const to = endOfQuarter(codes, from, end, shift);
        const child = numNodes;
        addSquare(from, to);
        x += centres[2 * child]! * counts[child]!;
        y += centres[2 * child + 1]! * counts[child]!;
        from = to;
      }
    }
    counts[node] = end - start;
    centres[2 * node] = x / (end - start);
    centres[2 * node + 1] = y / (end - start);
    skips[node] = numNodes;
  };
  addSquare(0, N);
  return { numNodes, centres, counts, squaredSides, skips, order };
}

/** Points sorted by their Morton codes, and the side of the square that holds them all. */
function sortedCodes(points: Float64Array, N: number) {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let index = 0; index < 2 * N; index += 2) {
    left = Math.min(left, points[index]!);
    right = Math.max(right, points[index]!);
    bottom = Math.min(bottom, points[index + 1]!);
    top = Math.max(top, points[index + 1]!);
  }
  // A little wider, so that the outermost points lie within.
  const side = Math.max(right - left, top - bottom, Number.MIN_VALUE) * (1 + 1e-9);
  const scale = 2 ** BITS / side;
  const keys = new Float64Array(N);
  for (let point = 0; point < N; point++) {
    const [column, row] = [(points[2 * point]! - left) * scale, (points[2 * point + 1]! - bottom) * scale];
    keys[point] = ((spread(column) | (spread(row) << 1)) >>> 0) * MAX_POINTS + point;
  }
  keys.sort();
  const codes = new Uint32Array(N);
  const order = new Int32Array(N);
  for (let place = 0; place < N; place++) {
    codes[place] = keys[place]! / MAX_POINTS;
    order[place] = keys[place]! % MAX_POINTS;
  }
  return { codes, order, side };
}

/** The 16 bits of a number's whole part, a gap after each. */
function spread(value: number): number {
  let bits = value & 0xffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

/** Where the codes from `from` on leave their quarter: the bits from `shift` on change. */
function endOfQuarter(codes: Uint32Array, from: number, end: number, shift: number): number {
  const quarter = codes[from]! >>> shift;
  let [low, high] = [from + 1, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (codes[middle]! >>> shift === quarter) low = middle + 1;
    else high = middle;
  }
  return low;
}
