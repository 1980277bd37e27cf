/** A stream of numbers that a seed repeats exactly. */
export interface Random {
  /** An integer in [0, below). */
  int(below: number): number;
  pick<T>(items: readonly T[]): T;
}

/** @see Tommy Ettinger 2017, "mulberry32". */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const int = (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
  return { int, pick: (items) => items[int(items.length)]! };
}

/** The seeds of a random test: 1 to `count`, or the one that `SEED=` names. */
export function seeds(count: number): number[] {
  const { SEED: only } = process.env;
  return only === undefined ? Array.from({ length: count }, (_, at) => at + 1) : [Number(only)];
}
