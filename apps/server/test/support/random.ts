/** Reproducible randomness for tests. The same seed gives the same numbers on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, below). */
  int(below: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** mulberry32 by Tommy Ettinger: 32 bits of state, enough for a test and short enough to read. */
export function random(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number) => Math.floor(next() * below);
  return { next, int, pick: (choices) => choices[int(choices.length)]! };
}

/** The seed of a random test: `SEED` in the environment replays a failure. */
export function seedOr(fallback: number): number {
  return Number(process.env["SEED"] ?? fallback);
}

/** The seeds of a random test: `count` of them, or the one that `SEED` names. */
export function seeds(count: number, from = 1): number[] {
  const { SEED: only } = process.env;
  return only === undefined ? Array.from({ length: count }, (_, at) => at + from) : [Number(only)];
}
