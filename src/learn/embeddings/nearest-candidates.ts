// The k smallest scores of one query, with all that rounding could have put among them by mistake.

/** Candidates of one query. Scores are float32, each wrong by at most `slack`. */
export class NearestCandidates {
  readonly #k: number;
  readonly #slack: number;
  readonly #ceiling: number;
  /** The k smallest scores so far, in order; infinity where there are fewer. */
  readonly #smallest: Float64Array;
  #places: number[] = [];
  #scores: number[] = [];

  /** `ceiling`: a score above which none can be, however few there are. */
  constructor(k: number, slack: number, ceiling = Number.POSITIVE_INFINITY) {
    this.#k = k;
    this.#slack = slack;
    this.#ceiling = ceiling;
    this.#smallest = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  }

  /** Scores above this can belong to none of the k nearest. */
  get limit(): number {
    return Math.min(this.#ceiling, this.#smallest[this.#k - 1]! + this.#slack) + this.#slack;
  }

  /** Takes a score that is not above the limit. */
  add(place: number, score: number): void {
    this.#places.push(place);
    this.#scores.push(score);
    if (score < this.#smallest[this.#k - 1]!) this.#insert(score);
    if (this.#places.length > 8 * this.#k + 64 && this.#places.length % this.#k === 0) this.#prune();
  }

  /** Places of all that may be among the k nearest, in the order they came. */
  candidates(): readonly number[] {
    this.#prune();
    return this.#places;
  }

  #insert(score: number): void {
    let at = this.#k - 1;
    for (; at > 0 && this.#smallest[at - 1]! > score; at--) this.#smallest[at] = this.#smallest[at - 1]!;
    this.#smallest[at] = score;
  }

  #prune(): void {
    const { limit } = this;
    const kept = this.#scores.flatMap((score, index) => (score <= limit ? [index] : []));
    this.#places = kept.map((index) => this.#places[index]!);
    this.#scores = kept.map((index) => this.#scores[index]!);
  }
}
