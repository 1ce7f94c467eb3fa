// The k smallest scores of every query, with all that rounding could have put among them by mistake.

/** Candidates of Q queries. A score is wrong by at most the slack that it came with. */
export class NearestCandidates {
  readonly #k: number;
  /** [Q, k]: the smallest scores so far, in order; infinity where there are fewer. */
  readonly #smallest: Float64Array;
  /** [Q]: the greatest slack that came so far. */
  readonly #slacks: Float64Array;
  /** [Q]: scores above can belong to none of the k nearest, as both they and the k-th may be wrong by the slack. */
  readonly #limits: Float64Array;
  readonly #counts: Int32Array;
  #capacity: number;
  /** [Q, capacity] */
  #places: Int32Array;
  #scores: Float64Array;

  constructor(numQueries: number, k: number) {
    this.#k = k;
    this.#smallest = new Float64Array(numQueries * k).fill(Number.POSITIVE_INFINITY);
    this.#slacks = new Float64Array(numQueries);
    this.#limits = new Float64Array(numQueries).fill(Number.POSITIVE_INFINITY);
    this.#counts = new Int32Array(numQueries);
    this.#capacity = 2 * k + 32;
    this.#places = new Int32Array(numQueries * this.#capacity);
    this.#scores = new Float64Array(numQueries * this.#capacity);
  }

  /** Told before scores of a query come that may be wrong by more than those before. */
  expectSlack(query: number, slack: number): void {
    if (slack <= this.#slacks[query]!) return;
    this.#slacks[query] = slack;
    this.#updateLimit(query);
  }

  /** Takes the scores `offsets` less `products` of one query with the rows from `start` on, but for row `skipped` (-1: none). */
  takeRow(
    query: number,
    { offsets, products }: { readonly offsets: Float64Array; readonly products: Float32Array },
    { start, skipped }: { readonly start: number; readonly skipped: number },
  ): void {
    const limits = this.#limits;
    for (let index = 0; index < products.length; index++) {
      const score = offsets[index]! - products[index]!;
      if (score <= limits[query]! && start + index !== skipped) this.#add(query, start + index, score);
    }
  }

  /** Takes the scores `offset` less `products` of one row with the queries from `first` on. */
  takeColumn(
    row: number,
    { offset, products }: { readonly offset: number; readonly products: Float32Array },
    first: number,
  ): void {
    const limits = this.#limits;
    for (let index = 0; index < products.length; index++) {
      const score = offset - products[index]!;
      if (score <= limits[first + index]!) this.#add(first + index, row, score);
    }
  }

  /** Rows of all that may be among the k nearest of a query, in the order they came. */
  candidates(query: number): Int32Array {
    this.#prune(query);
    const from = query * this.#capacity;
    return this.#places.subarray(from, from + this.#counts[query]!);
  }

  #updateLimit(query: number): void {
    this.#limits[query] = this.#smallest[(query + 1) * this.#k - 1]! + 2 * this.#slacks[query]!;
  }

  #add(query: number, place: number, score: number): void {
    if (this.#counts[query]! === this.#capacity) {
      this.#prune(query);
      // Rows that are all alike leave nothing to prune.
      if (this.#counts[query]! > this.#capacity - this.#k / 2) this.#grow();
    }
    const at = query * this.#capacity + this.#counts[query]!++;
    this.#places[at] = place;
    this.#scores[at] = score;
    if (score < this.#smallest[(query + 1) * this.#k - 1]!) this.#insert(query, score);
  }

  #insert(query: number, score: number): void {
    const smallest = this.#smallest;
    const first = query * this.#k;
    let at = first + this.#k - 1;
    for (; at > first && smallest[at - 1]! > score; at--) smallest[at] = smallest[at - 1]!;
    smallest[at] = score;
    this.#updateLimit(query);
  }

  #prune(query: number): void {
    const limit = this.#limits[query]!;
    const from = query * this.#capacity;
    let kept = from;
    for (let at = from; at < from + this.#counts[query]!; at++) {
      if (this.#scores[at]! > limit) continue;
      this.#places[kept] = this.#places[at]!;
      this.#scores[kept] = this.#scores[at]!;
      kept += 1;
    }
    this.#counts[query] = kept - from;
  }

  #grow(): void {
    const [old, places, scores] = [this.#capacity, this.#places, this.#scores];
    this.#capacity = 2 * old;
    this.#places = new Int32Array(2 * places.length);
    this.#scores = new Float64Array(2 * scores.length);
    for (let query = 0; query < this.#counts.length; query++) {
      this.#places.set(places.subarray(query * old, (query + 1) * old), query * this.#capacity);
      this.#scores.set(scores.subarray(query * old, (query + 1) * old), query * this.#capacity);
    }
  }
}
