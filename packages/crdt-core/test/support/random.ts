/** A seeded source of choices: the same seed, the same choices, on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 1;
    for (let warmUp = 0; warmUp < 8; warmUp++) this.#next();
  }

  /** An integer in [0, below). */
  int(below: number): number {
    return this.#next() % below;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.int(times) === 0;
  }

  /** One of `items`. */
  pick<T>(items: readonly T[]): T {
    return items[this.int(items.length)];
  }

  /** `items` in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.int(rest.length), 1)[0]);
  }

  // Marsaglia 2003, "Xorshift RNGs": period 2^32 - 1, plenty for a test.
  #next(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return this.#state >>> 0;
  }
}

/** The seeds 1 to `count`; `SEED=7 npx vitest run ...` replays that one alone. */
export function seeds(count: number): number[] {
  const { SEED } = process.env;
  return SEED === undefined ? Array.from({ length: count }, (_, index) => index + 1) : [Number(SEED)];
}

/** The seeds 1 to `count` in blocks of at most 100, as `[first, last]`; `FROM=` begins elsewhere, `SEED=7` plays that one alone. */
export function blocksOfSeeds(count: number): [first: number, last: number][] {
  const { SEED, FROM = "1" } = process.env;
  if (SEED !== undefined) return [[Number(SEED), Number(SEED)]];
  const [from, end] = [Number(FROM), Number(FROM) + count];
  const blocks: [number, number][] = [];
  for (let first = from; first < end; first += 100) blocks.push([first, Math.min(first + 99, end - 1)]);
  return blocks;
}
