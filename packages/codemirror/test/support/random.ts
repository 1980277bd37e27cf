/** A small seeded generator (mulberry32): the same seed, the same test. */
export interface Random {
  /** An integer in [0, below). */
  int(below: number): number;
  pick<T>(from: readonly T[]): T;
}

export function random(seed: number): Random {
  let state = seed >>> 0;
  const int = (below: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
  return { int, pick: (from) => from[int(from.length)]! };
}

/** Seeds 1 to `count`, or the one in `SEED=`. */
export function seeds(count: number): number[] {
  const { SEED: one } = process.env;
  return one === undefined ? Array.from({ length: count }, (_, i) => i + 1) : [Number(one)];
}
