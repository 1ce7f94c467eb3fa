// A count that grows while others wait for it.

/** How much of something has arrived. */
export class ArrivalCount {
  #count = 0;
  #failure: Error | undefined;
  #waiting: { readonly count: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  /** Resolves when `count` have arrived; rejects when that will not be. */
  async until(count: number): Promise<void> {
    if (count <= this.#count) return;
    if (this.#failure) throw this.#failure;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ count, resolve, reject }));
  }

  reach(count: number): void {
    this.#count = count;
    for (const one of this.#waiting) if (one.count <= count) one.resolve();
    this.#waiting = this.#waiting.filter((one) => one.count > count);
  }

  fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting = [];
  }
}
